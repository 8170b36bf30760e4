"""O-information estimated from samples, with standard errors and a null."""

import numpy as np
from array_api_compat import array_namespace, is_torch_array

from mixlib.arrays import generator, whole
from mixlib.information.choice import choose_estimator
from mixlib.information.estimators import ESTIMATORS
from mixlib.information.result import MEASURES, Information, check_units
from mixlib.information.table import read_table
from mixlib.information.uncertainty import METHODS, shuffle_null, standard_errors, two_sided_p, warn_of_series


def o_information(
    samples,
    estimator="gaussian",
    *,
    units="nats",
    groups=None,
    rng=None,
    error="auto",
    resamples=50,
    null=0,
    block=None,
    gradient=True,
    **options,
):
    r"""O-information of samples: whether their columns share information redundantly or synergistically.

    ================= ========================================= ===================================================
    estimator         right for                                 fails where
    ================= ========================================= ===================================================
    "gaussian"        jointly normal columns                    dependence is not linear
    "gaussian-copula" the same after any increasing transform   dependence has no part in pairs: it gives 0 for XOR
    "ksg"             continuous columns, up to about six       columns are many or samples few: too close to 0
    "plugin"          few discrete states                       states are as many as samples: invents synergy
    "score"           continuous columns, any dependence        time is short: it trains a network
    ================= ========================================= ===================================================

    Source: Rosas et al. 2019; Kraskov et al. 2004 for "ksg", Bounoua et al. 2024 for "score".

    Parameters
    ----------
    samples : array (T, N), list of rows or DataFrame
        ``T`` independent samples of ``N`` columns. Columns of a frame may be nullable or categorical.
    estimator : {"gaussian", "gaussian-copula", "ksg", "plugin", "score", "auto"}, default="gaussian"
        "gaussian": sample covariance, with the exact bias of Gaussian samples removed. "gaussian-copula": the same of
        the normal quantiles of ranks. "ksg": k nearest neighbours among these quantiles. "plugin": relative
        frequencies of discrete values with the Miller-Madow correction. "score": a network that learns the score.
        "auto" looks at the data; the result's ``estimator`` and ``note`` say what was chosen and why.
    units : {"nats", "bits"}, default="nats"
        Unit of the result.
    groups : None, list of lists, or dict of lists, default=None
        Columns (numbers, or names in a DataFrame) that together form one variable; keys of a dict name the variables.
        Columns in no group are left out.
    rng : None, int or numpy.random.Generator, default=None
        Deals and draws samples, breaks ties for "ksg", trains "score"; ``None`` is seed 0.
    error : {"auto", "jackknife", "bootstrap", None}, default="auto"
        Where standard errors come from. "auto" is the jackknife for "gaussian", "gaussian-copula" and "plugin",
        half samples for "ksg", and for "score" the spread of what its network says of single samples. A bootstrap of
        "ksg" and "score" uses half samples too: they do not bear rows twice. Errors include the bias that the
        estimator leaves, as far as the same samples tell; it stands in the result's ``bias``.
        For "ksg" and "score" that is rough: where the density jumps, more bias may be left than the error holds.
    resamples : int, default=50
        Of the bootstrap, or number of half samples. More make the errors steadier and take longer.
    block : None, int or "auto", default=None
        For rows that are a series: standard errors from a bootstrap of blocks of so many successive rows ("auto" takes
        the number from their autocorrelation), instead of ``error``. With ``None`` rows count as independent, with a
        warning if they plainly are not.
    null : int, default=0
        How often to shuffle, for the result's ``null`` and ``p_value``; 0 for not at all. The smallest p-value is
        ``2 / (null + 1)``.
    gradient : bool, default=True
        Whether to measure what each variable adds to Omega. ``False`` leaves it NaN and is several times as fast for
        "ksg" and "score".
    **options
        "ksg": ``k=3`` neighbours; ``scores=False`` takes distances in the samples' own units. "plugin":
        ``correction=None`` leaves Miller-Madow out; ``bins=8`` cuts continuous columns into eight of equal counts.
        "score": ``steps``, ``max_seconds``, ``predictions``, ``device`` and ``progress`` of
        :func:`mixlib.information.estimators.score.learned.score_o_information`.

    Returns
    -------
    Information
        Numbers of the samples' kind: floats and an array, or torch tensors (no gradients flow).

    Raises
    ------
    ValueError
        If a value is missing or text, a column is constant, samples are too few, an option is unknown, or the data
        are not of the estimator's kind: dependent columns where these make information infinite, continuous columns
        for "plugin", categories without an order for the Gaussian ones.

    Examples
    --------
    >>> import numpy as np
    >>> import mixlib
    >>> x, y, noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> result = mixlib.o_information(np.column_stack([x, y, x + y + noise]))
    >>> print(f"{result.omega:.2f} ± {result.standard_error:.2f} nats")  # negative: the sum is synergistic
    -0.12 ± 0.02 nats
    """
    check_units(units)
    if estimator != "auto" and estimator not in ESTIMATORS:
        raise ValueError(f"estimator: got {estimator!r}, expected one of {', '.join(map(repr, ESTIMATORS))} or 'auto'")
    if error not in METHODS:
        raise ValueError(f"error: got {error!r}, expected one of {', '.join(map(repr, METHODS))}")
    whole(resamples, "resamples", 2)
    whole(null, "null", 0)
    rng = generator(rng)
    table = read_table(samples, groups)
    why = ""
    if estimator == "auto":
        estimator, why = choose_estimator(table, rng)
    kind = ESTIMATORS[estimator]
    _check_options(estimator, kind.options(), options)
    if "device" in kind.options() and is_torch_array(samples):
        options.setdefault("device", samples.device.type)
    if "gradient" in kind.options():
        options["gradient"] = gradient

    def make(values):
        return kind(values, table.groups, rng, **options)

    fitted = make(table.values)
    fitted.check(table)
    totals = fitted.totals([np.arange(len(table.values))])
    series = "" if block is not None else warn_of_series(table.values)
    found = standard_errors(fitted, error, rng=rng, resamples=resamples, block=block)
    shuffled = shuffle_null(make, table.values, table.groups, rng=rng, shuffles=null) if null else None
    numbers = {name: float(totals[name][0]) for name in MEASURES}
    numbers["gradient"] = fitted.gradient() if gradient else np.full(len(table.groups), np.nan)
    if is_torch_array(samples):
        numbers = {name: _like(samples, value) for name, value in numbers.items()}
    return Information(
        **numbers,
        standard_error=found.errors.get("omega", float("nan")),
        estimator=estimator,
        n_samples=len(table.values),
        errors=found.errors,
        bias=found.bias,
        error_method=found.how,
        null=shuffled,
        p_value=None if shuffled is None else two_sided_p(totals["omega"][0], shuffled),
        variables=table.variables,
        note="; ".join(filter(None, (why, fitted.note, found.note, series))),
    ).to(units)


def _check_options(estimator, known, options):
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ValueError(
            f"{unknown[0]}: is no option of estimator {estimator!r}, which has {', '.join(known) or 'none'}"
        )


def _like(samples, value):
    xp = array_namespace(samples)
    dtype = samples.dtype if xp.isdtype(samples.dtype, "real floating") else xp.float64
    return xp.asarray(value, dtype=dtype, device=samples.device)

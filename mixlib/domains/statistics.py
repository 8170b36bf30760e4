"""Statistics: beliefs that are pooled, models that are averaged by how likely they are, and risks that are shared."""

from math import comb

import numpy as np

from mixlib.arrays import whole
from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain
from mixlib.kernels.stochastic import Stochastic
from mixlib.simplex import check_weights

BALLS, DRAWN, WHITE = 10, 5, 4  # of an urn of unknown contents
DRAWS = 10_000


def pooled(weights, means, spreads):
    r"""Mean and standard deviation of the linear pool of forecasts.

    .. math:: m = \sum_i w_i m_i, \qquad s^2 = \sum_i w_i s_i^2 + \sum_i w_i (m_i - m)^2

    What the forecasts disagree about is added to their uncertainty.

    Source: Stone 1961.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex.
    means, spreads : array_like (n,)
        Of the forecasts.

    Examples
    --------
    >>> from mixlib.domains.statistics import pooled
    >>> [round(float(x), 3) for x in pooled([0.5, 0.5], [0, 2], [1, 1])]
    [1.0, 1.414]
    """
    weights, means, spreads = _read(weights, means, spreads)
    mean = weights @ means
    return mean, np.sqrt(weights @ spreads**2 + (weights * (means - mean[..., None]) ** 2).sum(axis=-1))


def log_pooled(weights, means, spreads):
    r"""Mean and standard deviation of the logarithmic pool of normal forecasts.

    .. math:: s^{-2} = \sum_i w_i s_i^{-2}, \qquad m = s^2 \sum_i w_i m_i s_i^{-2}

    It lies between the forecasts in both, whatever they disagree about.

    Source: Genest & Zidek 1986.

    Examples
    --------
    >>> from mixlib.domains.statistics import log_pooled
    >>> [round(float(x), 3) for x in log_pooled([0.5, 0.5], [0, 2], [1, 1])]
    [1.0, 1.0]
    """
    weights, means, spreads = _read(weights, means, spreads)
    precision = weights @ spreads**-2.0
    return weights @ (means * spreads**-2.0) / precision, precision**-0.5


def portfolio(weights, means, spreads, correlation):
    r"""Expected return and risk of a portfolio, whose return is the average of those of its assets.

    .. math:: m = \sum_i w_i m_i, \qquad s^2 = \sum_{ij} w_i w_j \rho_{ij} s_i s_j

    Of two assets some portfolio has less risk than both if and only if :math:`\rho < s_1 / s_2`, where
    :math:`s_1 \le s_2`.

    Source: Markowitz 1952.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex.
    means, spreads : array_like (n,)
        Expected returns and their standard deviations.
    correlation : float or array_like (n, n)
        Of the returns; a number is that of every pair.

    Examples
    --------
    >>> from mixlib.domains.statistics import portfolio
    >>> [round(float(x), 3) for x in portfolio([0.5, 0.5], [0, 2], [1, 1], 0.0)]
    [1.0, 0.707]
    """
    weights, means, spreads = _read(weights, means, spreads)
    together = np.asarray(correlation, dtype=float)
    if together.ndim == 0:
        together = np.where(np.eye(len(means), dtype=bool), 1.0, together)
    if together.shape != (len(means),) * 2 or np.linalg.eigvalsh(together).min() < -1e-9:
        raise ValueError(f"correlation: no correlations of {len(means)} assets; give a number or a matrix of them")
    risks = weights * spreads
    return weights @ means, np.sqrt(np.maximum((risks @ together * risks).sum(axis=-1), 0))


def urn(balls, drawn, white, prior=None):
    r"""Bayesian model averaging in an urn: how likely each content is, and the chance that it gives the next ball.

    .. math:: w_k \propto \pi_k \binom{k}{r} \binom{N - k}{d - r}, \qquad p_k = \frac{k - r}{N - d}

    Parameters
    ----------
    balls, drawn, white : int
        In the urn, drawn from it, and white ones among these.
    prior : None or array_like (balls + 1,), default=None
        The chance of 0, 1, ... white balls in the urn; ``None`` is the same for all.

    Returns
    -------
    weights, parts : array (n,), array (n, 1)
        Of the contents that are still possible, the whitest first.

    Examples
    --------
    >>> from mixlib.domains.statistics import urn
    >>> weights, parts = urn(10, 5, 4)
    >>> print(f"{weights @ parts[:, 0]:.4f}")  # as Laplace's rule says, 5/7
    0.7143
    """
    prior = _prior(balls, drawn, white, prior)
    contents = np.arange(balls - drawn + white, white - 1, -1)
    contents = contents[prior[contents] > 0]
    weights = np.array([prior[k] * comb(k, white) * comb(balls - k, drawn - white) for k in contents.tolist()])
    if not len(contents):
        raise ValueError("prior: gives no chance to any content from which these balls can be drawn")
    return weights / weights.sum(), ((contents - white) / (balls - drawn))[:, None]


def urn_by_counting(balls, drawn, white, prior=None):
    """The chance that the next ball is white, by going through all orders in which an urn can be emptied.

    Another route to the average of :func:`urn`: no model is weighed, orders are counted.

    Examples
    --------
    >>> from mixlib.domains.statistics import urn_by_counting
    >>> print(f"{urn_by_counting(10, 5, 4):.4f}")
    0.7143
    """
    prior = _prior(balls, drawn, white, prior)
    orders = (np.arange(2**balls)[:, None] >> np.arange(balls)) & 1  # 1 is white
    inside = orders.sum(axis=1)
    chance = prior[inside] / np.array([comb(balls, k) for k in range(balls + 1)])[inside]
    seen = orders[:, :drawn].sum(axis=1) == white
    return float((chance * seen * orders[:, drawn]).sum() / (chance * seen).sum())


def regressions(inputs, targets, include=0.5):
    r"""Bayesian model averaging over the linear regressions on all subsets of the inputs.

    .. math:: w_\gamma \propto \pi^{p_\gamma} (1 - \pi)^{d - p_\gamma}
              \frac{(1 + n)^{(n - 1 - p_\gamma) / 2}}{(1 + n (1 - R_\gamma^2))^{(n - 1) / 2}}

    with Zellner's prior of the weight of one case, under which coefficients are those of least squares times
    :math:`n / (n + 1)`.

    Source: Liang et al. 2008.

    Parameters
    ----------
    inputs : array (n, d)
        At most 12 columns.
    targets : array (n,)
    include : float, default=0.5
        The prior chance of each input to be in the model; one half makes all models alike.

    Returns
    -------
    weights : array (2^d,)
        How likely each model is.
    predict : callable
        ``predict(inputs)`` gives the predictions (2^d, m) of all models.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.statistics import regressions
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> weights, predict = regressions(x, x[:, 0] + 0.1 * x[:, 1] ** 2)
    >>> int(weights.argmax()), predict(x[:3]).shape  # the model with the first input alone
    (1, (4, 3))
    """
    inputs, targets = np.asarray(inputs, dtype=float), np.asarray(targets, dtype=float)
    n, d = inputs.shape
    if d > 12:
        raise ValueError(f"inputs: {d} columns have {2**d:,} subsets; choose at most 12")
    if not 0 < include < 1:
        raise ValueError(f"include: got {include!r}, expected a chance between 0 and 1")
    if n < d + 3:
        raise ValueError(f"inputs: {n} cases are too few for {d} columns; give at least {d + 3}")
    centre, level = inputs.mean(axis=0), targets.mean()
    x, y = inputs - centre, targets - level
    gram, cross, total = x.T @ x, x.T @ y, y @ y
    chosen = ((np.arange(2**d)[:, None] >> np.arange(d)) & 1).astype(bool)
    slopes, explained = np.zeros((2**d, d)), np.zeros(2**d)
    for row, columns in enumerate(chosen):
        if columns.any():
            slopes[row, columns] = np.linalg.solve(gram[np.ix_(columns, columns)], cross[columns])
            explained[row] = slopes[row] @ cross / total
    size = chosen.sum(axis=1)
    log = (n - 1 - size) / 2 * np.log1p(n) - (n - 1) / 2 * np.log1p(n * (1 - explained))
    log = log + size * np.log(include) + (d - size) * np.log1p(-include)
    weights = np.exp(log - log.max())
    return weights / weights.sum(), lambda cases: level + n / (n + 1) * slopes @ (np.asarray(cases) - centre).T


def _read(weights, means, spreads):
    means, spreads = np.asarray(means, dtype=float), np.asarray(spreads, dtype=float)
    if means.ndim != 1 or means.shape != spreads.shape or not np.all(spreads > 0):
        raise ValueError(f"spreads: expected {means.shape} positive numbers, one for each of the means")
    return np.asarray(check_weights(np.asarray(weights, dtype=float), len(means), like=means)), means, spreads


def _prior(balls, drawn, white, prior):
    balls = whole(balls, "balls", 1, 20)
    whole(white, "white", 0, whole(drawn, "drawn", 0, balls - 1))
    prior = np.full(balls + 1, 1 / (balls + 1)) if prior is None else np.asarray(prior, dtype=float)
    return np.asarray(check_weights(prior, balls + 1, like=prior, name="prior"))


PRIOR = np.zeros(BALLS + 1)
PRIOR[WHITE + 1 : BALLS - DRAWN + WHITE] = 1 / (BALLS - DRAWN - 1)  # balls of both colours are left in it
_WEIGHTS, _PARTS = urn(BALLS, DRAWN, WHITE, PRIOR)

DOMAIN = Domain(
    about="what an urn of ten balls holds, of which five were drawn, four of them white, and both colours are left",
    parts=_PARTS,
    weights=_WEIGHTS,
    kernel=Stochastic(rng=0, draws=DRAWS),
    carrier=Euclidean(),
    points="chances that the next ball is white",
    unit="chance of white",
    known=np.array([urn_by_counting(BALLS, DRAWN, WHITE, PRIOR)]),
    tolerance=4 * float(np.sqrt(_WEIGHTS @ (_PARTS[:, 0] - _WEIGHTS @ _PARTS[:, 0]) ** 2)) / np.sqrt(DRAWS),
    source="all orders of ten balls",
    reference="laplace1774",
    route="count",
    constants={
        "balls in the urn": Constant(value=BALLS, unit="balls", source="definition"),
        "drawn, white ones among them": Constant(value=(DRAWN, WHITE), unit="balls", source="definition"),
    },
)

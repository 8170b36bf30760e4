"""The result that every estimator of O-information returns, and how its measures follow from entropies."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from array_api_compat import array_namespace

NATS_PER_UNIT = {"nats": 1.0, "bits": math.log(2)}
NOTHING = 1e-10  # nats, which rounding alone may leave of an Omega that is 0
MEASURES = ("tc", "dtc", "omega", "s_information")


@dataclass(frozen=True)
class Information:
    r"""Information measures of ``n`` variables: total correlation, its dual, and O-information.

    .. math::
        \mathrm{TC} &= \sum_i H(X_i) - H(X), \qquad
        \mathrm{DTC} = H(X) - \sum_i H(X_i \mid X_{-i}), \\
        \Omega &= \mathrm{TC} - \mathrm{DTC}, \qquad
        S = \mathrm{TC} + \mathrm{DTC}, \qquad
        \partial_i \Omega = \Omega(X) - \Omega(X_{-i})

    Values are numbers; torch input gives 0-d tensors, and batched input gives arrays of the batch's shape.

    Source: Rosas et al. 2019; the gradient Scagliarini et al. 2023.

    Attributes
    ----------
    tc, dtc : number or array (...)
        Total correlation and dual total correlation, both >= 0 but for estimation error.
    omega : number or array (...)
        O-information: positive where redundancy prevails, negative where synergy does.
    s_information : number or array (...)
        The sum of both, how strongly the variables depend on each other at all.
    gradient : array (..., n)
        What each variable adds to Omega.
    standard_error : float
        Of ``omega``, its estimated bias included; 0 for exact results, NaN if it was not asked for.
    units : {"nats", "bits"}
        Unit of everything here; :meth:`to` changes it.
    estimator : str
        How the result was found; for ``estimator="auto"`` what was chosen.
    n_samples : int or None
        None for exact results.
    errors : dict
        Standard errors of the four measures by name, each the root of spread squared plus ``bias`` squared.
    bias : dict
        By how much the four measures are off on average, as far as the samples can tell; what is left after the
        estimator's own corrections, and not taken off. Empty where there is none, or where it was not asked for.
    error_method : str
        Where the standard errors come from: "jackknife", "bootstrap", "half samples", "network" for a learned score,
        "bootstrap of blocks of 12" or "halves in blocks of 12" for a series, or "none".
    null : array (shuffles,) or None
        Omega after the rows of each variable were shuffled by themselves, which makes the variables independent.
    p_value : float or None
        Two-sided, of ``omega`` against ``null``: small if variables without any dependence rarely give this Omega.
    variables : tuple of str or None
        Names of the variables, if the samples had any.
    note : str
        What a reader of the number should know: why "auto" chose this estimator, and what makes it doubtful.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information import from_pmf
    >>> xor = np.array([[[0.25, 0.0], [0.0, 0.25]], [[0.0, 0.25], [0.25, 0.0]]])
    >>> result = from_pmf(xor)
    >>> result.to("bits").to_frame().round(3)
                   bits
    tc              1.0
    dtc             2.0
    omega          -1.0
    s_information   3.0
    gradient 0     -1.0
    gradient 1     -1.0
    gradient 2     -1.0
    """

    tc: Any
    dtc: Any
    omega: Any
    s_information: Any
    gradient: Any
    standard_error: float = 0.0
    units: str = "nats"
    estimator: str = "exact"
    n_samples: int | None = None
    errors: dict = field(default_factory=dict)
    bias: dict = field(default_factory=dict)
    error_method: str = "none"
    null: Any = None
    p_value: float | None = None
    variables: tuple | None = None
    note: str = ""

    @property
    def n(self):
        """The number of variables."""
        return self.gradient.shape[-1]

    def to(self, units):
        """The same result in ``"nats"`` or ``"bits"``.

        Raises
        ------
        ValueError
            If ``units`` is neither.
        """
        factor = NATS_PER_UNIT[self.units] / NATS_PER_UNIT[check_units(units)]
        scaled = {name: factor * getattr(self, name) for name in (*MEASURES, "gradient", "standard_error")}
        scaled["errors"] = {name: factor * error for name, error in self.errors.items()}
        scaled["bias"] = {name: factor * bias for name, bias in self.bias.items()}
        scaled["null"] = None if self.null is None else factor * self.null
        return replace(self, **scaled, units=units)

    def to_frame(self):
        """A pandas table, one row a measure and one a gradient entry; batched results give a column an instance.

        The column's name is the unit. Estimates have a second column, ``standard error``, with NaN where it is not
        known, and a third, ``bias``, where one is left and estimated; the error includes it.
        """
        import numpy as np
        import pandas as pd

        from mixlib.arrays import floats

        gradient = floats(self.gradient, "gradient")
        rows = np.concatenate([np.stack([floats(getattr(self, name), name) for name in MEASURES], -1), gradient], -1)
        names = [*MEASURES, *(f"gradient {name}" for name in self.variables or range(self.n))]
        columns = [self.units] if rows.ndim == 1 else [f"{self.units} {k}" for k in range(rows[..., 0].size)]
        frame = pd.DataFrame(rows.reshape(-1, len(names)).T, index=names, columns=columns)
        if self.n_samples is not None:
            frame["standard error"] = pd.Series(self.errors, dtype=float)
        if self.bias:
            frame["bias"] = pd.Series(self.bias, dtype=float)
        return frame

    def __repr__(self):
        values = ", ".join(f"{name}={_show(getattr(self, name))}" for name in MEASURES)
        error = "" if self.n_samples is None else f" ± {self.standard_error:.2g} (omega), {self.n_samples} samples"
        chance = "" if self.p_value is None else f", p={self.p_value:.3g}"
        return f"Information({values}{error}{chance}, {self.units}, {self.estimator})"


def check_units(units):
    """Return ``units``, or raise a ValueError if it is not "nats" or "bits"."""
    if units not in NATS_PER_UNIT:
        raise ValueError(f"units: got {units!r}, expected 'nats' or 'bits'")
    return units


def _show(value):
    if math.prod(getattr(value, "shape", ())) != 1:
        return f"array{tuple(value.shape)}"
    return f"{value.item() if hasattr(value, 'item') else value:.5g}"


def totals_from_entropy(entropy, n):
    r"""TC, DTC, Omega and S of ``n`` variables as a dict, given the entropy of any subset of them.

    .. math:: \Omega = (n - 2)\, H(X) + \sum_i \bigl[ H(X_i) - H(X_{-i}) \bigr]

    ``entropy`` maps a sorted tuple of variables to an array, the values have that array's shape. Two variables give
    exactly Omega 0.

    Source: Rosas et al. 2019.
    """
    everything = tuple(range(n))
    whole = entropy(everything)
    tc = sum(entropy((i,)) for i in everything) - whole
    dtc = sum(entropy(_without(everything, i)) for i in everything) - (n - 1) * whole
    return {"tc": tc, "dtc": dtc, "omega": _o_information(entropy, everything), "s_information": tc + dtc}


def gradient_from_entropy(entropy, n):
    r"""What each of ``n`` variables adds to Omega, :math:`\Omega(X) - \Omega(X_{-i})`: an array (..., n).

    Source: Scagliarini et al. 2023.
    """
    everything = tuple(range(n))
    omega = _o_information(entropy, everything)
    gradient = [omega - _o_information(entropy, _without(everything, i)) for i in everything]
    return array_namespace(omega).stack(gradient, axis=-1)


def measures_from_entropy(entropy, n):
    """All of these as keyword arguments for :class:`~mixlib.information.Information`."""
    return totals_from_entropy(entropy, n) | {"gradient": gradient_from_entropy(entropy, n)}


def _o_information(entropy, variables):
    if len(variables) < 2:
        return 0 * entropy(variables)
    balance = sum(entropy((i,)) - entropy(_without(variables, i)) for i in variables)
    return (len(variables) - 2) * entropy(variables) + balance


def _without(variables, i):
    return tuple(j for j in variables if j != i)

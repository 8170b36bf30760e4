"""The result that every estimator of O-information returns."""

import math
from dataclasses import dataclass, replace
from typing import Any

NATS_PER_UNIT = {"nats": 1.0, "bits": math.log(2)}
MEASURES = ("tc", "dtc", "omega", "s_information")


@dataclass(frozen=True)
class Information:
    r"""How ``n`` variables share information.

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
    tc, dtc : number
        Total correlation and dual total correlation, both >= 0 but for estimation error.
    omega : number
        O-information: positive where redundancy prevails, negative where synergy does.
    s_information : number
        The sum of both, how strongly the variables depend on each other at all.
    gradient : array (..., n)
        What each variable adds to Omega.
    standard_error : float
        Of ``omega``; 0 for exact results.
    units : {"nats", "bits"}
    estimator : str
    n_samples : int or None
        None for exact results.
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

    def to(self, units):
        """The same result in ``"nats"`` or ``"bits"``.

        Raises
        ------
        ValueError
            If ``units`` is neither.
        """
        factor = NATS_PER_UNIT[self.units] / NATS_PER_UNIT[check_units(units)]
        scaled = {name: factor * getattr(self, name) for name in (*MEASURES, "gradient", "standard_error")}
        return replace(self, **scaled, units=units)

    def to_frame(self):
        """A pandas table, one row a measure and one a gradient entry; batched results give a column an instance.

        The column's name is the unit.
        """
        import numpy as np
        import pandas as pd

        def numbers(value):
            return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value, dtype=float)

        gradient = numbers(self.gradient)
        rows = np.concatenate([np.stack([numbers(getattr(self, name)) for name in MEASURES], -1), gradient], -1)
        names = [*MEASURES, *(f"gradient {i}" for i in range(gradient.shape[-1]))]
        columns = [self.units] if rows.ndim == 1 else [f"{self.units} {k}" for k in range(rows[..., 0].size)]
        return pd.DataFrame(rows.reshape(-1, len(names)).T, index=names, columns=columns)

    def __repr__(self):
        values = ", ".join(f"{name}={_show(getattr(self, name))}" for name in MEASURES)
        error = "" if self.n_samples is None else f" ± {self.standard_error:.2g} (omega), {self.n_samples} samples"
        return f"Information({values}{error}, {self.units}, {self.estimator})"


def check_units(units):
    """Return ``units``, or raise a ValueError if it is not "nats" or "bits"."""
    if units not in NATS_PER_UNIT:
        raise ValueError(f"units: got {units!r}, expected 'nats' or 'bits'")
    return units


def _show(value):
    if math.prod(getattr(value, "shape", ())) != 1:
        return f"array{tuple(value.shape)}"
    return f"{value.item() if hasattr(value, 'item') else value:.5g}"

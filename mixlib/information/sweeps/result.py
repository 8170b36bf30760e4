"""The result of a sweep over subsets."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtri

from mixlib.information.result import NATS_PER_UNIT, NOTHING, check_units
from mixlib.information.sweeps.keep import profile_of

IN_UNITS = ("omega", "tc", "standard_error")
LEVEL = 0.05  # of calling a sign certain where there is none, for all subsets that were looked at together


@dataclass(frozen=True, repr=False)
class Sweep:
    """O-information of many subsets of variables.

    With ``top`` the arrays hold the subsets of lowest and highest Omega, sorted from the most synergistic to the most
    redundant; without, every subset in the order of :attr:`keys`, which differs between few orders and all.

    Attributes
    ----------
    omega, tc : array (m,)
        O-information and total correlation.
    standard_error : array (m,) or None
        Of ``omega``, if asked for.
    p_values, q_values : array (m,) or None
        Two-sided, of ``omega`` against shuffled samples; and adjusted for all ``n_subsets`` by Benjamini-Hochberg, so
        that among subsets with ``q <= .05`` about a twentieth are false discoveries.
    n_subsets : int
        How many were looked at (for a search: how many were measured).
    n_variables : int
        Of the samples or the covariance.
    orders : tuple of int
        The lowest and highest.
    search : {"exhaustive", "greedy", "annealing"}
        How the subsets were found.
    top : int or None
        How many of either sign were to be kept; None for all.
    units : {"nats", "bits"}
        Unit of everything here; :meth:`to` changes it.
    estimator : str
        Which one was used.
    n_samples : int or None
        None if the covariance is exact.
    variables : tuple of str or None
        Their names, if the samples had any.
    note : str
        Why "auto" chose this estimator.

    Examples
    --------
    >>> import numpy as np
    >>> import mixlib
    >>> sweep = mixlib.o_information_sweep(covariance=0.5 + 0.5 * np.eye(5))
    >>> sweep.to("bits").by_order()["mean"].round(3).to_dict()
    {3: 0.123, 4: 0.322, 5: 0.573}
    >>> len(sweep.synergistic()), len(sweep.redundant(3)), len(sweep.to_frame())
    (0, 3, 16)
    >>> axes = sweep.plot(count=3)
    """

    omega: Any
    tc: Any
    n_subsets: int
    n_variables: int
    orders: tuple
    engine: Any = field(repr=False)
    kept_keys: Any = field(default=None, repr=False)
    profile: Any = field(default=None, repr=False)
    standard_error: Any = None
    p_values: Any = None
    q_values: Any = None
    search: str = "exhaustive"
    top: int | None = None
    units: str = "nats"
    estimator: str = "gaussian"
    n_samples: int | None = None
    variables: tuple | None = None
    note: str = ""

    @cached_property
    def keys(self):
        """The numbers by which the engine knows the subsets, an int array (m,)."""
        return self.engine.every_key() if self.kept_keys is None else self.kept_keys

    @cached_property
    def subsets(self):
        """The variables of each subset: an int array (m, highest order), padded at the end with -1."""
        return self.engine.subsets(self.keys)

    @property
    def dtc(self):
        """Dual total correlation (m,)."""
        return self.tc - self.omega

    @property
    def s_information(self):
        """TC plus DTC (m,)."""
        return 2 * self.tc - self.omega

    @property
    def errors_needed(self):
        r"""How many standard errors from zero make a sign of Omega certain: :math:`z_{1 - .025 / m}` for m subsets.

        The best of many lie far out by chance as well. With so many, one of twenty sweeps in which every Omega is 0
        has any that looks certain.

        Source: Bonferroni 1936.
        """
        return float(-ndtri(LEVEL / 2 / self.n_subsets))

    @property
    def _nothing(self):
        return NOTHING / NATS_PER_UNIT[self.units]

    def to(self, units):
        """The same result in ``"nats"`` or ``"bits"``.

        Raises
        ------
        ValueError
            If ``units`` is neither.
        """
        factor = NATS_PER_UNIT[self.units] / NATS_PER_UNIT[check_units(units)]
        if factor == 1:
            return self
        values = {name: getattr(self, name) for name in IN_UNITS}
        scaled = {name: None if value is None else factor * value for name, value in values.items()}
        if self.profile is not None:
            scaled["profile"] = self.profile * [1, 1, factor, factor**2, factor, factor]
        return replace(self, **scaled, units=units)

    def to_frame(self):
        """A pandas table, one row a subset, the most synergistic first.

        Columns ``variables`` (a tuple of names, or of numbers), ``order``, ``tc``, ``dtc``, ``omega``,
        ``s_information`` and, where known, ``standard_error``, ``certain`` (whether the sign of Omega is: it lies more
        than :attr:`errors_needed` standard errors from zero), ``p_value``, ``q_value``.
        """
        return self._frame(np.argsort(self.omega, kind="stable"))

    def synergistic(self, count=10):
        """The first ``count`` rows of :meth:`to_frame` with negative Omega, by more than rounding makes of zero."""
        rows = np.flatnonzero(self.omega < -self._nothing)
        return self._frame(rows[np.argsort(self.omega[rows], kind="stable")[:count]])

    def redundant(self, count=10):
        """As many rows with positive Omega, the highest first."""
        rows = np.flatnonzero(self.omega > self._nothing)
        return self._frame(rows[np.argsort(-self.omega[rows], kind="stable")[:count]])

    def by_order(self):
        """A pandas table of all subsets looked at, whether kept or not: a row an order.

        Columns ``subsets``, ``synergistic`` (the share with negative Omega, by more than rounding makes of zero),
        ``mean``, ``sd``, ``lowest`` and ``highest`` Omega.

        Raises
        ------
        ValueError
            If the subsets come from a search that did not look at all.
        """
        import pandas as pd

        if self.search != "exhaustive":
            raise ValueError(f"by_order: a {self.search} search looks at few subsets; use search='exhaustive'")
        profile = profile_of(self.engine, self.keys, self.omega) if self.profile is None else self.profile
        count, negative, total, squares, lowest, highest = profile.T
        mean = total / count
        columns = {
            "subsets": count.astype(np.int64),
            "synergistic": negative / count,
            "mean": mean,
            "sd": np.sqrt(np.maximum(squares / count - mean**2, 0)),
            "lowest": lowest,
            "highest": highest,
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(self.orders[0], self.orders[1] + 1, name="order"))

    def plot(self, ax=None, count=8):
        """Draw the ``count`` most synergistic and most redundant subsets as bars; returns the axes.

        Bars of subsets whose ``q_values`` exceed .05, or whose sign is not certain, are pale; error bars are two
        standard errors.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.gca()
        low, high = self.synergistic(count), self.redundant(count)
        for frame, colour, start in ((high, "C0", 0), (low, "C1", len(high) + bool(len(high)))):
            places = len(low) + len(high) + bool(len(high)) - start - np.arange(len(frame))
            doubtful = frame["q_value"] > LEVEL if "q_value" in frame else np.zeros(len(frame), dtype=bool)
            doubtful = doubtful | ~frame["certain"] if "certain" in frame else doubtful
            spread = 2 * frame["standard_error"] if "standard_error" in frame else None
            bars = ax.barh(places, frame["omega"], color=colour, xerr=spread, ecolor="0.5")
            for bar, pale in zip(bars, doubtful, strict=True):
                bar.set_alpha(0.35 if pale else 1)
            for place, names, omega in zip(places, frame["variables"], frame["omega"], strict=True):
                side = -1 if omega > 0 else 1
                ax.annotate(
                    ", ".join(map(str, names)),
                    (0, place),
                    xytext=(4 * side, 0),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    va="center",
                )
        ax.axvline(0, color="0.5", linewidth=0.8)
        ax.set_yticks([])
        ax.set_xlabel(f"O-information ({self.units})")
        return ax

    def __repr__(self):
        kept = "all" if self.top is None else f"the best {len(self.omega)}"
        span = f"omega {self.omega.min():.5g} to {self.omega.max():.5g} {self.units}" if len(self.omega) else "none"
        return (
            f"Sweep({kept} of {self.n_subsets:,} subsets of {self.n_variables} variables, orders {self.orders[0]} to "
            f"{self.orders[1]}, {span}, {self.estimator})"
        )

    def _frame(self, rows):
        import pandas as pd

        subsets = self.engine.subsets(self.keys[rows])
        names = np.array(self.variables or range(self.n_variables), dtype=object)
        columns = {
            "variables": [tuple(names[subset[subset >= 0]]) for subset in subsets],
            "order": (subsets >= 0).sum(axis=1),
            **{name: getattr(self, name)[rows] for name in ("tc", "dtc", "omega", "s_information")},
        }
        if self.standard_error is not None:
            errors = self.standard_error[rows]
            far = np.abs(columns["omega"]) > np.maximum(self.errors_needed * errors, self._nothing)
            columns |= {"standard_error": errors, "certain": far}
        known = {"p_value": self.p_values, "q_value": self.q_values}
        columns |= {name: values[rows] for name, values in known.items() if values is not None}
        return pd.DataFrame(columns)

"""Radioactive decay: the isotopes of natural uranium, as a mixture that ages.

Half-lives of U-235 and U-238 are those of Jaffey et al. 1971, that of U-234 is that of Cheng et al. 2000. Abundances
are those of today's natural uranium (Meija et al. 2016), masses those that IUPAC lists with them.
"""

import numpy as np

from mixlib.kernels.reactive import Reactive
from mixlib.kernels.time_resolved import TimeResolved

HALF_LIVES = {"U-234": 2.4525e5, "U-235": 7.0381e8, "U-238": 4.4683e9}  # years
ABUNDANCES = {"U-234": 0.000054, "U-235": 0.007204, "U-238": 0.992742}  # amount fractions, uncertain by 5, 6, 10e-6
MASSES = {"U-234": 234.040950, "U-235": 235.043928, "U-238": 238.05079}  # Da
LONG_LIVED = ("U-235", "U-238")


def decay_rates(isotopes=LONG_LIVED):
    """Decay rates per year, array (n,): ln 2 over the half-lives.

    Raises
    ------
    ValueError
        If an isotope is none of ``HALF_LIVES``.

    Examples
    --------
    >>> from mixlib.domains.decay import decay_rates
    >>> decay_rates()  # of U-235 and U-238
    array([9.84849861e-10, 1.55125480e-10])
    """
    if unknown := [name for name in isotopes if name not in HALF_LIVES]:
        raise ValueError(f"isotopes: no half-life of {unknown[0]!r}; the module knows {', '.join(HALF_LIVES)}")
    return np.log(2) / np.array([HALF_LIVES[name] for name in isotopes])


def abundances(isotopes=LONG_LIVED):
    """Today's amount fractions of the isotopes among each other, array (n,); they sum to 1.

    Examples
    --------
    >>> from mixlib.domains.decay import abundances
    >>> abundances().round(4)  # of U-235 and U-238
    array([0.0072, 0.9928])
    """
    shares = np.array([ABUNDANCES[name] for name in isotopes])
    return shares / shares.sum()


def forward(years, isotopes=LONG_LIVED):
    """The time-resolved kernel that ages a mixture of isotopes by so many years.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.decay import abundances, forward
    >>> forward(1e9)(abundances(), np.eye(2)).round(4)
    array([0.0032, 0.9968])
    """
    return TimeResolved(rates=decay_rates(isotopes), time=years)


def backward(years, isotopes=LONG_LIVED):
    """The time-resolved kernel that makes a mixture of isotopes younger by so many years.

    It is an ageing, too: only differences of rates matter, and the rates ``max(k) - k`` have the opposite differences.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.decay import abundances, backward
    >>> backward(2e9)(abundances(), np.eye(2)).round(3)  # as reactors need it: Oklo
    array([0.037, 0.963])
    """
    rates = decay_rates(isotopes)
    return TimeResolved(rates=rates.max() - rates, time=years)


def chain(years):
    """U-238 that decays into U-234 (through short-lived nuclides), which decays too, as a reactive kernel.

    The parts are amounts (mol) of U-234 and U-238. Times and rates are in years.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.decay import chain
    >>> (chain(1e6)([0.5, 0.5], np.array([[0.0, 1.0], [0.0, 1.0]])) * 1e6).round(1)  # µmol of U-234 and U-238
    array([5.160000e+01, 9.998449e+05])
    """
    fast, slow = decay_rates(("U-234", "U-238"))
    return Reactive(stoichiometry=((-1, 0), (1, -1)), rates=(fast, slow), time=years)

"""Random kernels in the place of domains: those of the zoo with random constants, and smooth functions."""

import dataclasses

import numpy as np
import pandas as pd

from mixbook.studies.domains.atlas import keys
from mixbook.studies.domains.atlas.alike import agreement, common, law_table, profiles
from mixbook.studies.kernels.omega.random_kernels import random_kernel
from mixlib.arrays import generator
from mixlib.carriers.euclidean import Euclidean
from mixlib.domains import DOMAINS
from mixlib.kernels import ZOO
from mixlib.kernels.gated_routed import softmax_gate

KERNELS, PAIRS = 20, 5  # that are drawn, and of these compared


def random_domains(source, count, rng=None):
    """Domains with random parts, weights and kernels.

    Parameters
    ----------
    source : {"zoo", "smooth"}
        A kernel of the zoo that costs little, each as likely, with random constants, for two or three parts; or the
        weighted average of two parts and a random wave field over both
        (:func:`mixbook.studies.kernels.omega.random_kernels.random_kernel`).
    count : int
    rng : None, int or numpy.random.Generator, default=None

    Returns
    -------
    dict of Domain
        By running numbers.
    """
    rng = generator(rng)
    return {f"{source} {k}": _DRAWN[source](rng) for k in range(count)}


def _from_zoo(rng):
    kinds = [name for name, kind in ZOO.items() if not kind.costly]
    name, n, d = rng.choice(kinds), int(rng.integers(2, 4)), int(rng.choice([1, 3]))
    return _domain(constants(name, n, rng), rng.lognormal(0, 0.5, (n, d)), rng.dirichlet(np.ones(n)))


def _smooth(rng):
    return _domain(random_kernel(rng), rng.uniform(0.5, 1.5, (2, 1)), rng.dirichlet(np.ones(2)))


_DRAWN = {"zoo": _from_zoo, "smooth": _smooth}


def constants(name, n, rng):
    """The kernel of that name for ``n`` parts, with random constants where it has any that matter."""
    positive = np.exp(rng.normal(size=n))
    drawn = {
        "multiplicative-synergistic": {"interaction": 2 * rng.normal()},
        "masking-saturating": {"binding": positive},
        "gated-routed": {"gate": softmax_gate(temperature=float(positive[0]))},
        "time-resolved": {"rates": positive},
        "spatial": {"arrangement": str(rng.choice(["bruggeman", "geometric", "parallel", "series"]))},
    }
    return ZOO[name](**drawn[name]) if name in drawn else ZOO[name].for_comparison(n).expected()


def _domain(kernel, parts, weights):
    nothing = {"carrier": Euclidean(), "unit": "", "part_unit": "", "known": np.zeros(parts.shape[1])}
    return dataclasses.replace(DOMAINS["light"], about="drawn", kernel=kernel, parts=parts, weights=weights, **nothing)


def medians_of_sets(square, size, *, sets=1000, rng=None):
    """Medians over the pairs of random sets of ``size`` among the domains of a square table."""
    rng = generator(rng)
    values, corner = square.to_numpy(), np.triu_indices(size, k=1)
    chosen = np.array([rng.choice(len(square), size, replace=False) for _ in range(sets)])
    return np.median(values[chosen[:, corner[0]], chosen[:, corner[1]]], axis=-1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawn:
    """What random kernels of one source have in common.

    Attributes
    ----------
    medians, agreements : array
        Over the pairs of random sets of ten: the median share of laws kept in common, and of laws agreed on.
    profiles : pandas.DataFrame or None
    kinds : list of str
        Of random pairs: one kernel up to ``"units"``, in another ``"key"``, or ``"none"``.
    """

    medians: np.ndarray
    agreements: np.ndarray
    profiles: pd.DataFrame | None
    kinds: list


def draw(source, *, count=KERNELS, pairs=PAIRS, size=10, measured=True, rng=None):
    """Random domains of one source, as of :func:`random_domains`, in the place of those of the atlas."""
    rng = generator(rng)
    drawn = random_domains(source, count, rng)
    table = law_table(drawn)
    voices = list(keys.voices_of(drawn).values())[: 2 * pairs]
    kinds = [keys.compare(*two, rng=rng).kind for two in zip(voices[::2], voices[1::2], strict=True)]
    medians = [medians_of_sets(of(table), size, sets=200, rng=0) for of in (common, agreement)]
    return Drawn(medians=medians[0], agreements=medians[1], profiles=profiles(drawn) if measured else None, kinds=kinds)

"""Which laws the kernel of a domain keeps, tried on parts like those of the domain and not declared."""

from dataclasses import dataclass

import numpy as np

from mixlib import simplex
from mixlib.arrays import generator
from mixlib.instruments.hull import hull_escape

__all__ = ["LAWS", "KeptLaws", "kept_laws"]

ROUNDING = 1e-6  # of the largest mixture: what solvers leave, and less than any law is broken by
HALF, LESS, MORE = 0.5, 0.9, 0.1  # steps of the trials, as shares of the parts

#: The laws by their names, and whether each is an identity that outlives a monotone change of every coordinate and a
#: re-sharing of the weights. What compares sizes may depend on which parts are tried.
LAWS = {
    "equal parts return themselves": True,
    "all the weight returns the part": True,
    "a part of no weight is silent": True,
    "parts may change places": False,
    "linear in the parts": False,
    "linear in the weights": False,
    "parts act apart": False,
    "scale goes through": False,
    "shift goes through": False,
    "inside the hull": False,
    "between the least and the most": False,
    "more gives no less": False,
    "each coordinate for itself": True,
    "order of stages does not matter": True,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class KeptLaws:
    """Which laws a domain's kernel keeps.

    Attributes
    ----------
    kept : dict of bool or None
        By the names of ``LAWS``. ``None`` where the law cannot be asked: the mixture is no point among the parts, the
        parts have one coordinate, or the kernel refuses what the trial would give it.
    off : dict of float or None
        The largest breach that was seen, as a share of the largest mixture.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> from mixlib.domains.kept_laws import kept_laws
    >>> paint = kept_laws(DOMAINS["paint"])
    >>> paint.kept["equal parts return themselves"], paint.kept["linear in the weights"]
    (True, False)
    """

    kept: dict
    off: dict


def kept_laws(domain, *, trials=24, tolerance=ROUNDING, rng=None):
    r"""Try fourteen laws on the kernel of a domain.

    Parts are drawn by ``domain.nearby``, weights uniformly from the simplex. A kernel that draws is tried by its mean.
    Stages are tried by bisymmetry, which needs no other number of parts: of n times n parts the rows are mixed first
    or the columns,

    .. math:: K\bigl(w, K(v, p_{1\cdot}), \dots, K(v, p_{n\cdot})\bigr)
        = K\bigl(v, K(w, p_{\cdot 1}), \dots, K(w, p_{\cdot n})\bigr)

    Of one coordinate a continuous kernel that rises with each part keeps this and returns equal parts exactly if it is
    a weighted mean of some chart of the coordinate.

    Source: Aczél 1948 for bisymmetry.

    Parameters
    ----------
    domain : Domain
    trials : int, default=24
        Parts and weights that each law is tried on.
    tolerance : float, default=1e-6
        What a law may be off by, as a share of the largest mixture.
    rng : None, int or numpy.random.Generator, default=None
        ``None`` is seed 0.

    Returns
    -------
    KeptLaws

    Raises
    ------
    ValueError
        If there are fewer than two trials.

    Examples
    --------
    >>> from mixlib.domains import DOMAINS
    >>> from mixlib.domains.kept_laws import kept_laws
    >>> [law for law, kept in kept_laws(DOMAINS["light"]).kept.items() if not kept]
    []
    """
    if trials < 2:
        raise ValueError(f"trials: got {trials!r}, expected 2 or more; a law that is tried once may hold by chance")
    rng = generator(rng)
    tried = _Trials(domain, trials, rng)
    off = {law: tried.breach(law) for law in LAWS}
    kept = {law: None if value is None else bool(value <= tolerance) for law, value in off.items()}
    return KeptLaws(kept=kept, off=off)


class _Trials:
    """Parts, weights and mixtures of one domain, and a breach by each law."""

    def __init__(self, domain, count, rng):
        self.kernel, self.parts = domain.mean_kernel(), domain.nearby(count, rng)
        self.n, self.d = self.parts.shape[-2:]
        self.weights, self.rng, self.others = simplex.sample(self.n, count, rng=rng), rng, domain.nearby(count, rng)
        self.mixtures = self.kernel(self.weights, self.parts)
        self.at_home = domain.part_unit == "" and self.mixtures.shape[-1] == self.d
        self.size = max(np.abs(self.mixtures).max(), np.finfo(float).tiny)

    def breach(self, law):
        """The largest one over the trials, or None where the law cannot be asked."""
        try:
            with np.errstate(all="ignore"):  # what is not finite is a breach
                found = _BREACHES[law](self)
        except ValueError:  # the kernel refuses, as one of shares refuses what is above 1
            return None
        if found is None:
            return None
        with np.errstate(over="ignore"):
            largest = float(np.abs(found).max() / self.size)
        return largest if np.isfinite(largest) else np.inf

    def equal(self):
        if self.at_home:
            part = self.parts[:, :1]
            return self.kernel(self.weights, np.repeat(part, self.n, axis=1)) - part[:, 0]
        return None

    def vertices(self):
        if self.at_home:
            return self.kernel(np.eye(self.n), self.parts[:, None]) - self.parts
        return None

    def silent(self):
        weights, moved = self.weights.copy(), self.parts.copy()
        weights[:, -1] = 0
        weights /= weights.sum(axis=-1, keepdims=True)
        moved[:, -1] = self.others[:, -1]
        return self.kernel(weights, moved) - self.kernel(weights, self.parts)

    def places(self):
        return self.kernel(self.weights[:, ::-1], self.parts[:, ::-1]) - self.mixtures

    def linear_in_parts(self):
        middle = self.kernel(self.weights, HALF * (self.parts + self.others))
        return middle - HALF * (self.mixtures + self.kernel(self.weights, self.others))

    def linear_in_weights(self):
        others = np.roll(self.weights, 1, axis=0)
        middle = self.kernel(HALF * (self.weights + others), self.parts)
        return middle - HALF * (self.mixtures + self.kernel(others, self.parts))

    def apart(self):
        first, rest = self.parts.copy(), self.others.copy()
        first[:, 0], rest[:, 0] = self.others[:, 0], self.parts[:, 0]
        one, other, both = (self.kernel(self.weights, parts) for parts in (first, rest, self.others))
        return self.mixtures - one - other + both

    def scale(self):
        return self.kernel(self.weights, LESS * self.parts) - LESS * self.mixtures

    def shift(self):
        if self.at_home:
            step = MORE * np.abs(self.parts).mean()
            return self.kernel(self.weights, self.parts + step) - self.mixtures - step
        return None

    def hull(self):
        return hull_escape(self.mixtures, self.parts).distance * self.size if self.at_home else None

    def between(self):
        if self.at_home:
            over = self.mixtures - self.parts.max(axis=-2)
            return np.maximum(np.maximum(over, self.parts.min(axis=-2) - self.mixtures), 0)
        return None

    def no_less(self):
        lowered = self.parts * (1 - MORE * self.rng.random(self.parts.shape))
        return np.maximum(self.kernel(self.weights, lowered) - self.mixtures, 0)

    def coordinates(self):
        if self.at_home and self.d > 1:
            moved = self.parts.copy()
            moved[..., 0] = LESS * moved[..., 0]
            return (self.kernel(self.weights, moved) - self.mixtures)[..., 1:]
        return None

    def stages(self):
        if not self.at_home:
            return None
        few = self.parts[: max(2, len(self.parts) // 4)]  # n times as many parts as elsewhere
        table = np.stack([np.roll(few, step, axis=0) for step in range(self.n)], axis=1)  # (T, n, n, d)
        first, second = self.weights[: len(few)], np.roll(self.weights, 1, axis=0)[: len(few)]
        rows = self.kernel(first, self.kernel(second[:, None], table))
        columns = self.kernel(second, self.kernel(first[:, None], np.swapaxes(table, 1, 2)))
        return rows - columns


_BREACHES = dict(
    zip(
        LAWS,
        (
            *(_Trials.equal, _Trials.vertices, _Trials.silent, _Trials.places, _Trials.linear_in_parts),
            *(_Trials.linear_in_weights, _Trials.apart, _Trials.scale, _Trials.shift, _Trials.hull),
            *(_Trials.between, _Trials.no_less, _Trials.coordinates, _Trials.stages),
        ),
        strict=True,
    )
)

"""Discrete measures under the Wasserstein distance, by optimal transport plans of the package POT."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_torch_array

from mixlib.arrays import as_numpy, finite, floats, generator, native, one_kind, whole
from mixlib.carriers._lengths import ratio, unit_of
from mixlib.carriers.base import Carrier, read_fraction
from mixlib.extras import needed_by
from mixlib.simplex import check_weights

__all__ = ["Atoms", "DiscreteMeasure", "free_support_barycenter"]

PIVOTS = 10_000_000  # of the network simplex; POT gives up after a hundredth of them, which a few thousand atoms reach
TIE = 1e-9  # relative difference of costs or weights that counts as none


class Atoms(NamedTuple):
    """Discrete measures as a pair of arrays: one measure, or several along the axes before those that are named here.

    Functions that take measures take any pair of such arrays.

    Attributes
    ----------
    positions : array (..., n, d)
        Where the atoms are.
    masses : array (..., n)
        How heavy they are; not negative, of sum 1. Atoms of mass 0 are allowed and count for nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import Atoms, DiscreteMeasure
    >>> left = Atoms(positions=np.array([[0.0, 0.0], [0.0, 1.0]]), masses=np.array([0.5, 0.5]))
    >>> right = Atoms(left.positions + [3.0, 0.0], left.masses)
    >>> DiscreteMeasure().distance(left, right)
    np.float64(3.0)
    """

    positions: Any
    masses: Any


@dataclass(frozen=True, kw_only=True)
class DiscreteMeasure(Carrier):
    r"""Discrete measures, or clouds of points, with the 2-Wasserstein distance.

    A measure is a pair (positions (..., n, d), masses (..., n)), and ``k`` measures are a pair of arrays (..., k, n, d)
    and (..., k, n). What comes out is :class:`Atoms`.

    .. math:: W_2^2(a, b) = \min_P \sum_{ij} P_{ij} |x_i - y_j|^2, \quad P 1 = a,\ P^\top 1 = b,\ P \ge 0

    Plans are found in float64 on the processor, one problem of a batch after the other; torch tensors come back as
    torch tensors, without a derivative. Needs the package POT.

    Source: Cuturi & Doucet 2014; Peyré & Cuturi 2019; Flamary et al. 2021.

    Parameters
    ----------
    max_rounds : int, default=1000
        Rounds after which :meth:`mean` gives up; clouds of some hundred atoms need ten or twenty.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import DiscreteMeasure
    >>> positions = np.array([[[0.0], [2.0]], [[13.0], [11.0]]])  # two measures of two atoms each, on the line
    >>> DiscreteMeasure().mean((positions, np.full((2, 2), 0.5))).positions.tolist()
    [[5.5], [7.5]]
    """

    max_rounds: int = 1000
    points: ClassVar[str] = "discrete measures: positions (..., k, n, d) and masses (..., k, n)"
    wrong_name: ClassVar[str] = "linear pool"
    statistic: ClassVar[str] = "largest variance in any direction, over the largest of the points"
    reference: ClassVar[str] = "cuturi2014"

    def __post_init__(self):
        whole(self.max_rounds, "max_rounds", 1)

    def mean(self, points, weights=None):
        """A Wasserstein barycenter of ``n`` atoms, by :func:`free_support_barycenter` from every point as a start.

        Its masses are those of the start that was best. Where all points have ``n`` equal masses it is exact for two
        points; else it is a local minimiser: no small move of its atoms brings it nearer to the points. Its atoms come
        in the order of the start's; of starts that are equally good, that of the largest weight, then the widest.

        Parameters
        ----------
        points : pair of arrays (..., k, n, d) and (..., k, n)
            Positions and masses.
        weights : None or array_like (k,) or (..., k), default=None
            On the simplex; ``None`` means ``1 / k`` each.

        Returns
        -------
        Atoms
            One measure, arrays (..., n, d) and (..., n).

        Raises
        ------
        ValueError
            If shapes or dtypes do not fit, masses are negative or do not sum to 1, or weights are off the simplex.
        RuntimeError
            If atoms still move after ``max_rounds``.
        ImportError
            If POT is not installed.
        """
        points, weights = _weighted(points, weights)
        positions, masses = _normalised(points)

        def one(positions, masses, weights):
            unit = unit_of(np.abs(positions).max())
            points = Atoms(positions / unit, masses)
            found = _best(points, weights, _starts_of(points, weights), self.max_rounds)
            return Atoms(unit * found.positions, found.masses)

        return _each(one, points.positions, (positions, 3), (masses, 2), (as_numpy(weights, float), 1))

    def distance(self, a, b):
        """The 2-Wasserstein distance (...) of two measures, whose numbers of atoms may differ; batches broadcast."""
        a, b = _read_pair(a, b)

        def one(*arrays):
            a, b, unit = _in_unit(Atoms(*arrays[:2]), Atoms(*arrays[2:]))
            costs, plan = _plan(a, b)
            return unit * np.sqrt((plan * costs).sum())

        return _each(one, a.positions, *_of_one(a), *_of_one(b))

    def geodesic(self, a, b, t):
        """The displacement interpolation at ``t``: each atom goes straight to where an optimal plan sends it.

        Two measures of ``n`` equal masses give ``n`` atoms, in the order of those of ``a`` while ``t`` is below 1/2.
        Others give ``n_a + n_b - 1``, the most that a plan needs; those that it does not need have no mass. ``t`` is a
        number or an array that broadcasts against the batch, from 0 to 1.
        """
        a, b = _read_pair(a, b)
        equal = a.masses.shape[-1] == b.masses.shape[-1] and all(map(_equal_masses, (a, b)))

        def one(t, *arrays):
            a, b, unit = _in_unit(Atoms(*arrays[:2]), Atoms(*arrays[2:]))
            found = _between(a, b, t, equal)
            return Atoms(unit * found.positions, found.masses)

        t = read_fraction(floats(t, "t"), np.zeros(1), inside=True)
        return _each(one, a.positions, (t, 0), *_of_one(a), *_of_one(b))

    def failure(self, mean, points):
        """Largest variance of the mean in any direction over the largest of the points; 1 or less is right.

        Points that are all single atoms have no variance: the mean has none (0) or is wrong (infinity).
        """
        mean, points = _read(mean, "mean"), _read(points, "points", set_of=True)
        one_kind(mean=mean.positions, points=points.positions)
        xp = array_namespace(points.positions)
        unit = unit_of(xp.max(xp.abs(points.positions), axis=(-3, -2, -1)))[..., None, None]
        mean = Atoms(mean.positions / unit, mean.masses)
        points = Atoms(points.positions / unit[..., None], points.masses)
        largest = xp.max(_largest_variance(points), axis=-1)
        return ratio(_largest_variance(mean), largest)

    def wrong_mean(self, points, weights=None):
        """The linear pool (..., k n, d) and (..., k n): all atoms stay where they are, and weigh less.

        Source: Stone 1961.
        """
        (positions, masses), weights = _weighted(points, weights)
        xp = array_namespace(positions)
        *_, k, n, d = positions.shape
        batch = np.broadcast_shapes(tuple(weights.shape[:-1]), tuple(positions.shape[:-3]))
        pooled = xp.broadcast_to(weights[..., None] * masses, (*batch, k, n))
        return Atoms(
            xp.reshape(xp.broadcast_to(positions, (*batch, k, n, d)), (*batch, k * n, d)),
            xp.reshape(pooled, (*batch, k * n)),
        )

    def sample(self, k, d=3, rng=None):
        """Measures of six equal atoms, a few of their widths apart."""
        rng = generator(rng)
        return Atoms(rng.normal(size=(k, 6, d)) + 3 * rng.normal(size=(k, 1, d)), np.full((k, 6), 1 / 6))

    def isometry(self, d=3, rng=None):
        """Space is turned, or mirrored, and shifted."""
        rng = generator(rng)
        turn, shift = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.normal(size=d)
        return lambda measures: Atoms(measures[0] @ turn.T + shift, measures[1])


def free_support_barycenter(points, weights=None, atoms=None, masses=None, starts=5, max_rounds=1000, rng=None):
    r"""Wasserstein barycenter of measures on a chosen number of atoms whose positions are free.

    .. math:: \min_X \sum_i w_i W_2^2\Bigl(\sum_j b_j \delta_{x_j},\ p_i\Bigr)

    Each round sends every atom to the weighted mean of the places that optimal plans to the measures send it to. That
    ends in a local minimiser: several starts are tried and the best is kept. ``k`` measures are lists of arrays, whose
    numbers of atoms may differ, or two arrays as for :class:`DiscreteMeasure`, without a batch. Needs the package POT.

    Source: Cuturi & Doucet 2014; Flamary et al. 2021 for the plans.

    Parameters
    ----------
    points : pair of sequences of k arrays (n_i, d) and (n_i,)
        Positions and masses.
    weights : None or array_like (k,), default=None
        On the simplex; ``None`` means ``1 / k`` each.
    atoms : None or int, default=None
        How many atoms the barycenter has; ``None`` is as many as the largest of the measures.
    masses : None or array_like (atoms,), default=None
        Their masses; ``None`` is equal ones.
    starts : int, default=5
        How many random starts; each takes its atoms from the pooled measures.
    max_rounds : int, default=1000
        Rounds after which a start gives up.
    rng : None, int or numpy.random.Generator, default=None
        Source of the starts; ``None`` is seed 0.

    Returns
    -------
    Atoms
        One measure, arrays (atoms, d) and (atoms,).

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, masses are negative or do not sum to 1, or weights are off the simplex.
    RuntimeError
        If atoms still move after ``max_rounds``.
    ImportError
        If POT is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import free_support_barycenter
    >>> grids = [np.linspace(0, 1, 100)[:, None], np.linspace(4, 5, 80)[:, None]]
    >>> found = free_support_barycenter((grids, [np.full(100, 0.01), np.full(80, 0.0125)]), atoms=2)
    >>> sorted(found.positions.round(2).tolist())
    [[2.25], [2.75]]
    """
    one_each = _read_list(points)
    like = one_each[0].positions
    weights = as_numpy(check_weights(weights, len(one_each), like=like), float)
    if weights.ndim != 1:
        raise ValueError(f"weights: expected shape ({len(one_each)},), got {weights.shape}; there is no batch here")
    whole(starts, "starts", 1)
    whole(max_rounds, "max_rounds", 1)
    n = max(len(one.masses) for one in one_each) if atoms is None else whole(atoms, "atoms", 1)
    b = as_numpy(check_weights(masses, n, like=like, name="masses"), float)
    numpy = [_normalised(one) for one in one_each]
    unit = unit_of(np.max([np.abs(one.positions).max() for one in numpy]))
    numpy = [Atoms(one.positions / unit, one.masses) for one in numpy]
    rng, pool = generator(rng), np.concatenate([one.positions for one in numpy])
    chances = np.concatenate([w * one.masses for w, one in zip(weights, numpy, strict=True)])
    again = n > (chances > 0).sum()
    drawn = [pool[rng.choice(len(pool), n, replace=again, p=chances / chances.sum())] for _ in range(starts)]
    best = _best(numpy, weights, [Atoms(start, b / b.sum()) for start in drawn], max_rounds)
    return Atoms(_as(like, unit * best.positions), _as(like, best.masses))


def _best(points, weights, starts, max_rounds):
    """The best local minimiser; of starts that are equally good, the first."""
    if isinstance(points, Atoms):
        points = [Atoms(*arrays) for arrays in zip(*points, strict=True)]
    costs, found = [], []
    for start in starts:
        cost, atoms = _settle(points, weights, start, max_rounds)
        if not costs or cost < min(costs) * (1 - TIE):
            found.append(atoms)
            costs.append(cost)
    return found[-1]


def _starts_of(points, weights):
    """The points that have weight, the heaviest first and among equal ones the widest, which no motion changes."""
    spread = _largest_variance(points)
    order = sorted(np.flatnonzero(weights), key=lambda i: (-round(weights[i] / TIE), -spread[i]))
    return [Atoms(points.positions[i], points.masses[i]) for i in order]


def _settle(points, weights, start, max_rounds):
    """Cost and atoms at which every atom is the weighted mean of its images."""
    x, masses = start
    used = masses > 0
    for _ in range(max_rounds):
        cost, moved = 0.0, np.zeros_like(x)
        for w, point in zip(weights, points, strict=True):
            if w > 0:
                costs, plan = _plan(Atoms(x, masses), point)
                cost += w * (plan * costs).sum()
                moved[used] += w * (plan[used] @ point.positions) / masses[used, None]
        moved[~used] = x[~used]
        step = np.abs(moved - x).max()
        # one more plan for the moved atoms would change nothing
        if step <= 1e-12 * max(np.abs(moved).max(), 1e-300):
            return cost, Atoms(moved, masses)
        x = moved
    raise RuntimeError(
        f"free-support barycenter: atoms still move by {step:.3g} after {max_rounds} rounds; raise max_rounds"
    )


def _plan(a, b):
    """Squared distances and an optimal plan (n_a, n_b), of which rows and columns without mass are 0."""
    with needed_by("transport of discrete measures"):
        import ot  # takes a second, which nothing else here should cost
    from scipy.spatial.distance import cdist

    costs = cdist(a.positions, b.positions, "sqeuclidean")
    rows, columns = a.masses > 0, b.masses > 0
    inner = np.ascontiguousarray(costs[np.ix_(rows, columns)])
    scale = inner.max() or 1.0  # the solver's own tolerances are absolute
    plan = np.zeros_like(costs)
    plan[np.ix_(rows, columns)], log = ot.emd(
        a.masses[rows], b.masses[columns], inner / scale, numItermax=PIVOTS, log=True
    )
    if log["warning"] is not None:
        raise RuntimeError(f"transport of {rows.sum()} to {columns.sum()} atoms: POT says {log['warning']}")
    return costs, plan


def _in_unit(a, b):
    """Two measures in a unit in which squared distances are neither too small nor too large, and the unit."""
    unit = unit_of(np.maximum(np.abs(a.positions).max(), np.abs(b.positions).max()))
    return Atoms(a.positions / unit, a.masses), Atoms(b.positions / unit, b.masses), unit


def _between(a, b, t, equal):
    plan = _plan(a, b)[1]
    rows, columns = np.nonzero(plan > 0)
    if equal:  # a permutation: round-off of the solver is dropped
        rows, columns = np.arange(len(plan)), plan.argmax(axis=1)
        if _ordered_by_second(a, b, t):
            back = np.argsort(columns)
            rows, columns = rows[back], columns[back]
    most = len(a.masses) if equal else len(a.masses) + len(b.masses) - 1
    positions, masses = np.repeat(a.positions[:1], most, axis=0), np.zeros(most)
    masses[: len(rows)] = plan[rows, columns]
    positions[: len(rows)] = (1 - t) * a.positions[rows] + t * b.positions[columns]
    return Atoms(positions, masses / masses.sum())


def _ordered_by_second(a, b, t):
    """Whether the mean with weights ``1 - t`` and ``t`` takes its order from ``b``."""
    pair = Atoms(np.stack([a.positions, b.positions]), np.stack([a.masses, b.masses]))
    spread = _largest_variance(pair)
    return t > 0.5 + TIE or (abs(t - 0.5) <= TIE and spread[1] > spread[0])


def _equal_masses(measures):
    masses = measures.masses
    return bool(array_namespace(masses).all(abs(masses * masses.shape[-1] - 1) < 1e-5))


def _largest_variance(measures):
    positions, masses = measures
    xp = array_namespace(positions)
    centred = positions - xp.sum(masses[..., None] * positions, axis=-2, keepdims=True)
    covariance = xp.matrix_transpose(masses[..., None] * centred) @ centred
    return xp.linalg.eigvalsh(covariance)[..., -1]


def _each(function, like, *given):
    """A function of NumPy arrays for each problem of a batch; with each array goes how many axes one problem has."""
    batch = np.broadcast_shapes(*(array.shape[: array.ndim - rank] for array, rank in given))
    arrays = [np.broadcast_to(array, batch + array.shape[array.ndim - rank :]) for array, rank in given]
    results = [function(*(array[place] for array in arrays)) for place in np.ndindex(batch)]
    if not isinstance(results[0], Atoms):
        return _as(like, np.reshape(results, batch))
    parts = (np.stack(one).reshape(*batch, *one[0].shape) for one in zip(*results, strict=True))
    return Atoms(*(_as(like, part) for part in parts))


def _as(like, array):
    """A NumPy result in the kind, dtype and device of ``like``."""
    xp = array_namespace(like)
    return xp.asarray(array, dtype=like.dtype, device=like.device)[()]


def _of_one(measures):
    return zip(_normalised(measures), (2, 1), strict=True)


def _normalised(measures):
    """NumPy measures of float64 whose masses sum to 1 in float64, which float32 masses miss by more than POT allows."""
    positions, masses = (as_numpy(array, float) for array in measures)
    return Atoms(positions, masses / masses.sum(axis=-1, keepdims=True))


def _weighted(points, weights):
    points = _read(points, "points", set_of=True)
    return points, check_weights(weights, points.masses.shape[-2], like=points.masses)


def _read_pair(a, b):
    a, b = _read(a, "a"), _read(b, "b")
    one_kind(a=a.positions, b=b.positions)
    if a.positions.shape[-1] != b.positions.shape[-1]:
        raise ValueError(
            f"b: has {b.positions.shape[-1]} dimensions, but a {a.positions.shape[-1]}; they share one space"
        )
    return a, b


def _read_list(points):
    """The measures of a pair of sequences, one by one."""
    if not isinstance(points, (tuple, list)) or len(points) != 2:
        raise ValueError(f"points: expected a pair, positions and masses, got {type(points).__name__}")
    if any(not isinstance(part, (tuple, list)) and not is_array_api_obj(part) for part in points):
        raise ValueError("points: expected sequences of arrays, positions (n, d) and masses (n,)")
    if len(points[0]) != len(points[1]) or len(points[0]) == 0:
        raise ValueError(f"points: got {len(points[0])} arrays of positions and {len(points[1])} of masses")
    read = [_read((native(x, "points"), native(m, "points")), "points") for x, m in zip(*points, strict=True)]
    one_kind(**{f"points {i}": one.positions for i, one in enumerate(read)})
    if len({(one.positions.ndim, one.positions.shape[-1]) for one in read}) > 1 or read[0].positions.ndim != 2:
        shapes = [tuple(one.positions.shape) for one in read]
        raise ValueError(f"points: expected positions of shapes (n, d) with one d, got {shapes}")
    return read


def _read(measures, name, *, set_of=False):
    """Positions and masses, (..., n, d) and (..., n), of a set (..., k, n, d) and (..., k, n); or a ValueError."""
    shape = "(..., k, n, d) and (..., k, n)" if set_of else "(..., n, d) and (..., n)"
    if not isinstance(measures, (tuple, list)) or len(measures) != 2 or not all(map(is_array_api_obj, measures)):
        got = type(measures).__name__
        raise ValueError(f"{name}: expected a pair of arrays {shape}, positions and masses, got {got}")
    positions, masses = (native(array, name) for array in measures)
    if is_torch_array(positions) != is_torch_array(masses):
        raise ValueError(f"{name}: positions and masses are of NumPy and torch; convert one of them")
    xp = array_namespace(positions, masses)
    if not xp.isdtype(positions.dtype, "real floating") or positions.dtype != masses.dtype:
        got = f"{positions.dtype} and {masses.dtype}"
        raise ValueError(f"{name}: expected one floating dtype, got {got}; convert both to float")
    if xp.finfo(positions.dtype).bits < 32:
        raise ValueError(f"{name}: {positions.dtype} is too coarse for masses; convert both to float32")
    if positions.ndim < 2 + set_of or tuple(masses.shape) != tuple(positions.shape[:-1]) or 0 in positions.shape:
        got = f"shapes {tuple(positions.shape)} and {tuple(masses.shape)}"
        raise ValueError(f"{name}: expected positions and masses of shapes {shape}, got {got}")
    check_weights(masses, masses.shape[-1], like=masses, name=f"{name}: masses")
    return Atoms(finite(positions, name), masses)

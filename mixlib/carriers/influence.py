"""Averages along who listens to whom: DeGroot's consensus, and Friedkin and Johnsen's for the stubborn."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from scipy.sparse.csgraph import breadth_first_order, connected_components

from mixlib.arrays import as_numpy, floats, whole
from mixlib.carriers.base import read_vectors
from mixlib.simplex import check_weights

__all__ = ["Influence", "degroot"]


@dataclass(frozen=True)
class Influence:
    """What people think after they have listened to each other.

    Attributes
    ----------
    opinions : array (n, d)
        What each of them thinks, of the kind that came in.
    weights : array (n, n)
        How much each start counts in each opinion; rows are on the simplex, ``opinions = weights @ start``.
    classes : tuple of tuple of int
        Groups that listen to themselves alone, and have no smaller such group within.
    consensus : bool
        Whether all end up with one opinion, whatever they start from.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import degroot
    >>> print(degroot(np.eye(2), np.array([[0.0], [1.0]])))
    no consensus: 2 groups listen to themselves alone, {0} and {1}
    """

    opinions: Any
    weights: np.ndarray
    classes: tuple
    consensus: bool

    def __str__(self):
        groups = [_named(group) for group in self.classes]
        if self.consensus:
            return f"consensus: everybody listens to {groups[0]} in the end"
        if len(groups) == 1:
            return f"no consensus: all listen to {groups[0]} in the end, and have not agreed"
        return (
            f"no consensus: {len(groups)} groups listen to themselves alone, {', '.join(groups[:-1])} and {groups[-1]}"
        )


def degroot(trust, opinions, steps=None, stubborn=None):
    r"""DeGroot's model: in each round everybody takes the average opinion of those they listen to.

    .. math:: x(t + 1) = T x(t), \qquad x(\infty) = \mathbf 1\, \pi^\top x(0) \;\text{ with }\; \pi^\top T = \pi^\top

    if a single group listens to itself alone, and goes round in no cycle. Every opinion stays in the hull of those that
    its owner listens to. What a start counts for in the end, :math:`\pi`, is no row of ``trust`` and seldom equal.
    With ``stubborn`` people, :math:`x(t + 1) = (1 - s) T x(t) + s\, x(0)`.

    Source: DeGroot 1974; Friedkin & Johnsen 1990 for the stubborn.

    Parameters
    ----------
    trust : array_like (n, n)
        How much each, in a row, listens to each; rows are on the simplex.
    opinions : array (n, d)
        What they think at the start, a NumPy array or torch tensor.
    steps : None or int, default=None
        Rounds; more go further from the start. ``None`` is the limit.
    stubborn : None or array_like (n,), default=None
        How much, from 0 to 1, each holds on to the start in every round; ``None`` is 0 for all.

    Returns
    -------
    Influence
        Opinions, what each start counts in them, the closed groups, and whether they agree.

    Raises
    ------
    ValueError
        If rows of ``trust`` are off the simplex, shapes differ, ``stubborn`` is not from 0 to 1, or the limit is asked
        for where opinions go round for ever.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import degroot
    >>> talk = degroot([[0.5, 0.5], [0.25, 0.75]], np.array([[0.0], [3.0]]))
    >>> talk.consensus, talk.opinions.round(6).tolist(), talk.weights[0].round(6)
    (True, [[2.0], [2.0]], array([0.333333, 0.666667]))
    """
    opinions = read_vectors(opinions, "opinions", "(n, d)")
    trust, xp = floats(trust, "trust"), array_namespace(opinions)
    n = opinions.shape[0]
    if opinions.ndim != 2:
        raise ValueError(f"opinions: expected shape (n, d), got {tuple(opinions.shape)}")
    if trust.shape != (n, n):
        raise ValueError(
            f"trust: shape {trust.shape} and opinions {tuple(opinions.shape)}; expected (n, n) and (n, d) for n people"
        )
    trust = check_weights(trust, n, like=trust, name="trust")
    held = np.zeros(n) if stubborn is None else floats(stubborn, "stubborn")
    if held.shape != (n,) or not ((held >= 0) & (held <= 1)).all():
        raise ValueError(f"stubborn: expected {n} numbers from 0 to 1, got {held.tolist() if held.ndim else held}")
    classes = _closed_groups((1 - held[:, None]) * trust > 0)
    if steps is None:
        weights = _limit(trust, classes) if not held.any() else _stubborn_limit(trust, held)
    else:
        weights = np.eye(n)
        for _ in range(whole(steps, "steps", 0)):
            weights = (1 - held)[:, None] * (trust @ weights) + np.diag(held)
    agreed = bool(np.ptp(weights, axis=0).max() < 1e-9)
    found = xp.asarray(weights @ as_numpy(opinions).astype(float), dtype=opinions.dtype, device=opinions.device)
    return Influence(found, weights, classes, agreed)


def _closed_groups(listens):
    """Groups of people who all hear of each other and of nobody else."""
    count, group_of = connected_components(listens, connection="strong")
    groups = [np.flatnonzero(group_of == group) for group in range(count)]
    closed = [group for group in groups if not np.delete(listens[group], group, axis=1).any()]
    return tuple(sorted(tuple(group.tolist()) for group in closed))


def _limit(trust, classes):
    """The limit of the powers of ``trust``: in a closed group its left eigenvector, else by whom one ends up with."""
    n = len(trust)
    ends = np.zeros((len(classes), n))
    for row, group in zip(ends, classes, strict=True):
        inner = trust[np.ix_(group, group)]
        if (period := _period(inner > 0)) > 1:
            raise ValueError(
                f"trust: {_named(group)} has period {period}, so opinions go round for ever; "
                "let somebody there listen to themselves, or ask for a number of steps"
            )
        system = np.vstack([inner.T - np.eye(len(group)), np.ones(len(group))])
        row[list(group)] = np.linalg.lstsq(system, np.eye(len(group) + 1)[-1])[0].clip(0)
        row /= row.sum()
    reached, rest = np.zeros((n, len(classes))), np.ones(n, dtype=bool)
    for column, group in enumerate(classes):
        reached[list(group), column], rest[list(group)] = 1.0, False
    outer = np.flatnonzero(rest)
    reached[outer] = np.linalg.solve(np.eye(len(outer)) - trust[np.ix_(outer, outer)], trust[outer] @ reached)
    return reached @ ends


def _stubborn_limit(trust, held):
    system = np.eye(len(trust)) - (1 - held)[:, None] * trust
    if np.linalg.cond(system) > 1e12:
        raise ValueError("stubborn: some listen to nobody stubborn, so this limit is not unique; give each a little")
    return np.linalg.solve(system, np.diag(held))


def _period(listens):
    """The greatest common divisor of the lengths of all cycles of a strongly connected group."""
    order, before = breadth_first_order(listens, 0)
    level = np.zeros(len(listens), dtype=int)
    for node in order[1:]:
        level[node] = level[before[node]] + 1
    starts, stops = np.nonzero(listens)
    return math.gcd(*(level[starts] + 1 - level[stops]).tolist())


def _named(group):
    shown = ", ".join(map(str, group[:6])) + (", ..." if len(group) > 6 else "")
    return f"{{{shown}}}"

"""Tipping: crowds that follow, neighbourhoods that part, and camps that make something together.

Each function runs one process and gives its course over rounds or time; randomness is in ``rng`` alone.
"""

import numpy as np
from scipy.ndimage import convolve

from mixlib.arrays import generator, whole


def cascade(thresholds, rounds=200, acting=0.0):
    r"""The share of a crowd that acts, round by round: each acts once as large a share as their threshold does.

    .. math:: r_{t+1} = \frac{1}{n} \, \bigl| \{ i : \theta_i \le r_t \} \bigr|

    Source: Granovetter 1978.

    Parameters
    ----------
    thresholds : array (n,)
        The share of the crowd that has to act before one does so too; 0 or less acts alone, above 1 never.
    rounds : int, default=200
    acting : float, default=0.0
        The share that acts at first.

    Returns
    -------
    array (rounds + 1,)

    Raises
    ------
    ValueError
        If there are no thresholds, or ``acting`` is not from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.tipping import cascade
    >>> crowd = np.arange(100) / 100  # thresholds of 0, 1, 2, ... people
    >>> calmer = np.where(crowd == 0.01, 0.02, crowd)  # one person waits for one more
    >>> print(f"{cascade(crowd)[-1]:.2f} and {cascade(calmer)[-1]:.2f}")
    1.00 and 0.01
    """
    ordered = np.sort(np.ravel(np.asarray(thresholds, dtype=float)))
    if not len(ordered):
        raise ValueError("thresholds: got none; give one a person")
    if not 0 <= acting <= 1:
        raise ValueError(f"acting: got {acting!r}, expected a share from 0 to 1")
    course = [float(acting)]
    for _ in range(whole(rounds, "rounds", least=0)):
        course.append(np.searchsorted(ordered, course[-1] + 1e-12, side="right") / len(ordered))
    return np.array(course)


def settle(town, wish, rounds=200, radius=2, rng=None):
    """A town whose people move away from where too few neighbours are like them, round by round.

    In a round as many of the discontent as there are empty places move, at random, to a random one of these.

    Source: Schelling 1971.

    Parameters
    ----------
    town : int array (h, w)
        1 and 2 for two kinds of people, 0 for an empty place; its edges are joined.
    wish : float
        The share of like people, among those nearby, below which one is discontent.
    rounds : int, default=200
    radius : int, default=2
        Neighbours are the people in the square that reaches so far.
    rng : numpy Generator or int, optional
        By default seed 0.

    Returns
    -------
    (array (h, w), array (rounds + 1,))
        The town at the end, and the mean share of like neighbours over the rounds.

    Raises
    ------
    ValueError
        If the town holds something else than 0, 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.tipping import settle
    >>> town = np.random.default_rng(0).choice([0, 1, 2], size=(30, 30), p=[0.1, 0.45, 0.45])
    >>> end, alike = settle(town, wish=0.5)
    >>> print(f"from {alike[0]:.2f} to {alike[-1]:.2f}")
    from 0.50 to 0.90
    """
    town, rng = np.array(town), generator(rng)
    if not np.isin(town, (0, 1, 2)).all():
        raise ValueError("town: holds something else than 0 (empty), 1 and 2; code two kinds of people so")
    square = np.ones((2 * radius + 1,) * 2)
    square[radius, radius] = 0
    course = []
    for step in range(whole(rounds, "rounds", least=0) + 1):
        near = [convolve((town == kind).astype(float), square, mode="wrap") for kind in (1, 2)]
        people = near[0] + near[1]
        like = np.where(town == 1, near[0], near[1]) / np.maximum(people, 1)
        like = np.where(people > 0, like, 1.0)  # who has no neighbours minds none
        course.append(like[town > 0].mean())
        away, free = np.flatnonzero((town > 0) & (like < wish)), np.flatnonzero(town == 0)
        if step == rounds or not len(away) or not len(free):
            break
        count = min(len(away), len(free))
        away, free = rng.permutation(away)[:count], rng.permutation(free)[:count]
        flat = town.reshape(-1)
        flat[free], flat[away] = flat[away], 0
    return town, np.array(course + [course[-1]] * (rounds + 1 - len(course)))


def found_together(
    camps,
    temperature,
    time,
    *,
    barrier=12.0,
    proof=0.0,
    excitement=0.0,
    return_barrier=60.0,
    until=1.0,
    rng=None,
    record=False,
):
    r"""Two camps of people; one of each who meet may found something together, in which neither is what they were.

    .. math:: A + B \to 2\,C: \; \frac{ab}{n} \, e^{-(E - P c / n) / T}, \qquad
              2\,C \to A + B: \; \frac{c}{2} e^{-R / T}, \qquad T = T_0 + Q \, c / n

    Everybody meets somebody of the other camp at a rate of their share. They agree with the chance of a choice that
    pays E less than staying as they are (logit choice at noise T). Social proof P lowers that barrier with the share
    that has joined; excitement Q raises the noise with it, as a flame warms its gas. Times are in meetings a person;
    the process is drawn in steps, each of which moves few people and changes the rate by little.

    Source: Weidlich 2000 for transition rates of this form; Blume 1993 for logit choice.

    Parameters
    ----------
    camps : sequence of int
        People in A, in B, and in C.
    temperature : float
        The noise of choices at first, positive.
    time : float
    barrier, proof, excitement, return_barrier : float, default=12.0, 0.0, 0.0, 60.0
        E, P, Q and R.
    until : float, default=1.0
        Stop once so large a share of the people has joined.
    rng : numpy Generator or int, optional
        By default seed 0.
    record : bool, default=False
        Whether to return the course too.

    Returns
    -------
    int array (3,)
        People in A, B and C; with ``record`` also the times (t,) and the people (t, 3) at them.

    Raises
    ------
    ValueError
        If the temperature is not positive, or a camp is negative.

    Examples
    --------
    >>> from mixlib.domains.tipping import found_together
    >>> for noise in (0.8, 2.0):
    ...     print(found_together([500, 500, 0], temperature=noise, time=1000.0, excitement=4.0))
    [500 500   0]
    [ 16  16 968]
    """
    people, rng = np.array(camps, dtype=int), generator(rng)
    if not temperature > 0:
        raise ValueError(f"temperature: got {temperature!r}, expected a positive number")
    if len(people) != 3 or people.min() < 0:
        raise ValueError(f"camps: got {camps!r}, expected how many people are in A, B and C")
    total, now, course = max(people.sum(), 1), 0.0, [(0.0, *people)]
    while now < time and (until == 1 or people[2] < until * total):
        a, b, c = people
        noise = temperature + excitement * c / total
        there = a * b / total * np.exp(-max(barrier - proof * c / total, 0.0) / noise)
        back = c / 2 * np.exp(-return_barrier / noise)
        rate = there + back
        if rate == 0:
            break
        steep = max(barrier - proof * c / total, 0.0) * excitement / noise**2 + proof / noise  # d ln(rate) / d(c / n)
        moved = min(max(0.01 * min(a, b), 0.001 * total), 0.02 * total / max(steep, 1e-9))
        step = max(moved, 1.0) / rate  # moves a hundredth of those who can still join, and the rate by a 25th
        step = min(step, time - now)
        joined = min(rng.poisson(there * step), a, b)
        left = min(rng.poisson(back * step), c // 2)
        people = people + np.array([-1, -1, 2]) * joined + np.array([1, 1, -2]) * left
        now += step
        course.append((now, *people))
    if not record:
        return people
    if until == 1 or people[2] < until * total:
        course.append((float(time), *people))
    course = np.array(course)
    return people, course[:, 0], course[:, 1:]

"""Discrete systems: joint mass functions with one axis a variable, channels that mix parts, and samples of them."""

import math
from itertools import product

import numpy as np

from mixlib.arrays import generator


def parity(n=3):
    """Parity (exclusive or): ``n - 1`` fair bits and their parity, TC 1, DTC n - 1, Omega -(n - 2) bits.

    Parameters
    ----------
    n : int, default=3
        Number of variables, the parity among them. More of them are more synergistic.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.parity(), units='bits').omega:.3f} bits")
    -1.000 bits
    """
    return _uniform_over([s for s in product((0, 1), repeat=n) if sum(s) % 2 == 0], (2,) * n)


def copy(n=3):
    """Copies: one fair bit, seen ``n`` times, TC n - 1, DTC 1, Omega n - 2 bits.

    Parameters
    ----------
    n : int, default=3
        Number of variables. More of them are more redundant.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.copy(), units='bits').omega:.3f} bits")
    1.000 bits
    """
    return _uniform_over([(0,) * n, (1,) * n], (2,) * n)


def and_gate():
    """AND gate: two fair bits and their AND, TC .8113, DTC 1, Omega -.1887 bits.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.and_gate(), units='bits').omega:.3f} bits")
    -0.189 bits
    """
    return _uniform_over([(a, b, a & b) for a, b in product((0, 1), repeat=2)], (2, 2, 2))


def dyadic():
    """Dyadic distribution: of three variables of two bits, each pair shares one bit, TC = DTC = 3 bits.

    Source: James & Crutchfield 2017.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.dyadic(), units='bits').tc:.3f} bits")
    3.000 bits
    """
    bits = product((0, 1), repeat=3)
    return _uniform_over([(2 * a + b, 2 * b + c, 2 * c + a) for a, b, c in bits], (4, 4, 4))


def triadic():
    """Triadic distribution: three variables of two bits, one in common, the others in exclusive or.

    Pairwise it has the same entropies as :func:`dyadic`.

    Source: James & Crutchfield 2017.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.triadic(), units='bits').tc:.3f} bits")
    3.000 bits
    """
    states = [(2 * a + z, 2 * b + z, 2 * (a ^ b) + z) for a, b, z in product((0, 1), repeat=3)]
    return _uniform_over(states, (4, 4, 4))


def noisy_copy(flip, n=3):
    """Noisy copies: a fair bit and ``n - 1`` copies of it, each flipped with probability ``flip``.

    Parameters
    ----------
    flip : float
        Chance that a copy differs from the bit, from 0 to 1. At 0.5 all are independent.
    n : int, default=3
        Number of variables.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.noisy_copy(0.1), units='bits').omega:.3f} bits")
    0.320 bits
    """
    joint = np.zeros((2,) * n)
    for state in product((0, 1), repeat=n):
        flips = sum(bit != state[0] for bit in state[1:])
        joint[state] = 0.5 * flip**flips * (1 - flip) ** (n - 1 - flips)
    return joint


def noisy_parity(flip, n=3):
    """Noisy parity: ``n - 1`` fair bits and their parity, the parity flipped with probability ``flip``.

    Parameters
    ----------
    flip : float
        Chance that the parity is the wrong one, from 0 to 1. At 0.5 all are independent.
    n : int, default=3
        Number of variables.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.noisy_parity(0.1), units='bits').omega:.3f} bits")
    -0.531 bits
    """
    clean = parity(n)
    return (1 - flip) * clean + flip * np.flip(clean, axis=-1)


def ising(n, coupling):
    r"""Ising model of spins that all couple alike: :math:`p(s) \propto \exp(J \sum_{i<j} s_i s_j)`.

    Parameters
    ----------
    n : int
        Number of spins.
    coupling : float
        J. Above 0 spins agree, below 0 they differ; 0 is independent.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.ising(3, -0.5), units='bits').omega:.3f} bits")  # frustrated
    -0.060 bits
    """
    joint = np.zeros((2,) * n)
    for state in product((0, 1), repeat=n):
        total = sum(2 * bit - 1 for bit in state)
        joint[state] = math.exp(coupling * (total**2 - n) / 2)
    return joint / joint.sum()


def independent(*margins):
    """Independent variables: the joint mass function of given margins.

    Parameters
    ----------
    *margins : array_like (k_i,)
        Mass function of each variable.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information.systems import independent
    >>> independent([0.5, 0.5], [0.25, 0.75])
    array([[0.125, 0.375],
           [0.125, 0.375]])
    """
    joint = np.ones(())
    for margin in margins:
        joint = np.multiply.outer(joint, np.asarray(margin, dtype=float))
    return joint


def agreeing_bits(agreement, n=2):
    """Agreeing bits: ``n`` fair bits, one and the same with probability ``agreement``, independent otherwise.

    Parameters
    ----------
    agreement : float
        From 0, independent, to 1, copies.
    n : int, default=2
        Number of bits.

    Returns
    -------
    array
        Joint mass function, one axis a variable.

    Examples
    --------
    >>> from mixlib.information.systems import agreeing_bits
    >>> agreeing_bits(0.5)
    array([[0.375, 0.125],
           [0.125, 0.375]])
    """
    return agreement * copy(n) + (1 - agreement) * np.full((2,) * n, 0.5**n)


def channel(parts, transition):
    """Discrete channel: the joint mass function of parts and of what a transition makes of them, the last axis.

    Parameters
    ----------
    parts : array (k_1, ..., k_n)
        Joint mass function of the parts, independent or not.
    transition : array (k_1, ..., k_n, k_M)
        Distribution of the mixture M for every joint state of the parts.

    Returns
    -------
    array (k_1, ..., k_n, k_M)
        Joint mass function of the parts and the mixture.

    Raises
    ------
    ValueError
        If the transition's leading axes are not those of the parts, or a row is no distribution.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> bits = systems.independent([0.5, 0.5], [0.5, 0.5])
    >>> print(f"{from_pmf(systems.channel(bits, systems.deterministic((2, 2), max)), units='bits').omega:.3f} bits")
    -0.189 bits
    """
    parts, transition = np.asarray(parts, dtype=float), np.asarray(transition, dtype=float)
    if transition.shape[:-1] != parts.shape:
        raise ValueError(
            f"transition: shape {transition.shape} does not extend the shape {parts.shape} of parts by one axis"
        )
    if np.any(transition < 0) or not np.allclose(transition.sum(axis=-1), 1):
        raise ValueError("transition: a row is negative or does not sum to 1; each must be a distribution of M")
    return parts[..., None] * transition


def deterministic(shape, function):
    """Deterministic transition: that of a mixture that is a function of the parts' states.

    ``function`` maps a tuple of states to any hashable value; the values are numbered in sorted order.

    Parameters
    ----------
    shape : tuple of int
        How many states each part has.
    function : callable
        ``function(*states)`` gives any value that can be sorted and hashed.

    Returns
    -------
    array (k_1, ..., k_n, k_M)
        Distribution of the mixture for every joint state of the parts.

    Examples
    --------
    >>> from mixlib.information.systems import deterministic
    >>> deterministic((2, 2), max)[1, 0]  # the distribution of max(1, 0)
    array([0., 1.])
    """
    values = {state: function(*state) for state in product(*map(range, shape))}
    numbers = {value: number for number, value in enumerate(sorted(set(values.values())))}
    transition = np.zeros((*shape, len(numbers)))
    for state, value in values.items():
        transition[(*state, numbers[value])] = 1
    return transition


def random_channel(shape, n_outputs, *, sharpness=1.0, rng=None):
    """Random transition: every row drawn from a Dirichlet distribution.

    Parameters
    ----------
    shape : tuple of int
        How many states each part has.
    n_outputs : int
        How many the mixture has.
    sharpness : float, default=1.0
        Higher is nearer to deterministic.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws.

    Returns
    -------
    array (k_1, ..., k_n, k_M)
        Distribution of the mixture for every joint state of the parts.

    Examples
    --------
    >>> from mixlib.information.systems import random_channel
    >>> random_channel((2,), 3, sharpness=5.0, rng=0).round(2)
    array([[0.23, 0.  , 0.77],
           [0.24, 0.14, 0.61]])
    """
    return generator(rng).dirichlet(np.full(n_outputs, 1 / sharpness), size=shape)


def sample(system, n_samples, *, rng=None):
    """Samples (T, n) of the states of a joint mass function, numbered from 0.

    Parameters
    ----------
    system : array (k_1, ..., k_n)
        Joint mass function.
    n_samples : int
        How many samples.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws; an int seed repeats them, and ``None`` is seed 0.

    Returns
    -------
    integer array (n_samples, n)
        One sample a row.

    Raises
    ------
    ValueError
        If ``system`` is no joint mass function.

    Examples
    --------
    >>> from mixlib.information.systems import parity, sample
    >>> sample(parity(), 3, rng=0).sum(axis=1) % 2
    array([0, 0, 0])
    """
    system = np.asarray(system, dtype=float)
    if np.any(system < 0) or abs(system.sum() - 1) > 1e-9:
        raise ValueError(f"system: sums to {system.sum():.6g} or has negative entries; pass a joint mass function")
    drawn = generator(rng).choice(system.size, n_samples, p=system.ravel() / system.sum())
    return np.stack(np.unravel_index(drawn, system.shape), axis=-1)


def _uniform_over(states, shape):
    joint = np.zeros(shape)
    for state in states:
        joint[state] += 1 / len(states)
    return joint

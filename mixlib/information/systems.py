"""Systems whose information is known: discrete joint distributions and Gaussian covariances, and samples of them.

Discrete systems are joint mass functions with one axis a variable, Gaussian ones covariance matrices.
"""

import math
from itertools import product

import numpy as np

from mixlib.arrays import generator


def parity(n=3):
    """Parity (exclusive or): ``n - 1`` fair bits and their parity, TC 1, DTC n - 1, Omega -(n - 2) bits.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.parity(), units='bits').omega:.3f} bits")
    -1.000 bits
    """
    return _uniform_over([s for s in product((0, 1), repeat=n) if sum(s) % 2 == 0], (2,) * n)


def copy(n=3):
    """Copies: one fair bit, seen ``n`` times, TC n - 1, DTC 1, Omega n - 2 bits.

    Examples
    --------
    >>> from mixlib.information import from_pmf, systems
    >>> print(f"{from_pmf(systems.copy(), units='bits').omega:.3f} bits")
    1.000 bits
    """
    return _uniform_over([(0,) * n, (1,) * n], (2,) * n)


def and_gate():
    """AND gate: two fair bits and their AND, TC .8113, DTC 1, Omega -.1887 bits.

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

    Examples
    --------
    >>> from mixlib.information.systems import random_channel
    >>> random_channel((2,), 3, sharpness=5.0, rng=0).round(2)
    array([[0.23, 0.  , 0.77],
           [0.24, 0.14, 0.61]])
    """
    return generator(rng).dirichlet(np.full(n_outputs, 1 / sharpness), size=shape)


def equicorrelated(n, rho):
    """Equicorrelated variables of unit variance: redundant for positive ``rho``.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.equicorrelated(3, 0.8)).omega:.3f} nats")
    0.401 nats
    """
    return (1 - rho) * np.eye(n) + rho


def autoregressive(n, rho):
    """Autoregressive series of unit variance: correlation ``rho ** |i - j|``.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.autoregressive(3, 0.8)).omega:.3f} nats")
    0.263 nats
    """
    steps = np.arange(n)
    return rho ** np.abs(steps[:, None] - steps)


def synergistic(n, rho):
    r"""Synergistic Gaussian system: the second variable correlates with all others, and they not with each other.

    The first two variables correlate by :math:`1/\sqrt{n - 1}`, the second with every later one by
    :math:`\rho/\sqrt{n - 1}`, all others not at all.

    Source: Bounoua et al. 2024.

    Parameters
    ----------
    n : int
        Number of variables, at least 3.
    rho : float
        Higher is more synergistic; the matrix must stay positive definite.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.synergistic(3, 0.6)).omega:.3f} nats")
    -0.124 nats
    """
    cov = np.eye(n)
    cov[0, 1] = cov[1, 0] = 1 / math.sqrt(n - 1)
    cov[1, 2:] = cov[2:, 1] = rho / math.sqrt(n - 1)
    return cov


def common_cause(n, noise):
    """Common cause: ``X_i = Z + noise * e_i`` with standard normal ``Z`` and ``e_i``.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.common_cause(3, 0.5)).omega:.3f} nats")
    0.401 nats
    """
    return np.ones((n, n)) + noise**2 * np.eye(n)


def sum_with_noise(n, noise):
    """Noisy sum: ``n`` independent standard normals and their sum plus ``noise`` times another.

    Parameters
    ----------
    n : int
        Number of parts.
    noise : float
        Standard deviation of the noise in the sum. Less of it is more synergy.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.sum_with_noise(2, 0.5)).omega:.3f} nats")
    -0.511 nats
    """
    mixing = np.vstack([np.eye(n), np.ones(n)])
    cov = mixing @ mixing.T
    cov[-1, -1] += noise**2
    return cov


def mean_with_noise(n, rho, snr):
    r"""Noisy mean: covariance (n + 1, n + 1) of parts and their mean, :math:`(P_1, \dots, P_n, M)`.

    The parts are standard normal with correlation ``rho``; :math:`M = \tfrac1n \sum_i P_i + e` with noise
    variance :math:`\operatorname{Var}(\bar P) / \mathrm{snr}`, the linear kernel seen through noise.

    Parameters
    ----------
    n : int
        Number of parts.
    rho : float
        Correlation of the parts.
    snr : float
        Signal-to-noise ratio of the mean. Higher is more synergy.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.mean_with_noise(2, 0.0, 10.0)).omega:.3f} nats")
    -0.593 nats
    """
    parts = equicorrelated(n, rho)
    mixing = np.vstack([np.eye(n), np.full(n, 1 / n)])
    cov = mixing @ parts @ mixing.T
    cov[-1, -1] *= 1 + 1 / snr
    return cov


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


def sample_gaussian(cov, n_samples, *, rng=None):
    """Samples (T, n) of a Gaussian with mean 0.

    Examples
    --------
    >>> import mixlib
    >>> from mixlib.information.systems import equicorrelated, sample_gaussian
    >>> result = mixlib.o_information(sample_gaussian(equicorrelated(3, 0.8), 1000, rng=0))
    >>> print(f"{result.omega:.2f} ± {result.standard_error:.2f}")
    0.39 ± 0.01
    """
    cov = np.asarray(cov, dtype=float)
    return generator(rng).standard_normal((n_samples, len(cov))) @ np.linalg.cholesky(cov).T


def sign_lift(bits, *, rng=None):
    r"""Sign lift: standard normals with ``bits`` for signs, :math:`X_i = (2 b_i - 1) |Z_i|` with independent Z.

    Fair bits keep exactly their TC, DTC and Omega, since the sizes know nothing. Where no two bits depend, as in
    :func:`parity`, no covariance and no Gaussian copula sees anything.

    Parameters
    ----------
    bits : integer array (T, n)
        0 and 1.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws; an int seed repeats them, and ``None`` is seed 0.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.information.systems import sign_lift
    >>> np.sign(sign_lift(np.array([[0, 1, 1]]), rng=0))
    array([[-1.,  1.,  1.]])
    """
    bits = np.asarray(bits)
    if not np.isin(bits, (0, 1)).all():
        raise ValueError(f"bits: expected 0 and 1, got values from {bits.min()} to {bits.max()}")
    return (2 * bits - 1) * np.abs(generator(rng).standard_normal(bits.shape))


def _uniform_over(states, shape):
    joint = np.zeros(shape)
    for state in states:
        joint[state] += 1 / len(states)
    return joint

"""Systems whose information is known: discrete joint distributions and Gaussian covariances, and samples of them.

Discrete systems are joint mass functions with one axis a variable, Gaussian ones covariance matrices.
"""

import math
from itertools import product

import numpy as np

from mixlib.arrays import generator


def parity(n=3):
    """``n - 1`` fair bits and their parity: TC 1, DTC n - 1, Omega -(n - 2) bits."""
    return _uniform_over([s for s in product((0, 1), repeat=n) if sum(s) % 2 == 0], (2,) * n)


def copy(n=3):
    """One fair bit, seen ``n`` times: TC n - 1, DTC 1, Omega n - 2 bits."""
    return _uniform_over([(0,) * n, (1,) * n], (2,) * n)


def and_gate():
    """Two fair bits and their AND: TC .8113, DTC 1, Omega -.1887 bits."""
    return _uniform_over([(a, b, a & b) for a, b in product((0, 1), repeat=2)], (2, 2, 2))


def dyadic():
    """Three variables of two bits, each pair of variables shares one bit: TC = DTC = 3 bits.

    Source: James & Crutchfield 2017.
    """
    bits = product((0, 1), repeat=3)
    return _uniform_over([(2 * a + b, 2 * b + c, 2 * c + a) for a, b, c in bits], (4, 4, 4))


def triadic():
    """Three variables of two bits: one bit of each in common, the others in exclusive or: TC = DTC = 3 bits.

    Pairwise it has the same entropies as :func:`dyadic`.

    Source: James & Crutchfield 2017.
    """
    states = [(2 * a + z, 2 * b + z, 2 * (a ^ b) + z) for a, b, z in product((0, 1), repeat=3)]
    return _uniform_over(states, (4, 4, 4))


def noisy_copy(flip, n=3):
    """A fair bit and ``n - 1`` copies of it, each flipped with probability ``flip``."""
    joint = np.zeros((2,) * n)
    for state in product((0, 1), repeat=n):
        flips = sum(bit != state[0] for bit in state[1:])
        joint[state] = 0.5 * flip**flips * (1 - flip) ** (n - 1 - flips)
    return joint


def noisy_parity(flip, n=3):
    """``n - 1`` fair bits and their parity, the parity flipped with probability ``flip``."""
    clean = parity(n)
    return (1 - flip) * clean + flip * np.flip(clean, axis=-1)


def ising(n, coupling):
    r"""Spins that all couple alike: :math:`p(s) \propto \exp(J \sum_{i<j} s_i s_j)`."""
    joint = np.zeros((2,) * n)
    for state in product((0, 1), repeat=n):
        total = sum(2 * bit - 1 for bit in state)
        joint[state] = math.exp(coupling * (total**2 - n) / 2)
    return joint / joint.sum()


def independent(*margins):
    """Joint mass function of independent variables with the given margins."""
    joint = np.ones(())
    for margin in margins:
        joint = np.multiply.outer(joint, np.asarray(margin, dtype=float))
    return joint


def agreeing_bits(agreement, n=2):
    """``n`` fair bits that are one bit with probability ``agreement`` and independent otherwise."""
    return agreement * copy(n) + (1 - agreement) * np.full((2,) * n, 0.5**n)


def channel(parts, transition):
    """Joint mass function of the parts and of what a channel makes of them, the last axis.

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
    """Transition ``(*shape, k_M)`` of a mixture that is a function of the parts' states.

    ``function`` maps a tuple of states to any hashable value; the values are numbered in sorted order.
    """
    values = {state: function(*state) for state in product(*map(range, shape))}
    numbers = {value: number for number, value in enumerate(sorted(set(values.values())))}
    transition = np.zeros((*shape, len(numbers)))
    for state, value in values.items():
        transition[(*state, numbers[value])] = 1
    return transition


def random_channel(shape, n_outputs, *, sharpness=1.0, rng=None):
    """A random transition ``(*shape, n_outputs)``, every row Dirichlet; large ``sharpness`` is nearly deterministic."""
    return generator(rng).dirichlet(np.full(n_outputs, 1 / sharpness), size=shape)


def equicorrelated(n, rho):
    """Unit variances, every correlation ``rho``: redundant for positive ``rho``."""
    return (1 - rho) * np.eye(n) + rho


def autoregressive(n, rho):
    """Unit variances, correlation ``rho ** |i - j|``."""
    steps = np.arange(n)
    return rho ** np.abs(steps[:, None] - steps)


def synergistic(n, rho):
    r"""A Gaussian system with negative Omega.

    The first two variables correlate by :math:`1/\sqrt{n - 1}`, the second with every later one by
    :math:`\rho/\sqrt{n - 1}`, all others not at all.

    Source: Bounoua et al. 2024.
    """
    cov = np.eye(n)
    cov[0, 1] = cov[1, 0] = 1 / math.sqrt(n - 1)
    cov[1, 2:] = cov[2:, 1] = rho / math.sqrt(n - 1)
    return cov


def common_cause(n, noise):
    """``X_i = Z + noise * e_i`` with standard normal ``Z`` and ``e_i``."""
    return np.ones((n, n)) + noise**2 * np.eye(n)


def sum_with_noise(n, noise):
    """``n`` independent standard normals and their sum plus ``noise`` times another."""
    mixing = np.vstack([np.eye(n), np.ones(n)])
    cov = mixing @ mixing.T
    cov[-1, -1] += noise**2
    return cov


def mean_with_noise(n, rho, snr):
    r"""Parts and their noisy mean: covariance (n + 1, n + 1) of :math:`(P_1, \dots, P_n, M)`.

    The parts are standard normal with correlation ``rho``; :math:`M = \tfrac1n \sum_i P_i + e` with noise
    variance :math:`\operatorname{Var}(\bar P) / \mathrm{snr}`, the linear kernel seen through noise.
    """
    parts = equicorrelated(n, rho)
    mixing = np.vstack([np.eye(n), np.full(n, 1 / n)])
    cov = mixing @ parts @ mixing.T
    cov[-1, -1] *= 1 + 1 / snr
    return cov


def sample(system, n_samples, *, rng=None):
    """Independent samples (T, n) of the states of a joint mass function, numbered from 0.

    Raises
    ------
    ValueError
        If ``system`` is no joint mass function.
    """
    system = np.asarray(system, dtype=float)
    if np.any(system < 0) or abs(system.sum() - 1) > 1e-9:
        raise ValueError(f"system: sums to {system.sum():.6g} or has negative entries; pass a joint mass function")
    drawn = generator(rng).choice(system.size, n_samples, p=system.ravel() / system.sum())
    return np.stack(np.unravel_index(drawn, system.shape), axis=-1)


def sample_gaussian(cov, n_samples, *, rng=None):
    """Independent samples (T, n) of a Gaussian with mean 0."""
    cov = np.asarray(cov, dtype=float)
    return generator(rng).standard_normal((n_samples, len(cov))) @ np.linalg.cholesky(cov).T


def sign_lift(bits, *, rng=None):
    r"""Standard normal variables whose signs are ``bits``: :math:`X_i = (2 b_i - 1) |Z_i|` with independent Z.

    Fair bits keep exactly their TC, DTC and Omega, since the sizes know nothing. Where no two bits depend, as in
    :func:`parity`, no covariance and no Gaussian copula sees anything.
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

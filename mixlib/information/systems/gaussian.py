"""Gaussian systems: covariance matrices of known information, and samples of normal variables."""

import math

import numpy as np

from mixlib.arrays import generator


def equicorrelated(n, rho):
    """Equicorrelated variables of unit variance: redundant for positive ``rho``.

    Parameters
    ----------
    n : int
        Number of variables.
    rho : float
        Correlation of each pair, above -1 / (n - 1) and below 1.

    Returns
    -------
    array (n, n)
        Covariance matrix.

    Examples
    --------
    >>> from mixlib.information import from_covariance, systems
    >>> print(f"{from_covariance(systems.equicorrelated(3, 0.8)).omega:.3f} nats")
    0.401 nats
    """
    return (1 - rho) * np.eye(n) + rho


def autoregressive(n, rho):
    """Autoregressive series of unit variance: correlation ``rho ** |i - j|``.

    Parameters
    ----------
    n : int
        Number of steps.
    rho : float
        Correlation of neighbours, between -1 and 1.

    Returns
    -------
    array (n, n)
        Covariance matrix.

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

    Returns
    -------
    array (n, n)
        Covariance matrix.

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

    Parameters
    ----------
    n : int
        Number of effects.
    noise : float
        Standard deviation of what each effect has of its own. Less is more redundant.

    Returns
    -------
    array (n, n)
        Covariance matrix.

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

    Returns
    -------
    array (n + 1, n + 1)
        Covariance matrix of the parts and, last, the mixture.

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

    Returns
    -------
    array (n + 1, n + 1)
        Covariance matrix of the parts and, last, the mixture.

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


def sample_gaussian(cov, n_samples, *, rng=None):
    """Samples (T, n) of a Gaussian with mean 0.

    Parameters
    ----------
    cov : array_like (n, n)
        Covariance matrix, positive definite.
    n_samples : int
        How many samples.
    rng : None, int or numpy.random.Generator, default=None
        Source of the draws; an int seed repeats them, and ``None`` is seed 0.

    Returns
    -------
    array (n_samples, n)
        One sample a row.

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

    Returns
    -------
    array (T, n)
        Continuous samples.

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

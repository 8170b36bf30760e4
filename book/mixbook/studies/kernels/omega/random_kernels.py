"""Random smooth kernels of scalar parts, to see what holds for kernels at large and not for ten chosen ones."""

import numpy as np
import pandas as pd

from mixbook.studies.kernels.index.zoo import nonlinearity
from mixlib.arrays import generator
from mixlib.instruments.interaction import interaction_share
from mixlib.instruments.pairs import tabulate_pair

NODES = 41


def random_kernel(rng=None, *, roughness=2.0, waves=6):
    r"""A kernel of two scalar parts: their linear pool plus a random wave field of random strength.

    .. math:: m = \sum_i w_i \, p_i + \frac{s}{\sqrt K} \sum_{k=1}^K a_k \cos(f_k \cdot p + \varphi_k)

    Amplitudes are standard normal, frequencies normal with standard deviation ``roughness`` (rad per unit of a part),
    phases uniform; the strength ``s`` is log-uniform between 1/30 and 10, from nearly linear to hardly so.

    Parameters
    ----------
    rng : numpy Generator or int, optional
    roughness : float
    waves : int

    Returns
    -------
    callable
        ``kernel(weights, parts)`` with parts (..., 2, 1), returns (..., 1).

    Raises
    ------
    ValueError
        If ``roughness`` is not positive or there is no wave.
    """
    if not roughness > 0 or waves < 1:
        raise ValueError(f"roughness, waves: got {roughness} and {waves}; expected a positive number and at least 1")
    rng = generator(rng)
    frequencies, phases = rng.normal(0, roughness, (2, waves)), rng.uniform(0, 2 * np.pi, waves)
    amplitudes = rng.standard_normal(waves) / np.sqrt(waves) * 10 ** rng.uniform(-1.5, 1.0)

    def kernel(weights, parts):
        shares = np.full(2, 0.5) if weights is None else np.asarray(weights)
        field = np.cos(parts[..., 0] @ frequencies + phases) @ amplitudes
        return (np.sum(shares * parts[..., 0], axis=-1) + field)[..., None]

    return kernel


def survey(count, *, sampler=None, overlap=0.9, roughness=2.0, rng=None):
    """Measure ``count`` random kernels by all instruments, for independent and for overlapping parts.

    Parameters
    ----------
    count : int
    sampler : callable, optional
        Makes parts of numbers uniform in (0, 1).
    overlap : float
        Correlation of the parts' scores for the columns that end in ``_overlap``.
    roughness : float
        Of :func:`random_kernel`.
    rng : numpy Generator or int, optional

    Returns
    -------
    pandas.DataFrame
        One row a kernel: ``interaction`` and ``nonlinearity`` (of independent parts), ``omega`` and ``omega_overlap``
        (bits, at a signal-to-noise ratio of 10), ``omega_moved`` (of independent parts, all mixtures moved by 1000),
        ``outside``, ``outside_overlap`` and ``outside_moved`` (share of mixtures not between their parts).
    """
    rows = []
    for draws in generator(rng).spawn(count):
        kernel = random_kernel(draws, roughness=roughness)
        pair = tabulate_pair(kernel, sampler=sampler, nodes=NODES)
        moved = tabulate_pair(_moved(kernel), sampler=sampler, nodes=NODES)
        share = interaction_share(kernel, sampler=sampler, points=256, scrambles=4, rng=draws)
        rows.append(
            {
                "interaction": share.share,
                "nonlinearity": nonlinearity(pair),
                "omega": pair.omega(0.0, units="bits"),
                "omega_overlap": pair.omega(overlap, units="bits"),
                "omega_moved": moved.omega(0.0, units="bits"),
                "outside": pair.share_outside(0.0),
                "outside_overlap": pair.share_outside(overlap),
                "outside_moved": moved.share_outside(0.0),
            }
        )
    return pd.DataFrame(rows)


def _moved(kernel):
    return lambda weights, parts: kernel(weights, parts) + 1000.0

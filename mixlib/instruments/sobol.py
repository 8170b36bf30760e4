"""Scrambled Sobol sequences: the points of ``scipy.stats.qmc.Sobol``, without the half second that its import takes."""

from functools import cache

import numpy as np

BITS = 30

# of each coordinate: a primitive polynomial over GF(2) as the bits of a number, then its first direction numbers
COORDINATES = (
    *((1, 1), (3, 1), (7, 1, 3), (11, 1, 3, 1), (13, 1, 1, 1), (19, 1, 1, 3, 3), (25, 1, 3, 5, 13)),
    *((37, 1, 1, 5, 5, 17), (41, 1, 1, 5, 5, 5), (47, 1, 1, 7, 11, 19), (55, 1, 1, 5, 1, 1), (59, 1, 1, 1, 3, 11)),
    *((61, 1, 3, 5, 5, 31), (67, 1, 3, 3, 9, 7, 49), (91, 1, 1, 1, 15, 21, 21), (97, 1, 3, 1, 13, 27, 49)),
)


def scrambled_sobol(n_points, n_coordinates, rng):
    r"""The first points of a Sobol sequence, scrambled by a random lower triangular matrix and a random shift.

    .. math::
        x_k = (L V g_k + s) \bmod 2, \qquad g_k = k \oplus \lfloor k / 2 \rfloor

    in binary digits, with the direction numbers of the coordinate as columns of :math:`V`. Above 16 coordinates, SciPy
    makes the points.

    Source: Joe and Kuo 2008 (direction numbers), Matousek 1998 (scrambling).

    Parameters
    ----------
    n_points : int
        A power of 2.
    n_coordinates : int
    rng : numpy Generator

    Returns
    -------
    array (n_points, n_coordinates)
        In [0, 1).

    Examples
    --------
    >>> scrambled_sobol(8, 2, np.random.default_rng(0)).shape
    (8, 2)
    """
    if n_coordinates > len(COORDINATES):
        from scipy.stats import qmc

        return qmc.Sobol(n_coordinates, rng=rng).random(n_points)
    (rng,) = rng.spawn(1)
    highest_first = np.uint32(1) << np.arange(BITS, dtype=np.uint32)[::-1]
    # the shift's digits come lowest first
    shift = rng.integers(2, size=(n_coordinates, BITS), dtype=np.uint32) @ highest_first[::-1]
    lower = np.tril(rng.integers(2, size=(n_coordinates, BITS, BITS), dtype=np.uint32), -1) + np.eye(
        BITS, dtype=np.uint32
    )
    digits = np.stack([_directions(k) for k in range(n_coordinates)])[:, None, :] // highest_first[:, None] % 2
    directions = np.einsum("dij,i->dj", lower @ digits % 2, highest_first)
    counts = np.arange(1, n_points, dtype=np.uint32)
    changed = np.bitwise_count(
        (counts & -counts) - 1
    )  # the one digit in which a point's Gray code differs from the last
    steps = np.concatenate([shift[None], directions[:, changed].T])
    return np.bitwise_xor.accumulate(steps, axis=0) * 2.0**-BITS


@cache
def _directions(coordinate):
    """Direction numbers as whole numbers of ``BITS`` digits: array (BITS,)."""
    polynomial, *numbers = COORDINATES[coordinate]
    degree = polynomial.bit_length() - 1
    while len(numbers) < BITS:
        number = numbers[-degree] if degree else 1
        for back in range(1, degree + 1):
            if polynomial >> (degree - back) & 1:
                number ^= numbers[-back] << back
        numbers.append(number)
    return np.array([number << (BITS - 1 - place) for place, number in enumerate(numbers)], dtype=np.uint32)

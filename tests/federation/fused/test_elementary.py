"""Polynomial exponential and logarithm against NumPy's in double precision (float64: against longer arithmetic)."""

import numpy as np
import pytest
from numba import from_dtype, njit

from mixlib.federation.fused.elementary import HIGHEST, LOWEST, exp, log


@njit
def exps(x):
    out = np.empty_like(x)
    for j in range(x.size):
        out[j] = exp(x[j])
    return out


@njit
def logs(x):
    out = np.empty_like(x)
    for j in range(x.size):
        out[j] = log(x[j])
    return out


def units(found, exact, dtype):
    """The largest error, in units of the last place of the result."""
    return float(np.max(np.abs(found - exact) / np.spacing(np.abs(exact).astype(dtype))))


DTYPES = [np.float32, np.float64]
SEEDS = np.random.default_rng(0).integers(0, 2**31, 3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_exponential_within_its_range(dtype, seed):
    kind = from_dtype(np.dtype(dtype))
    x = np.random.default_rng(seed).uniform(LOWEST[kind], HIGHEST[kind], 20_000).astype(dtype)
    near = (x / LOWEST[kind]).astype(dtype)  # within 1 of 0, where nearly all of a sum comes from
    for values in (x, near):
        exact = np.exp(values.astype(np.longdouble))
        assert np.all(np.abs(exps(values) / exact - 1) < (2 + np.abs(values)) * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_logarithm_of_normal_numbers(dtype, seed):
    rng, info = np.random.default_rng(seed), np.finfo(dtype)
    x = np.exp(rng.uniform(np.log(info.tiny), np.log(info.max), 20_000)).astype(dtype)
    x = x[np.abs(np.log(x)) > 1]
    assert units(logs(x), np.log(x.astype(np.longdouble)), dtype) < 2
    near = rng.uniform(0.3, 3, 20_000).astype(dtype)  # the logarithm is small here, so its error must be small itself
    assert np.max(np.abs(logs(near) - np.log(near.astype(np.longdouble)))) < 1.5 * info.eps


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits(dtype):
    kind = from_dtype(np.dtype(dtype))
    found = exps(np.array([0, -np.inf, -1e4, np.inf, np.nan], dtype))
    low, high = (np.exp(limit[kind]) for limit in (LOWEST, HIGHEST))
    limit = (2 - LOWEST[kind]) * np.finfo(dtype).eps
    np.testing.assert_allclose(found, [1, low, low, high, np.nan], rtol=limit)
    assert found[0] == 1
    assert logs(np.array([1.0], dtype))[0] == 0

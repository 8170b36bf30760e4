"""Sobol sequences against SciPy's, and what they spare a first call."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import qmc

from mixlib.instruments.sobol import COORDINATES, scrambled_sobol


@pytest.mark.parametrize("coordinates", [1, 2, 5, len(COORDINATES), len(COORDINATES) + 1])
@pytest.mark.parametrize("points", [1, 2, 1024])
def test_points_are_those_of_scipy_to_the_bit(coordinates, points):
    ours, theirs = (np.random.default_rng(seed) for seed in (7, 7))
    for _ in range(2):  # a generator that is used twice gives other points
        expected = qmc.Sobol(coordinates, rng=theirs).random(points)
        assert np.array_equal(scrambled_sobol(points, coordinates, ours), expected)


def test_interaction_shares_wait_for_no_import_of_scipy_stats():
    code = """
import sys
import mixlib
mixlib.interaction_share(lambda x: x[..., 0] * x[..., 1], points=64)
assert not {"scipy.stats", "scipy.optimize", "numba"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

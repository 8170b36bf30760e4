"""The linear pool: what is special to it."""

import numpy as np

from mixlib import simplex
from mixlib.kernels import Linear


def test_by_hand():
    np.testing.assert_allclose(Linear()([0.25, 0.75], np.array([[0.0, 4.0], [8.0, 0.0]])), [6.0, 1.0])


def test_affine_maps_pass_through():
    rng = np.random.default_rng(11)
    weights, parts = simplex.sample(4, rng=1), rng.normal(size=(4, 3))
    matrix, shift = rng.normal(size=(3, 2)), rng.normal(size=2)
    moved = Linear()(weights, parts @ matrix + shift)
    np.testing.assert_allclose(moved, Linear()(weights, parts) @ matrix + shift)


def test_weights_move_it_by_at_most_diameter_times_total_variation():
    rng = np.random.default_rng(11)
    parts = rng.normal(size=(4, 3))
    diameter = np.linalg.norm(parts[:, None] - parts, axis=-1).max()
    a, b = simplex.sample(4, 200, rng=2), simplex.sample(4, 200, rng=3)
    moved = np.linalg.norm(Linear()(a, parts) - Linear()(b, parts), axis=-1)
    assert np.all(moved <= diameter * 0.5 * np.abs(a - b).sum(-1) + 1e-12)

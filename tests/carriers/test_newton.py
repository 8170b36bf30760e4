"""The iteration for means, on a plain problem whose answer is known."""

import numpy as np
import pytest

from mixlib.carriers._newton import minimise


def problem(bend):
    """The cost ``sum_i bend(x_i)`` of vectors, with what the iteration asks for."""

    def look(point):
        cost, slope, second = bend(point)
        return cost.sum(axis=-1), -slope, np.ones(point.shape[:-1]), lambda tangent: second * tangent

    return look


def well(x):
    """Steepest at 1/sqrt 3 and curved the other way beyond: Newton's own steps lead away from 0."""
    square = 1 + x**2
    return np.log(square) / 2, x / square, (1 - x**2) / square**2


def test_a_batch_ends_where_the_slope_is_zero_also_from_beyond_the_bend():
    start = np.array([[0.1, 0.2], [3.0, -2.0], [0.0, 0.0]])
    options = {"axes": 1, "tolerance": 1e-12, "name": "well"}
    found = minimise(start, problem(well), lambda x, step: x + step, max_rounds=60, **options)
    np.testing.assert_allclose(found, 0, atol=1e-12)
    with pytest.raises(RuntimeError, match=r"well: .* after 2 rounds"):
        minimise(start, problem(well), lambda x, step: x + step, max_rounds=2, **options)


def test_a_quadratic_takes_a_few_steps_whatever_its_axes():
    seen = []
    centre, scale = np.arange(12.0).reshape(2, 2, 3), np.linspace(0.5, 1, 6).reshape(2, 3)

    def look(point):
        seen.append(point)
        gap = point - centre
        cost = (scale * gap**2).sum(axis=(-2, -1)) / 2
        return cost, -scale * gap, np.ones(2), lambda tangent: scale * tangent

    options = {"axes": 2, "tolerance": 1e-10, "max_rounds": 12, "name": "bowl"}
    found = minimise(np.zeros((2, 2, 3)), look, lambda x, tangent: x + tangent, **options)
    np.testing.assert_allclose(found, centre, atol=1e-9)
    assert len(seen) <= 9

"""The study of means around a known centre."""

import numpy as np
import pytest

from mixbook.studies.carriers import spd_and_rotations as curved
from mixlib.carriers import SPD


@pytest.mark.parametrize("noise", curved.NOISES)
@pytest.mark.parametrize("name", curved.CARRIERS)
def test_points_lie_on_their_carrier_around_the_centre(name, noise):
    points, centre = curved.scattered(name, noise, np.random.default_rng(0), sets=400)
    far = curved.CARRIERS[name].distance(points, centre)
    reach = curved.REACH if noise == "even" else curved.FAR
    assert far.max() <= reach
    assert far.max() > 0.9 * reach
    if noise == "outliers":
        inside = (far < curved.CLOSE).mean()
        assert 1 - curved.OUTLIERS < inside < 1 - curved.OUTLIERS * (1 - 1.5 * curved.CLOSE / curved.FAR)
    mean = curved.CARRIERS[name].mean(points.reshape(-1, *points.shape[2:]))
    assert curved.CARRIERS[name].distance(mean, centre) < 0.1  # in no direction more than in others
    raw = curved.brought_back(name, points.reshape(1, -1, *points.shape[2:]))[0]
    assert curved.CARRIERS[name].distance(raw, centre) < 0.1


@pytest.mark.parametrize("metric", curved.METRICS)
def test_tensors_are_scattered_evenly_as_their_metric_sees_it(metric):
    points = curved.tensors(metric, np.random.default_rng(1), sets=2000).reshape(-1, 3, 3)
    far = SPD(metric=metric).distance(points, curved.TENSOR)
    expected = 6 * curved.SCATTER[metric] ** 2  # six directions
    assert (far**2).mean() == pytest.approx(expected, rel=0.03)
    assert SPD(metric=metric).distance(SPD(metric=metric).mean(points), curved.TENSOR) < 0.05 * np.sqrt(expected)


def test_the_table_of_errors_and_the_swelling_are_those_of_the_means():
    found = curved.swelling(0)
    assert found.loc["arithmetic", "passes"] == 0
    assert found.loc["affine-invariant", "passes"] == 1
    assert found.loc["bures", "determinant"] > 1 > found.loc["bures", "deviations"]
    errors = curved.errors(0)
    assert errors.shape == (5, 4)
    assert errors.loc["arithmetic", "cholesky"] > 2 * errors.loc["cholesky", "cholesky"]

"""The study of means around a known centre."""

import numpy as np
import pandas as pd
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


def test_the_straight_distance_is_that_of_vectors_and_the_angle_that_of_angles():
    means, centre = np.array([[0.5, 0, 0], [0, 2.0, 0]]), np.array([1.0, 0, 0])
    assert curved.error("directions", means, centre) == pytest.approx((0.25 + 5) / 2)
    assert curved.error("angles", np.array([[2 * np.pi - 0.1]]), np.zeros(1)) == pytest.approx(0.01)


def test_averages_are_ratios_of_errors_over_the_seeds():
    found = curved.compare("rotations", "even", 0)
    points, centre = curved.scattered("rotations", "even", np.random.default_rng(0))
    flat, karcher = points.mean(axis=1), curved.CARRIERS["rotations"].mean(points)
    expected = ((flat - centre) ** 2).sum() / ((karcher - centre) ** 2).sum()
    row = curved.averages({("rotations", "even"): pd.DataFrame([found, found])}).loc["rotations, even"]
    assert row["arithmetic"] == pytest.approx(expected)
    assert row["brought back"] == pytest.approx(found["brought back error"] / found["Karcher error"])
    assert row["Karcher passes (%)"] == 100


def test_the_table_of_errors_and_the_swelling_are_those_of_the_means():
    found = curved.swelling(0)
    assert found.loc["arithmetic", "passes"] == 0
    assert found.loc["affine-invariant", "passes"] == 1
    assert found.loc["bures", "determinant"] > 1 > found.loc["bures", "deviations"]
    errors = curved.errors(0)
    assert errors.shape == (5, 4)
    assert errors.loc["arithmetic", "cholesky"] > 2 * errors.loc["cholesky", "cholesky"]

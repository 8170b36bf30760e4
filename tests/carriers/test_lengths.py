"""Lengths, means and statistics of points in units so small or large that squares of them are no numbers."""

import numpy as np
import pytest
import torch

from mixlib.carriers import Atoms, DiscreteMeasure, Euclidean, Gaussian, Graph, Quantile, free_support_barycenter
from mixlib.carriers._lengths import length, ratio, unit_of

UNITS = [1e-300, 1e-162, 1.0, 1e155, 1e300]

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("unit", UNITS)
def test_lengths_have_a_unit(unit):
    vectors = unit * np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(length(vectors), [5 * unit, 0], rtol=1e-15)
    np.testing.assert_allclose(length(torch.asarray(vectors)).numpy(), [5 * unit, 0], rtol=1e-15)


@pytest.mark.parametrize(
    ("dtype", "unit"), [("float32", 1e-30), ("float32", 1e30), ("float16", 1e-4), ("float16", 1e4)]
)
def test_lengths_of_short_dtypes_have_a_unit(dtype, unit):
    found = length(np.array([3 * unit, 4 * unit], dtype=dtype))
    assert found.dtype == dtype
    assert found == pytest.approx(5 * unit, rel=1e-2)


def test_plain_numbers_are_not_rounded_twice():
    vectors = np.random.default_rng(0).normal(size=(100, 3))
    assert np.array_equal(length(vectors), np.linalg.norm(vectors, axis=-1))
    assert unit_of(np.array(0.0)) == unit_of(np.array(1.0)) == 1


def test_a_length_has_a_derivative():
    vector = torch.tensor([3e-200, 4e-200], dtype=torch.float64, requires_grad=True)
    length(vector).backward()
    np.testing.assert_allclose(vector.grad, [0.6, 0.8])


def test_ratios_of_nothing():
    assert ratio(np.array(0.0), np.array(0.0)) == 0
    assert ratio(np.array(1.0), np.array(0.0)) == np.inf
    assert ratio(np.array(1.0), np.array(2.0)) == 0.5


@pytest.mark.parametrize("unit", UNITS)
def test_means_distances_and_failures_do_not_depend_on_the_unit(unit):
    laws, thirds = np.array([[1.0, 2, 3], [2, 4, 7]]), np.full((2, 3), 1 / 3)
    for carrier in (Euclidean(), Quantile()):
        assert carrier.distance(*unit * laws) / unit == pytest.approx(carrier.distance(*laws))
        wrong = carrier.wrong_mean(laws)
        assert carrier.failure(unit * wrong, unit * laws) == pytest.approx(carrier.failure(wrong, laws))
    clouds, carrier = Atoms(laws[..., None], thirds), DiscreteMeasure()
    scaled = Atoms(unit * laws[..., None], thirds)
    (a, b), (small, large) = zip(*clouds, strict=True), zip(*scaled, strict=True)
    assert carrier.distance(small, large) / unit == pytest.approx(carrier.distance(a, b))
    for t in (0.2, 0.5):
        np.testing.assert_allclose(carrier.geodesic(small, large, t)[0] / unit, carrier.geodesic(a, b, t)[0])
    np.testing.assert_allclose(carrier.mean(scaled)[0] / unit, carrier.mean(clouds)[0])
    assert carrier.failure(carrier.mean(scaled), scaled) == pytest.approx(carrier.failure(carrier.mean(clouds), clouds))
    free, plain = (free_support_barycenter(each, atoms=2)[0] for each in (scaled, clouds))
    np.testing.assert_allclose(free / unit, plain)
    same = np.broadcast_to(np.eye(3), (2, 3, 3))
    far, near = (Gaussian().distance(*zip(u * laws, same, strict=True)) for u in (unit, 1.0))
    assert far / unit == pytest.approx(near)


@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e160, 1e300])
def test_the_mean_on_a_graph_does_not_depend_on_the_unit(unit):
    edges, places = ((0, 1, 2.0), (0, 2, 4.0), (0, 3, 3.0), (1, 2, 5.0)), np.eye(4)[[1, 2, 3]]
    for weights in ([0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.5, 0.0]):
        graph = Graph(edges=tuple((u, v, unit * size) for u, v, size in edges))
        np.testing.assert_allclose(graph.mean(places, weights), Graph(edges=edges).mean(places, weights), atol=1e-12)
        assert graph.distance(*places[:2]) / unit == pytest.approx(5)


def test_laws_of_one_value_have_no_variance_to_compare_with():
    atoms = np.array([[1.0, 1.0], [3.0, 3.0]])
    assert Quantile().failure(Quantile().mean(atoms), atoms) == 0
    assert Quantile().failure(Quantile().wrong_mean(atoms), atoms) == np.inf
    clouds = Atoms(atoms[..., None], np.full((2, 2), 0.5))
    assert DiscreteMeasure().failure(DiscreteMeasure().mean(clouds), clouds) == 0
    assert DiscreteMeasure().failure(DiscreteMeasure().wrong_mean(clouds), clouds) == np.inf

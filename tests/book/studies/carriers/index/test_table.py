"""The table of all carriers."""

import numpy as np
import pytest

from mixbook.studies.carriers.index import table
from mixlib.carriers import SPD, Euclidean, Gaussian, Grammar, Graph, Quantile, Simplex, Sphere

CURVED = (Sphere(), SPD(), SPD(metric="bures"), *Graph.variants(), Simplex(metric="fisher-rao"))
STRAIGHT = (Euclidean(), Quantile(), SPD(metric="log-euclidean"), Simplex(metric="linear"), Simplex())


def test_the_bend_is_that_of_curved_spaces_and_of_no_flat_ones():
    for carrier in STRAIGHT:
        assert max(table.bend(carrier, carrier.sample(4, rng=seed), seed) for seed in range(3)) < 1e-9
    for carrier in CURVED:
        assert max(table.bend(carrier, carrier.sample(4, rng=seed), seed) for seed in range(3)) > 1e-3


def test_flat_means_average_densities_of_laws_and_coordinates_of_the_rest():
    points, weights = table.drawn(Euclidean(), 0)
    np.testing.assert_allclose(table.flat_mean(Euclidean(), points, weights), weights @ points)
    laws = Gaussian().sample(4, rng=0)
    np.testing.assert_allclose(table.flat_mean(Gaussian(), laws, weights)[1], Gaussian().wrong_mean(laws, weights)[1])
    matrices = SPD().sample(4, rng=0)
    np.testing.assert_allclose(table.flat_mean(SPD(), matrices, weights), np.tensordot(weights, matrices, 1))


def test_what_is_no_point_costs_infinitely_much():
    carrier = Grammar()
    points, weights = table.drawn(carrier, 0)
    assert table.cost(carrier, table.flat_mean(carrier, points, weights), points, weights) == np.inf
    assert table.statistic(Quantile(), np.array([3.0, 1.0]), Quantile().sample(3, d=2)) == np.inf


def test_metrics_are_crossed_on_points_that_all_take():
    for variants in table.with_metrics().values():
        labels, statistics, costs, gaps = table.crossed(variants, range(2))
        diagonal = np.eye(len(labels), dtype=bool)
        assert (statistics[:, diagonal] <= 1 + 1e-6).all()
        np.testing.assert_allclose(costs[:, diagonal], 1)
        assert (costs[:, ~diagonal] > 1).all()
        assert gaps[:, ~diagonal].min() > 1e-4 > gaps[:, diagonal].max()


def test_a_curved_kernel_costs_more_in_a_flat_carrier():
    assert min(table.curved_in_flat(0).values()) > 1


@pytest.mark.parametrize(("label", "short"), [("SPD, bures", "SPD (bures)"), ("Sphere", "Sphere")])
def test_labels_in_lists_have_no_comma(label, short):
    assert table.named([label]) == [short]

"""Greedy search and annealing against the exhaustive sweep."""

import numpy as np
import pytest

from mixlib.information.sweeps import o_information_sweep


def correlation(n, seed):
    return np.corrcoef(np.random.default_rng(seed).normal(size=(n, n + 10)))


@pytest.mark.parametrize("search", ["greedy", "annealing"])
@pytest.mark.parametrize("orders", [(3, 6), (5, 5)])
def test_finds_the_extremes_of_a_system_that_can_be_swept(search, orders):
    cov = correlation(14, seed=1)
    exact = o_information_sweep(covariance=cov, orders=orders, top=20, n_samples=500)
    found = o_information_sweep(covariance=cov, orders=orders, top=20, n_samples=500, search=search, steps=500, rng=2)
    for side in (0, -1):
        assert found.subsets[side].tolist() == exact.subsets[side].tolist()
        assert found.omega[side] == pytest.approx(exact.omega[side], abs=1e-12)
        assert found.tc[side] == pytest.approx(exact.tc[side], abs=1e-12)
    assert 0 < found.n_subsets < 200_000
    assert len(np.unique(found.subsets, axis=0)) == len(found.omega) == 40
    assert np.all(np.diff(found.omega) >= 0)
    orders_found = (found.subsets >= 0).sum(axis=1)
    assert orders_found.min() >= orders[0]
    assert found.to_frame()["order"].tolist() == orders_found.tolist()


@pytest.mark.parametrize("search", ["greedy", "annealing"])
def test_finds_what_is_planted_among_too_many(search):
    samples = np.random.default_rng(3).normal(size=(400, 80))
    parts = [7, 20, 33, 51]
    samples[:, 60] = samples[:, parts].sum(axis=1) + 0.3 * np.random.default_rng(4).normal(size=400)
    found = o_information_sweep(samples, orders=5, top=5, search=search, steps=3000, rng=5)
    assert found.to_frame()["variables"][0] == (7, 20, 33, 51, 60)
    assert found.search == search


def test_other_estimators_and_all_variables():
    samples = np.random.default_rng(6).normal(size=(100, 6))
    for search in ("greedy", "annealing"):
        found = o_information_sweep(
            samples, orders=(5, 6), top=3, search=search, estimator="ksg", steps=3, error="auto"
        )
        assert tuple(range(6)) in set(found.to_frame()["variables"])
        assert np.isfinite(found.standard_error).all()


def test_the_same_seed_gives_the_same():
    cov = correlation(30, seed=7)
    runs = [o_information_sweep(covariance=cov, orders=6, top=3, search="annealing", steps=50, rng=8) for _ in range(2)]
    assert np.array_equal(runs[0].omega, runs[1].omega)
    assert np.array_equal(runs[0].subsets, runs[1].subsets)


@pytest.mark.parametrize("search", ["greedy", "annealing"])
def test_dependent_variables_are_refused(search):
    samples = np.random.default_rng(10).normal(size=(50, 8))
    samples[:, 7] = samples[:, :3].sum(axis=1)
    with pytest.raises(ValueError, match="samples: column 0, column 1, column 2, column 7 are linearly dependent"):
        o_information_sweep(samples, orders=4, top=5, search=search)


def test_a_search_has_no_table_of_orders():
    found = o_information_sweep(covariance=correlation(8, seed=9), orders=4, top=2, search="greedy")
    with pytest.raises(ValueError, match="by_order: a greedy search looks at few subsets"):
        found.by_order()

"""Tasks with a known truth: both ways of coming out, and what is exact."""

import numpy as np
import pytest
from scipy import stats

from mixbook.studies.carriers.index import tasks


def test_flat_means_are_the_truth_where_parts_are_shares_of_a_whole():
    for task in (tasks.rival_forecasts, tasks.towns_of_a_country):
        flat, curved = tasks.losses(task, 0)
        assert abs(flat) < 1e-12
        assert curved > 1e-3
    flat, curved = tasks.losses(tasks.sample_covariances, 0)
    assert curved > 2 * flat


@pytest.mark.parametrize("task", [tasks.directions, tasks.hours, tasks.tensors, tasks.shifted_clocks])
def test_curved_means_are_nearer_to_one_truth_that_is_scattered(task):
    flat, curved = tasks.losses(task, 0)
    assert curved < flat


def test_losses_vanish_with_the_scatter():
    rng = np.random.default_rng(0)
    assert max(loss.max() for loss in tasks.directions(rng, spread=1e-4)) < 1e-6


def test_sample_covariances_favour_the_flat_mean_by_every_judge():
    for flat, curved in tasks.judged_covariances(0).values():
        assert flat < curved
    rng = np.random.default_rng(1)
    a, b = (x.T @ x for x in rng.normal(size=(2, 9, 3)))  # the divergence of two laws, against draws of the first
    draws = rng.multivariate_normal(np.zeros(3), a, size=40_000)
    surprise = stats.multivariate_normal.logpdf
    expected = (surprise(draws, cov=a) - surprise(draws, cov=b)).mean()
    assert tasks._divergence(a, b) == pytest.approx(expected, rel=0.05)


def test_which_mean_of_vectors_is_best_depends_on_the_noise():
    best = {name: tasks.centre_of_vectors(np.random.default_rng(0), name).mean(axis=0).argmin()
            for name in tasks.NOISES}  # fmt: skip
    assert best == {"normal": 0, "heavy tails": 1, "bounded": 2}


def test_the_karcher_mean_of_linear_models_keeps_the_length_of_their_noise():
    flat, curved = (loss.mean() for loss in tasks.linear_models(np.random.default_rng(0)))
    assert curved > flat


def test_the_gate_is_a_linear_kernel_at_its_own_weights():
    average, gated, apart = tasks.clusters(np.random.default_rng(0))
    assert 0 < gated < average
    assert apart < 1e-12

"""The page on averages of probabilities: its pools, its test of two laws, and closed forms."""

import numpy as np
import pytest
import torch
from scipy.stats import binom

from mixbook.studies.carriers import simplex as study
from mixlib.arrays import generator


def test_laws_on_a_scale_are_moved_to_the_middle():
    laws = np.zeros((1, 2, 9))
    laws[0, 0, 1:4], laws[0, 1, 5:8] = (0.25, 0.5, 0.25), (0.25, 0.5, 0.25)
    np.testing.assert_allclose(study.moved(laws)[0, 3:6], [0.25, 0.5, 0.25])
    laws[0, 1] = np.roll(laws[0, 1], 1)  # half a step more is split
    assert study.moved(laws)[0] @ np.arange(9) == pytest.approx(4.5)


def test_each_world_is_what_it_says():
    rng = generator(0)
    for make in study.PROCESSES.values():
        laws, truth = make(50, rng)
        np.testing.assert_allclose(laws.sum(-1), 1)
        assert laws.shape == (50, study.EXPERTS, study.OUTCOMES)
        assert truth.shape == (50,)
    assert set(study.draw(np.eye(4), rng)) == {0, 1, 2, 3}


def test_a_pool_wins_only_with_both_scores_in_every_seed():
    losses = study.scores(rounds=200, seeds=range(2))
    assert study.winners(losses)["steady move"] == "Wasserstein"
    pool = losses["pool"] == "Wasserstein"
    losses.loc[pool & (losses["seed"] == 1), "quadratic loss"] = 9.0
    assert study.winners(losses)["steady move"] is None


def test_samples_needed_are_those_of_a_coin():
    def coin(place):
        return torch.log(torch.stack([place[0], 1 - place[0]]))

    family = study.Family(coin, np.array([0.5]))
    needed = family.samples_needed(np.array([0.5]), np.array([0.6]))
    cut = np.log(0.5 / 0.4) / np.log(0.6 / 0.4)  # share of heads at which the two are equally likely

    def wrong(n):
        return (binom.sf(cut * n, n, 0.5) + binom.cdf(cut * n, n, 0.6)) / 2

    # the true error has steps, so it is taken over some neighbouring numbers of samples
    assert np.mean([wrong(n) for n in range(int(needed) - 20, int(needed) + 21)]) == pytest.approx(0.1, rel=0.03)


def test_samples_needed_where_a_few_decide():
    def coin(place):
        return torch.log(torch.stack([place[0], 1 - place[0]]))

    family = study.Family(coin, np.array([0.5]))
    few = family.samples_needed(np.array([0.001]), np.array([0.999]))  # one sample errs once in a thousand
    assert 0 < few < 1.5
    with pytest.raises(ValueError, match="no law of the family"):
        family.samples_needed(np.array([0.5]), np.array([1.2]))


def test_neighbours_are_compared_at_lengths_long_and_short():
    pairs = study.neighbours(length=0.1, seeds=[2])  # one law here is moved by more than its deviation
    assert np.isfinite(pairs[list(study.KINDS)]).all().all()
    assert (study.spreads(pairs)["equal straight line"] > study.spreads(pairs)["equal Fisher length"]).all()
    assert study.halves([[1.9, 1.3, 1.1], [1.9, 1.5, 1.4]]).tolist() == [[True, True], [False, False]]


def test_the_metric_of_a_law_on_two_outcomes():
    family = study.Family(lambda p: torch.log(torch.stack([p[0], 1 - p[0]])), np.array([0.3]))
    np.testing.assert_allclose(family.metric(family.start), [[1 / 0.21]])
    np.testing.assert_allclose(family.bend(family.start), [[1 / 0.21]])


def test_chernoff_information_of_scales():
    # equal scales carry none; the information of a scale and its inverse is the same
    assert study.chernoff_of_scales(1.0) == pytest.approx(0, abs=1e-9)
    assert study.chernoff_of_scales(3.0) == pytest.approx(study.chernoff_of_scales(1 / 3), rel=1e-6)
    near = study.far_normals([0.01]).iloc[0]
    np.testing.assert_allclose(near, 0.01**2 / 8, rtol=1e-3)

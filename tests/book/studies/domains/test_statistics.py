"""Statistics: data sets are split, averages are judged beside their members, and priors change what they should."""

import numpy as np
import pytest

from mixbook.studies.domains import statistics as study
from mixlib.domains import statistics


def test_a_split_has_each_case_once():
    x, y, cases, targets = study.split("iris", 0, learn=30)
    assert (len(x), len(y), len(cases), len(targets)) == (30, 30, 120, 120)
    both = np.column_stack([np.vstack([x, cases]), np.append(y, targets)])
    inputs, all_targets = study.load("iris")
    whole = np.column_stack([inputs, all_targets])
    np.testing.assert_array_equal(both[np.lexsort(both.T)], whole[np.lexsort(whole.T)])


def test_beyond_is_negative_inside_and_a_distance_outside():
    members = np.array([[0.0, 1.0], [1.0, 3.0]])
    assert study.beyond(np.array([0.5, 2.0]), members) == -0.5
    assert study.beyond(np.array([0.5, 3.5]), members) == 0.5


def test_gains_are_over_the_best_and_over_the_mean():
    assert study.gains(1.0, np.array([2.0, 4.0]), [0.5, 0.5]) == (50.0, pytest.approx(100 * 2 / 3))


def test_the_log_loss_by_hand():
    chances = np.array([[0.5, 0.5], [0.2, 0.8]])
    assert study.log_loss_of(chances, np.array([0, 1])) == pytest.approx(-np.log(0.5 * 0.8) / 2)


def test_averages_are_inside_and_better_than_their_members_mean():
    found = study.judged([0])
    assert len(found) == 4
    assert (found["outside"] < 1e-12).all()
    assert (found["over_mean"] > 0).all()


def test_priors_are_on_the_simplex_and_symmetric():
    for prior in study.priors(6).values():
        assert prior.sum() == pytest.approx(1)
        np.testing.assert_allclose(prior, prior[::-1])
    assert statistics.urn_by_counting(6, 3, 2, study.priors(6)["a coin for each ball"]) == pytest.approx(0.5)


def test_a_prior_moves_weight_and_an_order_does_not():
    found = study.moved_by_prior("iris", [0, 1])
    assert found["control"].max() < 1e-9 < found["weights"].min()


def test_priors_move_weight_in_an_urn_and_one_ball_left_is_easy_to_count():
    # of two balls one was drawn, white: contents 2 and 1 have weights 2/3 and 1/3, with coins 1/2 and 1/2
    assert study.moved_in_urn(2, 1, 1)[0] == pytest.approx(1 / 6)
    assert min(study.moved_in_urn()) > 0

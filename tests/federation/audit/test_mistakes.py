"""Dependence that is there, dependence that is not, and sets of top tokens by hand."""

import numpy as np
import pytest

from mixlib.federation.audit import mistakes


def test_common_difficulty_of_a_token_is_no_dependence():
    rng = np.random.default_rng(0)
    given = rng.integers(50, size=5000)
    hard, shared = rng.normal(size=50)[given] - 3, rng.normal(size=5000)
    own = rng.normal(size=(3, 5000))
    found = mistakes.dependence(np.stack([hard + own[0], hard + own[1], hard + shared, hard + shared + own[2]]), given)
    assert abs(found.correlation[0, 1]) < found.shuffled[0, 1] < 0.08
    assert found.correlation[2, 3] == pytest.approx(np.sqrt(0.5), abs=0.03)
    np.testing.assert_allclose(np.diag(found.correlation), 1)


def test_both_mistaken_by_hand():
    low, high = np.log(0.1), np.log(0.9)
    given = np.array([0, 0, 0, 0, 9])  # what comes once is left out
    log_probs = np.array([[low, low, high, high, low], [low, low, high, high, low]])
    found = mistakes.dependence(log_probs, given, shuffles=3)
    assert found.both[0, 1] == pytest.approx(0.5)
    assert found.independent[0, 1] == pytest.approx(0.5 - 1 / 3)  # the unbiased covariance of (1, 1, 0, 0) is 1/3


def test_independent_mistakes_are_predicted_on_average():
    rng = np.random.default_rng(1)
    given = np.repeat(np.arange(3000), 2)  # pairs: a biased covariance would be half
    p = rng.random(3000)[given]
    log_probs = np.where(rng.random((2, 6000)) < p, np.log(0.1), np.log(0.9))
    found = mistakes.dependence(log_probs, given, shuffles=1)
    assert found.both[0, 1] == pytest.approx(found.independent[0, 1], abs=0.01)
    same = mistakes.dependence(log_probs[[0, 0]], given, shuffles=1)
    assert same.both[0, 1] - same.independent[0, 1] == pytest.approx((p * (1 - p)).mean(), abs=0.01)


def test_favourites_in_order():
    log_probs = np.log([[0.1, 0.4, 0.2, 0.3], [0.7, 0.1, 0.15, 0.05]])
    assert mistakes.favourites(log_probs, 2).tolist() == [[1, 3], [0, 2]]
    assert mistakes.favourites(log_probs, 4).tolist() == [[1, 3, 2, 0], [0, 2, 1, 3]]
    for k in (0, 5):
        with pytest.raises(ValueError, match="k: expected 1 to 4"):
            mistakes.favourites(log_probs, k)


def test_nothing_in_common_in_both_readings():
    sets = np.array([[[1, 2], [1, 2], [1, 2]], [[2, 3], [2, 3], [3, 4]], [[5, 2], [5, 6], [5, 6]]])
    in_all, in_two = mistakes.nothing_in_common(sets)
    assert in_all.tolist() == [False, True, True]
    assert in_two.tolist() == [False, False, True]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="log_probs, given, shuffles"):
        mistakes.dependence(np.zeros((2, 5)), np.zeros(4))
    with pytest.raises(ValueError, match="no label occurs twice"):
        mistakes.dependence(np.zeros((2, 5)), np.arange(5))
    with pytest.raises(ValueError, match="at least 2 specialists"):
        mistakes.nothing_in_common(np.zeros((1, 3, 2)))

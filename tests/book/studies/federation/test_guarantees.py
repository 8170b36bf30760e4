"""The small exact cases: their numbers by hand, and Bayes' rule by enumeration."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.federation.guarantees import (
    alone,
    cat_and_dog,
    cat_and_dog_pooled,
    cat_and_dog_told,
    differing_favourites,
    extremes,
    independent_evidence,
    one_knows,
    product_errors,
    random_instances,
)
from mixlib.federation import mixture_combine, product_combine


def test_cat_and_dog_by_hand():
    two = cat_and_dog()
    np.testing.assert_allclose(np.exp(two), [[0.9, 0.1], [0.1, 0.9]])
    np.testing.assert_allclose(np.exp(product_combine(two)), [0.5, 0.5])
    three = cat_and_dog(tail=0.099)
    z = 2 * 0.9 * 0.001 + 0.099**2
    np.testing.assert_allclose(np.exp(product_combine(three)), [0.0009 / z, 0.0009 / z, 0.099**2 / z])
    np.testing.assert_allclose(np.exp(mixture_combine(three)), [0.4505, 0.4505, 0.099])
    assert cat_and_dog(tail=0.099, spread=100).shape == (2, 102)
    for bad in ({"tail": 0.2}, {"tail": -0.1}, {"tail": 0.05, "spread": 0}):
        with pytest.raises(ValueError, match="tail, spread"):
            cat_and_dog(**bad)


def test_pooled_cat_and_dog_gathers_the_further_tokens():
    two = cat_and_dog_pooled()
    np.testing.assert_allclose(two, [[0.5, 0.5, 0], [0.5, 0.5, 0]])
    for spread in (1, 7):
        frame = cat_and_dog_pooled(0.099, spread)
        z = 2 * 0.9 * 0.001 + 0.099**2 / spread
        np.testing.assert_allclose(frame.loc["product"], [0.0009 / z, 0.0009 / z, 0.099**2 / spread / z])
        np.testing.assert_allclose(frame.loc["mixture"], [0.4505, 0.4505, 0.099])
    assert list(frame.columns) == ["cat", "dog", "all others"]


def test_random_instances_differ_and_repeat():
    frame = random_instances(20, rng=3)
    assert frame.equals(random_instances(20, rng=3))
    assert not frame.equals(random_instances(20, rng=4))
    assert (frame["best"] <= frame["geometric mean"]).all()
    assert (frame["geometric mean"] <= frame["worst"]).all()
    assert frame["n"].nunique() > 3


@pytest.mark.parametrize("prior", [[0.7, 0.2, 0.1], [0.25] * 4])
def test_independent_evidence_is_bayes(prior):
    reports, exact, chance, likelihoods = independent_evidence(prior, specialists=3, signals=2, rng=1)
    assert reports.shape == (3, 8, len(prior))
    np.testing.assert_allclose(np.exp(reports).sum(-1), 1)
    assert chance.sum() == pytest.approx(1)
    np.testing.assert_allclose(chance @ np.exp(exact), prior)  # beliefs average back to the prior
    np.testing.assert_allclose(chance @ np.exp(reports[0]), prior)
    raw = np.exp(reports).prod(0) / np.asarray(prior) ** 2
    np.testing.assert_allclose(raw / raw.sum(-1, keepdims=True), np.exp(exact))
    one_by_one = np.exp(likelihoods).prod(0) * prior
    np.testing.assert_allclose(one_by_one / one_by_one.sum(-1, keepdims=True), np.exp(exact))


def test_what_all_see_is_one_witness():
    reports, exact, chance, _ = independent_evidence([0.5, 0.3, 0.2], specialists=3, signals=4, rng=2, shared=True)
    assert reports.shape == (3, 4, 3)
    assert chance.sum() == pytest.approx(1)
    for one in reports:
        np.testing.assert_allclose(one, exact)


def test_who_reports_a_signal_knows_that_signal_alone():
    """Reports repeat where the own signal does, whatever the others saw."""
    reports, *_ = independent_evidence([0.5, 0.5], specialists=2, signals=3, rng=0)
    first, second = reports.reshape(2, 3, 3, 2)
    np.testing.assert_allclose(first, first[:, :1].repeat(3, axis=1))
    np.testing.assert_allclose(second, second[:1].repeat(3, axis=0))


def test_only_the_skewed_product_errs():
    errors = product_errors(seeds=(2, 5))
    assert list(errors.index) == [2, 5]
    wrong = ["product", "product, uniform prior, one signal"]
    assert (errors[wrong] > 0.01).all(axis=None)
    assert (errors.drop(columns=wrong) < 1e-12).all(axis=None)


def test_product_error_is_the_largest_total_variation():
    prior = np.random.default_rng(4).dirichlet(np.ones(3))
    reports, exact, *_ = independent_evidence(prior, rng=4)
    by_signals = np.abs(np.exp(product_combine(reports)) - np.exp(exact)).sum(-1) / 2
    assert product_errors(seeds=(4,), tokens=3).loc[4, "product"] == pytest.approx(by_signals.max())


def test_extremes_one_row_a_column():
    frame = extremes(pd.DataFrame({"a": [3.0, 1.0, 2.0, 9.0], "b": [0.0, 0.0, 5.0, 1.0]}))
    assert frame.loc["a"].to_dict() == {"smallest": 1.0, "median": 2.5, "largest": 9.0}
    assert frame.loc["b"].to_dict() == {"smallest": 0.0, "median": 0.5, "largest": 5.0}


def test_told_numbers_round_to_those_of_the_document():
    frame = cat_and_dog_told(steps=5)
    assert (frame["own"].round(3).between(0.85, 0.95) & frame["other"].round(3).between(0.05, 0.15)).all()
    assert (frame["own"] + frame["other"] < 1 + 1e-9).all()
    most = frame.loc[frame["others, product"].idxmax()]
    assert most["others, product"] == pytest.approx(0.01 / (2 * 0.85 * 0.05 + 0.01))  # 0.1 of each on a third token
    assert most["others, mixture"] == pytest.approx(0.1)
    assert frame[["uneven, product", "uneven, mixture"]].max(axis=None) < 1e-12


def test_outcomes_of_random_instances_come_from_one_or_from_none():
    """Half of the perplexity at most, for the best specialist, where one of them made the outcomes."""
    frame = random_instances(60, rng=0)
    made, not_made = frame.iloc[::2], frame.iloc[1::2]
    assert made["best"].median() < not_made["best"].median() / 2


def test_one_knows_by_hand():
    np.testing.assert_allclose(np.exp(one_knows(3, right=0.9, wrong=0.2)), [[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])


def test_alone_takes_tokens_of_one_specialist():
    probs = np.array([[0.6, 0.6, 0.4, 0.005], [0.01, 0.2, 0.001, 0.5], [0.001, 0.01, 0.001, 0.01]])
    frame = alone(np.log(probs))
    np.testing.assert_allclose(frame["the one"], -np.log([0.6, 0.5]))
    np.testing.assert_allclose(frame["mixture"], -np.log([0.611 / 3, 0.515 / 3]))
    np.testing.assert_allclose(frame["the others"], -np.log([0.01 * 0.001, 0.005 * 0.01]) / 2)


def test_differing_favourites_by_hand():
    first = [[0.6, 0.1, 0.3], [0.7, 0.2, 0.1]]
    second = [[0.02, 0.9, 0.08], [0.5, 0.3, 0.2]]  # at the second position both favour the first token
    frame = differing_favourites(np.log([first, second]), far=2)
    assert len(frame) == 1
    z = 0.6 * 0.02 + 0.1 * 0.9 + 0.3 * 0.08
    expected = {
        "sure": 0.6,
        "product, winner": 0.09 / z,
        "product, loser": 0.012 / z,
        "product, nobody's": 0.024 / z,
        "product, far down": 0.0,
        "mixture, winner": 0.5,
        "mixture, loser": 0.31,
        "mixture, nobody's": 0.19,
    }
    assert frame.iloc[0].to_dict() == pytest.approx(expected, abs=1e-12)
    far = differing_favourites(np.log([first, second]), far=1)
    assert far.loc[0, "product, far down"] == pytest.approx(0.024 / z)
    assert len(differing_favourites(np.log([first, second, first]), far=2)) == 2

"""The small exact cases: their numbers by hand, and Bayes' rule by enumeration."""

import numpy as np
import pandas as pd
import pytest

from mixbook.studies.federation.guarantees import (
    cat_and_dog,
    cat_and_dog_pooled,
    extremes,
    independent_evidence,
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


def test_only_the_skewed_product_errs():
    errors = product_errors(seeds=(2, 5))
    assert list(errors.index) == [2, 5]
    assert (errors["product"] > 0.01).all()
    assert (errors[["product, prior divided out", "product, uniform prior"]] < 1e-12).all(axis=None)


def test_product_error_is_the_largest_total_variation():
    prior = np.random.default_rng(4).dirichlet(np.ones(3))
    reports, exact, _ = independent_evidence(prior, rng=4)
    by_signals = np.abs(np.exp(product_combine(reports)) - np.exp(exact)).sum(-1) / 2
    assert product_errors(seeds=(4,), tokens=3).loc[4, "product"] == pytest.approx(by_signals.max())


def test_extremes_one_row_a_column():
    frame = extremes(pd.DataFrame({"a": [3.0, 1.0, 2.0, 9.0], "b": [0.0, 0.0, 5.0, 1.0]}))
    assert frame.loc["a"].to_dict() == {"smallest": 1.0, "median": 2.5, "largest": 9.0}
    assert frame.loc["b"].to_dict() == {"smallest": 0.0, "median": 0.5, "largest": 5.0}

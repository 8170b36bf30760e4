"""Models of several makes on a small federation: what they were trained on, and the tables."""

import numpy as np
import pytest

from mixbook.studies.federation.regimes import evidence
from mixlib.federation import Federation, from_files, mixture_combine, perplexity


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


@pytest.fixture(scope="module")
def models(federation):
    return evidence.makes(federation)


def test_one_model_a_domain_and_make(federation, models):
    assert models["n-gram"] is federation.specialists
    assert all(len(group) == 3 for group in models.values())
    assert {m.order for m in models["order 2"]} == {2}
    assert {m.order for m in models["n-gram, mixed"]} == {3}
    sea = federation.training[0]
    counts = np.bincount(sea.tokens, minlength=400) + 0.5
    np.testing.assert_allclose(models["memory"][0].unigrams, counts / counts.sum())


def test_shared_mistakes_leaves_out_models_of_the_same_text(federation, models):
    frame = evidence.shared_mistakes(federation, models, shuffles=5)
    assert list(frame.index) == list(evidence.KINDS)
    assert frame["correlation"].abs().max() < 0.9999  # a model with itself would be 1
    assert frame.loc["memory, memory", "correlation"] > frame.loc["n-gram, memory", "correlation"]


def test_two_makes_scores_the_pools(federation, models):
    frame = evidence.two_makes(federation, models, most=50)
    assert list(frame.index) == list(evidence.PAIR_ROWS)
    texts = [t[:50] for t in federation.test.documents()]
    pair = models["n-gram, mixed"][0], models["memory, mixed"][0 + 1]
    scores = [mixture_combine(np.stack([m.log_probs(t) for m in pair]))[np.arange(len(t)), t] for t in texts]
    assert frame.loc["mixture", "n-gram and memory"] == pytest.approx(perplexity(np.concatenate(scores)), rel=1e-4)
    best = frame.loc["mixture, best weights in hindsight"]
    assert (best <= frame.loc["mixture"] + 1e-9).all()
    assert (best <= frame.loc["first alone"] * 1.02).all()


def test_a_fourth_costs_no_more_than_its_weight(federation, models):
    frame = evidence.with_a_fourth(federation, models)
    assert list(frame.index) == ["same mix", "order 2", "copy"]
    assert (frame["best"] <= frame["mean"]).all()
    assert (frame["mean"] <= frame["worst"]).all()
    assert frame["worst"].max() <= np.log(4 / 3)
    test = federation.test
    rows = np.exp(federation.target_log_probs(test))
    doubled = [np.log((rows.sum(axis=0) + row) / 4).mean() for row in rows]
    expected = np.log(rows.mean(axis=0)).mean() - np.array(doubled)
    np.testing.assert_allclose(frame.loc["copy"], [expected.min(), expected.mean(), expected.max()])

"""Divergences against scipy, gains by hand, and a specialist that disagrees for nothing."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import log_softmax

from mixbook.studies.federation.regimes import regimes
from mixlib.federation import Federation, KneserNey, from_files
from mixlib.federation.audit.disagreement import cases, divergences, groups_of, with_gibberish


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


def test_groups():
    assert groups_of(2) == ((0, 1),)
    assert groups_of(3) == ((0, 1), (0, 2), (1, 2), (0, 1, 2))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 2e-5)])
def test_pairs_agree_with_scipy(dtype, tolerance):
    log_probs = log_softmax(3 * np.random.default_rng(0).normal(size=(3, 20, 50)), axis=-1)
    found = divergences(log_probs.astype(dtype))
    for row, (i, j) in zip(found[:3], groups_of(3)[:3], strict=True):
        np.testing.assert_allclose(row, jensenshannon(*np.exp(log_probs[[i, j]]), axis=-1) ** 2, atol=tolerance)
    p = np.exp(log_probs)
    mean = p.mean(axis=0)
    np.testing.assert_allclose(found[3], (p * (log_probs - np.log(mean))).sum(-1).mean(0), atol=tolerance)


def test_alike_is_zero_and_apart_is_log_n():
    alike = np.log(np.full((2, 1, 4), 0.25))
    assert divergences(alike)[0, 0] == pytest.approx(0, abs=1e-12)
    with np.errstate(divide="ignore"):
        apart = np.log(np.eye(3)[:, None, :])
    np.testing.assert_allclose(divergences(apart)[:, 0], [np.log(2)] * 3 + [np.log(3)], atol=1e-9)
    with pytest.raises(ValueError, match="at least 2 specialists"):
        divergences(alike[:1])


def test_cases_by_hand():
    singles = np.log(np.array([[[0.5, 0.1, 0.2, 0.4]], [[0.1, 0.5, 0.2, 0.4]]]))  # two specialists, b = 1, four tokens
    pooled = regimes.Pooled(singles, *(np.zeros((1, 4)),) * 3)
    apart = {(0, 1): np.array([0.3, 0.5, 0.0, 0.0])}
    survey = regimes.Regimes((0,), (0.0,), (1.0,), {(0, 0.0): pooled}, {(0, 0.0): apart}, {0: np.array([1, 1, 2])})
    frame = cases(survey, documents=1)
    np.testing.assert_allclose(frame["gain"], [np.log(0.6), np.log(0.6), 0], atol=1e-12)
    np.testing.assert_allclose(frame["divergence"], [0.3, 0.5, 0.0])
    whole = cases(survey, documents=3)
    np.testing.assert_allclose(whole["gain"], (2 * np.log(0.3) - np.log(0.5) - np.log(0.1)) / 4)
    assert len(cases(survey, documents=2)) == 1  # what is left over is no whole piece
    for bad in (0, 4):
        with pytest.raises(ValueError, match="documents"):
            cases(survey, bad)


def test_the_double_in_code_is_scored_as_a_pair(federation):
    frame = with_gibberish(federation, most=100, rng=3)
    assert frame["specialist"].tolist() == list(federation.domains)
    code = np.random.default_rng(3).permutation(400)  # the first specialist's
    sea, text = federation.specialists[0], federation.training[0]
    double = KneserNey(400, 3).fit(code[text.tokens], text.document_starts)
    texts = [tokens[:100] for tokens in federation.test.documents()]
    rows = np.concatenate([[model.log_probs(t, dtype=np.float64) for model in (sea, double)] for t in texts], axis=1)
    heard = rows[:, np.arange(rows.shape[1]), np.concatenate(texts)]
    gain = np.logaddexp(*heard).mean() - np.log(2) - heard.mean(axis=1).max()
    assert frame.loc[0, "gain"] == pytest.approx(gain, abs=1e-5)
    assert frame.loc[0, "divergence"] == pytest.approx((jensenshannon(*np.exp(rows), axis=-1) ** 2).mean(), abs=1e-5)

"""The bootstrap: right about nothing, right about something, and it draws documents and seeds whole."""

import numpy as np
import pytest

from mixlib.federation import compare
from mixlib.federation.evaluation import significance


def text(shift=0.0, seeds=3, documents=12, noise=1.0, rng=0):
    """Two rows whose difference varies between documents around ``shift``."""
    rng = np.random.default_rng(rng)
    base, other, starts = [], [], []
    for _ in range(seeds):
        lengths = rng.integers(20, 60, documents)
        starts.append(np.concatenate([[0], np.cumsum(lengths)[:-1]]))
        base.append(-rng.exponential(2, lengths.sum()))
        other.append(base[-1] + np.repeat(shift + noise * rng.normal(size=documents), lengths))
    return {"base": base, "other": other}, starts


def test_the_difference_is_the_one_of_all_tokens():
    rows, starts = text(0.3)
    frame = compare(rows, starts, "base")
    expected = np.concatenate(rows["base"]).mean() - np.concatenate(rows["other"]).mean()
    assert list(frame.index) == ["other"]
    assert frame.loc["other", "difference"] == pytest.approx(expected)
    assert frame.loc["other", "low"] < expected < frame.loc["other", "high"]
    back = compare(rows, starts, "other").loc["base"]
    assert back["difference"] == pytest.approx(-expected)


def test_its_error_is_that_of_documents_not_of_tokens():
    rows, starts = text(seeds=1, documents=200)
    frame = compare(rows, starts, "base").loc["other"]
    lengths = np.diff(starts[0], append=len(rows["base"][0]))
    by_document = np.add.reduceat(rows["base"][0] - rows["other"][0], starts[0])
    ratio = by_document.sum() / lengths.sum()
    error = np.sqrt(((by_document - ratio * lengths) ** 2).sum()) / lengths.sum()
    assert (frame["high"] - frame["low"]) / (2 * 1.96) == pytest.approx(error, rel=0.1)


def test_seeds_that_disagree_widen_the_interval():
    rows, starts = text(noise=0.01)
    for seed, shift in enumerate((-1.0, 0.0, 1.0)):
        rows["other"][seed] = rows["other"][seed] + shift
    frame = compare(rows, starts, "base").loc["other"]
    assert frame["high"] - frame["low"] > 1.2
    assert frame["p"] > 0.2


def test_chance_alone_is_seldom_called_significant():
    p = np.array(
        [compare(*text(seeds=2, documents=30, rng=i), "base", resamples=400).loc["other", "p"] for i in range(60)]
    )
    assert (p < 0.05).mean() < 0.2
    assert 0.2 < np.median(p) < 0.8


def test_a_real_difference_is_found_and_p_has_a_floor():
    rows, starts = text(1.0)
    frame = compare(rows, starts, "base", resamples=500).loc["other"]
    assert frame["high"] < 0
    assert frame["p"] == pytest.approx(2 / 501)


def test_same_draws_same_frame():
    rows, starts = text(0.1)
    assert compare(rows, starts, "base").equals(compare(rows, starts, "base"))


def test_bad_input_is_named():
    rows, starts = text()
    with pytest.raises(ValueError, match="no row 'best'; there are base, other"):
        compare(rows, starts, "best")
    with pytest.raises(ValueError, match="at least 2 documents"):
        compare(rows, [s[:1] for s in starts], "base")
    rows["other"][0][3] = -np.inf
    with pytest.raises(ValueError, match="not finite"):
        compare(rows, starts, "base")


def test_draws_in_parts_are_the_same_draws(monkeypatch):
    rows, starts = text(0.3, documents=40)
    whole = compare(rows, starts, "base", resamples=500)
    monkeypatch.setattr(significance, "MOST", 3000)  # as for a text of many thousand documents
    parts = compare(rows, starts, "base", resamples=500)
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_errors_of_perplexities_are_those_of_whole_documents():
    """Against the spread over 300 texts that were drawn anew."""
    texts = [text(seeds=1, documents=40, rng=rng) for rng in range(300)]
    spread = np.std([np.exp(-rows["other"][0].mean()) for rows, _ in texts])
    stated = [significance.perplexity_errors(*one, resamples=300)["other"] for one in texts[:30]]
    assert np.mean(stated) == pytest.approx(spread, rel=0.2)
    rows, starts = texts[0]
    rows["other"][0][5] = -np.inf
    assert np.isnan(significance.perplexity_errors(rows, starts, resamples=300)["other"])

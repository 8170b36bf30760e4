"""One sentence from a paired bootstrap: right where the answer is known, and silent where nobody can know."""

import numpy as np
import pytest

from mixlib.federation import advise


def rows(rng, documents=40, length=25, gain=0.1, noise=0.3, gate=0.0):
    """Losses that vary by document much more than the rows differ; ``mixture`` is better than a single by ``gain``."""
    shared = np.repeat(rng.normal(-3, 1, documents), length)
    single = shared + noise * rng.normal(size=documents * length)
    other = single - 0.2 + noise * rng.normal(size=documents * length)
    mixture = single + gain + noise * rng.normal(size=documents * length)
    table = {"sea alone": single, "land alone": other, "mixture": mixture}
    table["gate"] = mixture + gate + 0.01 * rng.normal(size=documents * length)
    table["product"] = single - 1
    return {name: [row] for name, row in table.items()}, [np.arange(documents) * length]


def test_a_gain_is_found_with_its_size():
    advice = advise(*rows(np.random.default_rng(0), gate=-0.05))
    assert (advice.use, advice.best_single, advice.alike, advice.documents) == ("mixture", "sea alone", (), 40)
    assert advice.lower_by_percent == pytest.approx(100 * (1 - np.exp(-0.1)), abs=3 * advice.standard_error)
    assert 0.5 < advice.standard_error < 2
    assert str(advice) == (
        f"use mixture: {advice.lower_by_percent:.1f}% ± {advice.standard_error:.1f} lower perplexity than the best "
        "single (sea alone), over 40 documents"
    )


def test_what_cannot_be_told_apart_is_named():
    advice = advise(*rows(np.random.default_rng(1)))
    assert {advice.use, *advice.alike} == {"mixture", "gate"}
    assert f"; {advice.alike[0]} cannot be told apart from {advice.use}, over" in advice.sentence


def test_no_gain_and_a_loss_end_with_the_single_one():
    none = advise(*rows(np.random.default_rng(2), gain=0.0))
    assert none.use == "sea alone"
    assert "cannot be told apart from it" in none.sentence
    worse = advise(*rows(np.random.default_rng(3), gain=-0.3))
    assert worse.use == "sea alone"
    assert "higher perplexity" in worse.sentence


def test_the_gain_is_found_as_often_as_the_interval_says():
    """Of 200 texts without any gain, few are told to use a combination; the standard error covers as one does."""
    rng, wrong, covered = np.random.default_rng(4), 0, 0
    for _ in range(200):
        log_probs, starts = rows(rng, gain=0.0, length=4)
        log_probs = {name: log_probs[name] for name in ("sea alone", "mixture")}
        advice = advise(log_probs, starts, resamples=500)
        wrong += advice.use == "mixture"
        covered += abs(advice.lower_by_percent) <= advice.standard_error
    assert wrong <= 14  # 2.5% are 5
    assert 0.55 <= covered / 200 <= 0.8


@pytest.mark.parametrize("documents", [1, 4])
def test_few_documents_do_not_tell(documents):
    advice = advise(*rows(np.random.default_rng(5), documents=documents))
    assert (advice.use, advice.standard_error) == (None, None)
    assert "too few to be sure; give 5 or more" in advice.sentence
    assert advise(*rows(np.random.default_rng(5), documents=5)).standard_error > 0


def test_excluded_tokens():
    log_probs, starts = rows(np.random.default_rng(6))
    log_probs["product"][0][3] = -np.inf
    assert advise(log_probs, starts).use in ("mixture", "gate")
    for name in ("sea alone", "land alone"):
        log_probs[name][0][7] = -np.inf
    assert "every specialist alone excludes a token" in advise(log_probs, starts).sentence
    with pytest.raises(ValueError, match="expected single specialists and combinations, got mixture"):
        advise({"mixture": log_probs["mixture"]}, starts)


def test_several_seeds():
    one, starts = rows(np.random.default_rng(7))
    two, _ = rows(np.random.default_rng(8))
    advice = advise({name: one[name] + two[name] for name in one}, starts * 2)
    assert advice.documents == 80
    assert advice.use in ("mixture", "gate")

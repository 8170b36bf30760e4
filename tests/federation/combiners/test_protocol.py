"""What holds for every combiner: online and along a text agree, documents are apart, state survives a file."""

import re
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

import mixlib.federation
from mixlib.federation import (
    EMWeights,
    EntropyWeights,
    FixedShare,
    GeometricMixing,
    LearnedGate,
    Predictions,
    Router,
    Stacked,
    WeightedCombiner,
    best_on,
    log_probs_along,
    mixture_combine,
    weights_along,
)
from mixlib.federation.combiners import COMBINERS

ROOT = Path(__file__).parents[3]
NEEDS = ("history", "entropies", "rows")
# those of the folder as a comparison makes them, and settings and stacks that it does not make
MAKE = {key: partial(kind.for_comparison, 3) for key, kind in COMBINERS.items()} | {
    "bold fixed-share": lambda _: FixedShare(3, 0.1),
    "cool entropy": lambda _: EntropyWeights(3, temperature=0.7),
    "doubting router": lambda _: Router(3, doubt=0.3, share=0.1),
    "stacked geometric": lambda _: Stacked([FixedShare(3), Router(3)], GeometricMixing(2)),
    "stacked gate": lambda _: Stacked([EMWeights(), FixedShare(3)], LearnedGate(2)),
}
UNFITTED = {
    "em": EMWeights,
    "gate": lambda: LearnedGate(3),
    "stacked": lambda: Stacked([GeometricMixing(3, 0.002), LearnedGate(3)], FixedShare(2)),
    "stacked gate": lambda: MAKE["stacked gate"](None),
}
every_kind = pytest.mark.parametrize("kind", COMBINERS.values(), ids=list(COMBINERS))


@pytest.fixture(params=MAKE)
def make(request, validation):
    return lambda: MAKE[request.param](validation)


@every_kind
def test_it_says_what_it_is_and_what_it_needs(kind, text, validation):
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert kind.reference in keys
    assert kind.row == kind.row.strip() != ""
    assert [other.row for other in COMBINERS.values()].count(kind.row) == 1
    assert getattr(mixlib.federation, kind.__name__) is kind
    assert kind.__name__ in mixlib.federation.__all__
    combiner = kind.for_comparison(3, validation)
    assert type(combiner) is kind
    assert combiner.n == 3
    assert combiner.uses in NEEDS
    assert all(isinstance(value, float) for value in combiner.settings.values())


@every_kind
def test_it_uses_what_it_says_and_nothing_else(kind, text, validation):
    combiner = kind.for_comparison(3, validation)
    needs = NEEDS.index(combiner.uses)
    bare = [
        Predictions(text.log_probs, text.document_starts),
        Predictions(text.log_probs, text.document_starts, text.entropies),
        text,
    ]
    whole = log_probs_along(combiner, text)
    for has, given in enumerate(bare):
        if has >= needs:
            np.testing.assert_allclose(log_probs_along(kind.for_comparison(3, validation), given), whole, atol=1e-12)
        else:
            with pytest.raises(ValueError, match=f"needs the specialists' {combiner.uses} too"):
                log_probs_along(combiner, given)


@every_kind
def test_what_a_comparison_shares_does_not_change_it(kind, text, validation):
    found = cache(lambda other: other.compared(validation, text, 0.05, found))
    combiner, log_probs = found(kind)
    assert type(combiner) is kind
    np.testing.assert_allclose(log_probs, log_probs_along(kind.for_comparison(3, validation), text), atol=1e-12)


def online(combiner, text, documents=None, stop=None):
    """Token by token, as a user does it: only the chosen are asked, and only their rows are handed over."""
    out = []
    for document in range(len(text.document_starts)) if documents is None else documents:
        combiner.reset()
        out += continued(combiner, text, document, 0, stop)
    return np.array(out)


def continued(combiner, text, document, begin, stop=None):
    rows, (first, last) = text.rows(document), text.documents()[document]
    out = []
    for t in range(begin, min(stop or last, last - first)):
        asked = combiner.chosen
        predicted = combiner.predict(rows[asked, t])
        np.testing.assert_allclose(np.exp(predicted).sum(), 1, rtol=1e-9)
        token = np.flatnonzero(rows[0, t] == text.log_probs[0, first + t])[0]
        out.append(predicted[token])
        assert combiner.log_prob(rows[asked, t, token]) == pytest.approx(predicted[token], abs=1e-9)
        combiner.update(rows[asked, t, token])
    return out


def test_along_a_text_is_the_same_as_token_by_token(make, text, validation):
    combiner = make().fit(validation)
    np.testing.assert_allclose(log_probs_along(combiner, text), online(combiner, text), atol=1e-9)


def test_documents_are_apart_and_the_past_does_not_know_the_future(make, text, validation):
    combiner = make().fit(validation)
    whole = log_probs_along(combiner, text)
    begin, end = text.documents()[1]
    np.testing.assert_array_equal(online(combiner, text, [1]), online(combiner, text, [1]))
    np.testing.assert_allclose(online(combiner, text, [1], stop=15), whole[begin : begin + 15], atol=1e-9)
    alone = Predictions(text.log_probs[:, begin:end], [0], text.entropies[:, begin:end], lambda _: text.rows(1))
    np.testing.assert_allclose(log_probs_along(combiner, alone), whole[begin:end], atol=1e-12)


def test_state_survives_a_file_in_the_middle_of_a_document(make, text, validation, tmp_path):
    first = make().fit(validation)
    online(first, text, [0], stop=11)
    first.save(tmp_path / "state.npz")
    second = make().load(tmp_path / "state.npz")
    np.testing.assert_array_equal(continued(second, text, 0, 11), continued(first, text, 0, 11))
    for name, array in first.state_dict().items():
        np.testing.assert_array_equal(second.state_dict()[name], array)
    np.testing.assert_array_equal(online(second, text, [2]), online(first, text, [2]))


def test_a_copy_of_the_state_does_not_move_with_the_combiner(make, text, validation):
    combiner = make().fit(validation)
    online(combiner, text, [0], stop=5)
    kept = combiner.state_dict()
    copies = {name: array.copy() for name, array in kept.items()}
    online(combiner, text, [1])
    for name, array in kept.items():
        np.testing.assert_array_equal(array, copies[name])


def test_it_beats_the_uniform_mixture_on_text_it_can_follow(make, validation, text):
    uniform = np.logaddexp.reduce(text.log_probs, axis=0) - np.log(3)
    loss = -log_probs_along(make().fit(validation), text).mean()
    assert loss < -uniform.mean() + 0.02


@every_kind
def test_before_a_fit_it_starts_as_the_uniform_pool(kind, text):
    combiner, rows = kind.for_comparison(3), text.rows(0)[:, 0]
    if combiner is None:
        return
    if isinstance(combiner, WeightedCombiner) and combiner.uses == "history":
        np.testing.assert_allclose(combiner.predict(rows), mixture_combine(rows[:, None])[0], atol=1e-12)
    else:
        assert np.exp(combiner.predict(rows)).sum() == pytest.approx(1)


@pytest.mark.parametrize("name", UNFITTED)
def test_what_needs_a_fit_says_so(name, text):
    with pytest.raises(ValueError, match="fit"):
        log_probs_along(UNFITTED[name](), text)


def test_state_of_another_kind_or_size_is_refused():
    with pytest.raises(ValueError, match="needs log_state, prior, share, got temperature"):
        FixedShare(3).load_state_dict(EntropyWeights(3).state_dict())
    with pytest.raises(ValueError, match=r"prior of FixedShare has shape \(3,\), got \(4,\)"):
        FixedShare(3).load_state_dict(FixedShare(4).state_dict())
    with pytest.raises(ValueError, match="call fit before saving"):
        EMWeights().state_dict()


def test_other_numbers_of_specialists_are_named(text):
    for combiner in (FixedShare(2), Router(4), GeometricMixing(2), EntropyWeights(5)):
        with pytest.raises(ValueError, match="there are 3 specialists"):
            log_probs_along(combiner, text)
    with pytest.raises(ValueError, match="rows: expected shape"):
        FixedShare(3).predict(text.rows(0)[:2, 0])


def test_what_the_text_lacks_is_named(text):
    bare = Predictions(text.log_probs, text.document_starts)
    for combiner, what in (
        (EntropyWeights(3), "entropies"),
        (LearnedGate(3), "entropies"),
        (GeometricMixing(3), "rows"),
    ):
        for call in (combiner.fit, lambda x, c=combiner: log_probs_along(c, x)):
            with pytest.raises(ValueError, match=f"needs the specialists' {what} too"):
                call(bare)
    with pytest.raises(ValueError, match="not a mixture"):
        weights_along(GeometricMixing(3), text)


@pytest.mark.parametrize("kind", [kind for kind in COMBINERS.values() if issubclass(kind, WeightedCombiner)])
def test_weights_are_on_the_simplex(kind, text, validation):
    weights = weights_along(kind.for_comparison(3, validation), text)
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-12)
    assert (weights >= 0).all()


def test_the_best_candidate_is_the_one_of_least_loss_on_that_text(validation):
    shares = (0.01, 0.1, 0.4)
    chosen = best_on([FixedShare(3, s) for s in shares], validation)
    losses = [-log_probs_along(FixedShare(3, s).fit(validation), validation).mean() for s in shares]
    assert chosen.share == shares[int(np.argmin(losses))]
    with pytest.raises(ValueError, match="candidates: empty"):
        best_on([], validation)

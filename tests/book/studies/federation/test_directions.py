"""The directions beyond the uniform mixture, on a small federation."""

import numpy as np
import pytest

from mixbook.studies.federation import directions
from mixlib.federation import Federation, Predictions, from_files, mixture_combine, perplexity


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


@pytest.fixture(scope="module")
def few(federation):
    return directions.few(federation)


def test_scores_temper_before_and_after(federation):
    texts = federation.validation, federation.test
    _, test = directions.read(federation.specialists, federation)
    singles, after = directions.scores(test, texts[1], confidences=(0.5, 1.0))
    np.testing.assert_allclose(singles[:, 1], test.log_probs, atol=1e-5)
    rows, tokens = test.rows(0), texts[1].documents()[0]
    here = np.arange(len(tokens))

    def tempered(row):
        masses = np.exp(row * 0.5).sum(axis=-1)
        return (0.5 * row[here, tokens] - np.log(masses))[: len(tokens)]

    np.testing.assert_allclose(singles[1, 0, : len(tokens)], tempered(rows[1]), atol=1e-4)
    np.testing.assert_allclose(after[0, : len(tokens)], tempered(mixture_combine(rows)), atol=1e-4)


def test_one_a_token_is_a_specialist_and_never_a_blend(federation, few):
    rows, _ = few
    models = {name for name in rows if name.startswith("one a token")}
    assert models == set(directions.ONE_EACH)
    size = federation.tokenizer.get_vocab_size()
    short = [directions.KneserNey(size, 2).fit(s.tokens, s.document_starts) for s in federation.training]
    alone = Predictions.of(short, federation.test).log_probs
    for name in models:
        assert (np.abs(alone - rows[name]).min(axis=0) < 1e-9).all()
    surest = Predictions.of(short, federation.test).entropies.argmin(axis=0)
    np.testing.assert_allclose(rows[directions.ONE_EACH[2]], alone[surest, np.arange(alone.shape[1])])


def test_what_is_chosen_comes_from_validation_text(federation, few):
    rows, settings = few
    assert settings["exponent after"] in directions.CONFIDENCES
    size = federation.tokenizer.get_vocab_size()
    short = [directions.KneserNey(size, 2).fit(s.tokens, s.document_starts) for s in federation.training]
    validation, test = directions.read(short, federation)
    pairs = (validation, federation.validation), (test, federation.test)
    known, new = (directions.scores(p, t, directions.CONFIDENCES) for p, t in pairs)
    b = known[1].mean(axis=-1).argmax()
    np.testing.assert_allclose(rows["tempered mixture"], new[1][b])
    assert directions.CONFIDENCES[b] == settings["exponent after"]
    mixed = np.logaddexp.reduce(known[0], axis=0).mean(axis=-1)
    assert directions.CONFIDENCES[mixed.argmax()] == settings["exponent before"]
    own = known[0].mean(axis=-1).argmax(axis=-1)
    each = np.logaddexp.reduce([new[0][i, b] for i, b in enumerate(own)]) - np.log(3)
    np.testing.assert_allclose(rows["mixture of tempered, each its own"], each)
    assert settings["mean exponent of each"] == pytest.approx(np.mean([directions.CONFIDENCES[b] for b in own]))


def test_losses_are_against_the_reference(federation, few):
    rows, _ = few
    frame = directions.losses([rows], [federation.test.document_starts])
    gate = "mixture, learned gate"
    assert frame.loc[gate, "perplexity"] == pytest.approx(perplexity(rows[gate]))
    difference = np.log(perplexity(rows[gate]) / perplexity(rows["mixture"]))
    assert frame.loc[gate, "difference"] == pytest.approx(difference)
    assert frame["perplexity"].is_monotonic_increasing

"""Laws of every model in the folder: normalised rows, no look ahead, blocks of any size, documents apart, saving."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import mixlib.federation
from mixlib.federation import encode, load_specialist, save_specialist, train_tokenizer
from mixlib.federation.models import MODELS

ROOT = Path(__file__).parents[3]
TOKENS = np.random.default_rng(0).zipf(1.4, 90).clip(max=12) - 1
STARTS = np.array([0, 1, 40, 41, 77])
every_kind = pytest.mark.parametrize("kind", MODELS.values(), ids=list(MODELS))


def fitted(kind, tokens=TOKENS, starts=STARTS, vocabulary=12):
    """A model that has learned a little, in no time."""
    few = {"steps": 3} if "steps" in inspect.signature(kind.fit).parameters else {}
    return kind(vocabulary).fit(tokens, starts, **few)


@pytest.fixture(params=MODELS)
def model(request):
    return fitted(MODELS[request.param])


def test_there_are_three_kinds_found_without_importing_them():
    assert set(MODELS) == set(MODELS.names()) >= {"cache-model", "gru", "kneser-ney"}


@every_kind
def test_it_says_what_it_is(kind):
    keys = re.findall(r"@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert kind.reference in keys
    assert MODELS[kind.kind] is kind
    assert getattr(mixlib.federation, kind.__name__) is kind
    assert kind.__name__ in mixlib.federation.__all__
    assert kind(12).vocabulary == 12
    assert fitted(kind).settings["vocabulary"] == 12


def test_rows_are_normalised_and_targets_are_their_entries(model):
    rows = model.log_probs(TOKENS, STARTS, dtype=np.float64)
    assert rows.shape == (90, 12)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(model.target_log_probs(TOKENS, STARTS), rows[np.arange(90), TOKENS], atol=1e-5)
    assert model.log_probs(TOKENS, STARTS).dtype == np.float32


def test_blocks_of_any_size_are_the_rows_of_log_probs(model):
    whole = model.log_probs(TOKENS, STARTS)
    for size in (1, 3, 39, 512):
        blocks = list(model.log_prob_blocks(TOKENS, STARTS, size))
        assert [len(b) for b in blocks[:-1]] == [size] * (len(blocks) - 1)
        assert 0 < len(blocks[-1]) <= size
        np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-5)  # both are float32


def test_token_by_token_is_the_same_so_nothing_ahead_is_known(model):
    whole = model.log_probs(TOKENS, STARTS)
    for t in (0, 1, 2, 39, 40, 41, 60, 89):
        known = model.log_probs(TOKENS[: t + 1], STARTS[t >= STARTS])
        np.testing.assert_allclose(known[t], whole[t], atol=1e-5)
        other = np.append(TOKENS[:t], (TOKENS[t] + 1) % 12)
        np.testing.assert_allclose(model.log_probs(other, STARTS[t >= STARTS])[t], whole[t], atol=1e-5)


def test_documents_are_apart(model):
    whole = model.log_probs(TOKENS, STARTS)
    np.testing.assert_allclose(model.log_probs(TOKENS[41:77]), whole[41:77], atol=1e-5)
    assert not np.allclose(model.log_probs(TOKENS)[41:77], whole[41:77], atol=1e-5)


def test_a_fit_is_the_same_every_time_and_learns(model):
    np.testing.assert_array_equal(fitted(type(model)).log_probs(TOKENS), model.log_probs(TOKENS))
    again = np.tile([0, 1, 2], 30)
    taught = fitted(type(model), again, [0])
    assert taught.target_log_probs(again).mean() > fitted(type(model)).target_log_probs(again).mean()


def test_settings_and_arrays_make_it_again(model):
    twin = type(model)(**model.settings).load_arrays(model.arrays())
    np.testing.assert_array_equal(twin.log_probs(TOKENS, STARTS), model.log_probs(TOKENS, STARTS))
    assert all(isinstance(array, np.ndarray) for array in model.arrays().values())
    assert twin.settings == model.settings


@every_kind
def test_a_loaded_specialist_says_the_same(kind, tmp_path):
    tokenizer = train_tokenizer(["the cat sat on the mat\n" * 9], 270)
    text = encode(tokenizer, ["the cat sat on the mat\n" * 9])
    model = fitted(kind, text.tokens, text.document_starts, tokenizer.get_vocab_size())
    loaded = load_specialist(save_specialist(tmp_path, model, tokenizer)).model
    assert type(loaded) is kind
    np.testing.assert_array_equal(loaded.log_probs(text.tokens), model.log_probs(text.tokens))


def test_bad_blocks_and_bad_text_are_named(model):
    with pytest.raises(ValueError, match="rows: expected at least 1"):
        next(iter(model.log_prob_blocks(TOKENS, STARTS, 0)))
    with pytest.raises(ValueError, match="12 is unknown to a vocabulary of 12"):
        model.log_probs(np.array([0, 12]))
    with pytest.raises(ValueError, match="12 is unknown to a vocabulary of 12"):
        model.fit(np.array([0, 12]))
    with pytest.raises(ValueError, match="document_starts"):
        model.target_log_probs(TOKENS, [0, 90])

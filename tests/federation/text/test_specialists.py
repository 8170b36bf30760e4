"""Tokens, training, held-out text and the near-duplicates left out of it."""

import numpy as np
import pytest

from mixlib.federation import (
    CacheModel,
    Federation,
    KneserNey,
    encode,
    from_files,
    load_specialist,
    save_federation,
    train_tokenizer,
)
from mixlib.federation.text.corpora import split
from mixlib.federation.text.specialists import NEAR, TEST, VALIDATION, share_seen, shingles


@pytest.fixture(scope="module")
def federation(folders):
    return Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)


def test_tokenizer_is_lossless_and_the_same_every_time():
    texts = ["déjà vu, 東京 🚀\n\tx = 1  # tab", "plain words again and again"] * 4
    a, b = (train_tokenizer(texts, 300) for _ in range(2))
    assert a.to_str() == b.to_str()
    assert a.decode(encode(a, texts[:1]).tokens.tolist()) == texts[0]
    assert encode(a, ["never seen ß"]).tokens.max() < a.get_vocab_size() <= 300


def test_streams_keep_documents_apart_and_stop_at_the_budget():
    tokenizer = train_tokenizer(["ab cd"], 256)
    stream = encode(tokenizer, ["abc", "", "de", "fgh"])
    assert stream.document_starts.tolist() == [0, 3, 5]
    assert [len(d) for d in stream.documents()] == [3, 2, 3]
    assert len(encode(tokenizer, ["abc", "de", "fgh"], most=4).tokens) == 4


def test_bad_tokenizer_input_is_named():
    with pytest.raises(ValueError, match="texts: empty"):
        train_tokenizer(["", ""])
    with pytest.raises(ValueError, match="256 bytes"):
        train_tokenizer(["abc"], 100)
    with pytest.raises(ValueError, match="no document holds a token"):
        encode(train_tokenizer(["abc"], 256), [""])


def test_training_is_the_same_every_time(folders, federation):
    again = Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000)
    np.testing.assert_array_equal(again.test.tokens, federation.test.tokens)
    np.testing.assert_array_equal(again.target_log_probs(again.test), federation.target_log_probs(federation.test))
    other = Federation.train(from_files(folders), order=3, vocabulary=400, budget=6_000, rng=1)
    assert not np.array_equal(other.test.tokens, federation.test.tokens)


def test_budget_and_mixed_text(federation):
    assert all(len(s.tokens) <= 6_000 for s in federation.training)
    assert set(federation.test_domains) == set(federation.validation_domains) == set(federation.domains)
    assert len(federation.test.documents()) == len(federation.test_domains)
    assert sorted(federation.test_domains) != list(federation.test_domains)


def test_each_specialist_is_best_at_home(federation):
    stream = federation.test
    scores = federation.target_log_probs(stream)
    home = np.repeat(federation.test_domains, np.diff(stream.document_starts, append=len(stream.tokens)))
    for i, name in enumerate(federation.domains):
        assert scores[:, home == name].mean(1).argmax() == i


def test_log_probs_stack_the_specialists(federation):
    tokens = federation.test.tokens[:50]
    rows = federation.log_probs(tokens)
    assert rows.shape == (3, 50, federation.tokenizer.get_vocab_size())
    np.testing.assert_array_equal(rows[1], federation.specialists[1].log_probs(tokens))


def test_pooled_and_same_domain_models_use_all_the_text(federation):
    stream = federation.test

    def score(model):
        return model.target_log_probs(stream.tokens, stream.document_starts).mean()

    singles = federation.target_log_probs(stream).mean(1)
    assert score(federation.pooled()) > singles.max()
    assert score(federation.pooled()) > score(federation.pooled(3_000))
    shares = [score(model) for model in federation.same_domain()]
    assert np.ptp(shares) < np.ptp(singles)
    assert len(set(shares)) == 3


def test_shingles_are_runs_of_tokens():
    tokens = np.random.default_rng(0).integers(0, 9, 100)
    hashes = shingles(tokens)
    assert len(hashes) == 89
    known = np.sort(shingles(tokens[20:60]))
    assert share_seen(hashes, known) == pytest.approx(29 / 89)
    assert share_seen(shingles(tokens[::-1]), known) == 0
    assert share_seen(shingles(tokens[:5]), known) == 0


def test_near_duplicates_of_training_text_are_left_out(folders, tmp_path):
    originals = sorted(folders["sea"].iterdir())
    for i in range(18):  # every file but six is one text with another last line
        (tmp_path / f"{i:02}.txt").write_text(originals[i if i < 6 else 6].read_text() + f"\nlast line {i}\n")
    text = from_files({"sea": tmp_path, "garden": folders["garden"]})
    federation = Federation.train(text, order=2, vocabulary=400)
    known = np.sort(np.concatenate([shingles(s.tokens) for s in federation.training]))
    held = federation.test.documents() + federation.validation.documents()
    reserve = split(text, TEST + VALIDATION).reserve
    assert federation.dropped == sum(map(len, reserve.values())) - len(held)
    assert federation.dropped > 0
    assert all(share_seen(shingles(tokens), known) < NEAR for tokens in held)


@pytest.mark.parametrize(("common", "left_out"), [(4, False), (14, True)])
def test_a_fifth_is_the_limit(folders, tmp_path, common, left_out):
    shared = (folders["kitchen"] / "00.txt").read_text().splitlines()[:common]
    for path in folders["sea"].iterdir():
        lines = path.read_text().splitlines()
        (tmp_path / path.name).write_text("\n".join(lines[:15] + shared + lines[15 + common :]))
    text = from_files({"sea": tmp_path, "garden": folders["garden"]})
    if left_out:
        with pytest.raises(ValueError, match="0 of 8 held-out documents are new"):
            Federation.train(text, order=2, vocabulary=400)
    else:
        assert Federation.train(text, order=2, vocabulary=400).dropped == 0


def test_text_that_only_repeats_is_named(folders, tmp_path):
    for i in range(12):
        (tmp_path / f"{i}.txt").write_text((folders["sea"] / "00.txt").read_text() + f"\n{i}\n")
    with pytest.raises(ValueError, match=r"documents\['sea'\]: 0 of 4 held-out documents are new"):
        Federation.train(from_files({"sea": tmp_path, "garden": folders["garden"]}), vocabulary=400)


def test_specialists_are_of_any_model(folders, tmp_path):
    training = {"vocabulary": 400, "budget": 6_000, "order": 3}
    for model in ("cache-model", CacheModel):
        federation = Federation.train(from_files(folders), model=model, **training)
        one = federation.specialists[0]
        assert {type(specialist) for specialist in federation.specialists} == {CacheModel}
        assert type(federation.pooled()) is type(federation.same_domain()[0]) is CacheModel
        first = federation.training[0]
        np.testing.assert_array_equal(one.unigrams, CacheModel(400).fit(first.tokens, first.document_starts).unigrams)
        saved = save_federation(tmp_path, federation)
        assert [load_specialist(folder).model.kind for folder in saved] == ["cache-model"] * len(saved)
    low = Federation.train(from_files(folders), model=lambda vocabulary: KneserNey(vocabulary, 1), **training)
    assert {specialist.order for specialist in low.specialists} == {low.pooled().order} == {1}
    with pytest.raises(ValueError, match="model: got 'oracle', expected one of cache-model, gru, kneser-ney"):
        Federation.train(from_files(folders), model="oracle", **training)

"""Given specialists on a given text: the rows against their definitions, the trace, and bad input."""

import json

import numpy as np
import pytest

from mixlib.federation import (
    EntropyWeights,
    FixedShare,
    GeometricMixing,
    GRULanguageModel,
    KneserNey,
    Predictions,
    Router,
    TraceWriter,
    check_trace,
    encode_text,
    log_probs_along,
    mixture_combine,
    perplexity,
    product_combine,
    read_texts,
    score_text,
    train_tokenizer,
)

SEA = ["wave tide gull salt " * 30, "tide wave reef " * 40]
LAND = ["hill path oak barn " * 30, "stone hill path " * 40]
MIXED = ["tide gull salt wave reef " * 60, "path oak hill stone " * 70]


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(SEA + LAND, 300)


@pytest.fixture(scope="module")
def specialists(tokenizer):
    size = tokenizer.get_vocab_size()
    sea, land = encode_text(tokenizer, SEA), encode_text(tokenizer, LAND)
    return {
        "sea": KneserNey(size, 3).fit(sea.tokens, sea.document_starts),
        "land": GRULanguageModel(size, 8).fit(land.tokens, land.document_starts, steps=40),
    }


@pytest.fixture(scope="module")
def stream(tokenizer):
    stream = encode_text(tokenizer, MIXED)
    assert len(stream.tokens) > 512  # more than a block
    return stream


def test_rows_are_what_their_names_say(specialists, stream):
    rows = np.stack([m.log_probs(stream.tokens, stream.document_starts) for m in specialists.values()])
    at = np.arange(len(stream.tokens)), stream.tokens
    scores = score_text(specialists, stream).perplexities
    assert scores["sea alone"] == pytest.approx(perplexity(rows[0][at]), rel=1e-5)
    assert scores["land alone"] == pytest.approx(perplexity(rows[1][at]), rel=1e-5)
    assert scores["best single"] == min(scores["sea alone"], scores["land alone"])
    assert scores["worst single"] == max(scores["sea alone"], scores["land alone"])
    assert scores["mixture"] == pytest.approx(perplexity(mixture_combine(rows)[at]), rel=1e-5)
    assert scores["product"] == pytest.approx(perplexity(product_combine(rows)[at]), rel=1e-5)
    text = Predictions.from_rows(rows, stream.tokens, stream.document_starts)
    for row, combiner in {
        "geometric mixing": GeometricMixing(2),
        "mixture, entropy weights": EntropyWeights(2),
        "mixture, fixed-share": FixedShare(2),
        "router": Router(2),
    }.items():
        assert scores[row] == pytest.approx(perplexity(log_probs_along(combiner, text)), rel=1e-5), row
    assert scores["mixture, fixed-share"] < scores["mixture"]
    assert "mixture, EM weights" not in scores


def test_fitted_weights_come_from_the_validation_text(specialists, stream, tokenizer):
    sea = encode_text(tokenizer, [SEA[0]])
    scores = score_text(specialists, stream, fit=sea).perplexities
    assert scores["mixture, EM weights"] == pytest.approx(scores["sea alone"], rel=0.02)
    plain, both = (score_text(specialists, stream, fit=text).perplexities for text in (None, stream))
    assert both["mixture, EM weights"] <= both["mixture"] + 1e-6
    assert both["mixture, entropy weights"] <= plain["mixture, entropy weights"] + 1e-6
    assert both["mixture, learned gate"] <= both["mixture, EM weights"] + 1e-3


def test_the_trace_adds_up_and_counts_positions_by_document(specialists, stream, tmp_path):
    lines = []
    with TraceWriter(tmp_path / "t.jsonl") as trace:
        scores = score_text(specialists, stream, trace=trace, progress=lines.append)
    assert len(stream.tokens) == scores.tokens
    assert lines[-1] == f"scoring, {scores.tokens:,} of {scores.tokens:,} tokens"
    records = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert [r["target"] for r in records] == stream.tokens.tolist()
    lengths = [len(d) for d in stream.documents()]
    assert [(r["document"], r["position"]) for r in records] == [
        (d, i) for d, n in enumerate(lengths) for i in range(n)
    ]
    assert np.exp(-np.mean([r["joint"] for r in records])) == pytest.approx(scores.perplexities["mixture"], rel=1e-5)
    assert records[0]["responsibilities"].keys() == {"sea", "land"}
    assert check_trace(tmp_path / "t.jsonl").sound


def test_texts_are_read_by_file_and_folder(tmp_path):
    (tmp_path / "b.txt").write_bytes("zwei\r\nß".encode())
    (tmp_path / "a.txt").write_text("eins")
    (tmp_path / ".hidden").write_text("x")
    assert read_texts([tmp_path]) == ["eins", "zwei\nß"]
    assert read_texts([tmp_path / "b.txt", tmp_path / "a.txt"]) == ["zwei\nß", "eins"]
    (tmp_path / "c.txt").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"c\.txt: byte 0xff at offset 0 is not UTF-8"):
        read_texts([tmp_path])
    with pytest.raises(ValueError, match="nowhere: no such file"):
        read_texts([tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no text files"):
        read_texts([tmp_path / "empty"])


def test_a_tokenizer_that_adds_special_tokens_adds_none_to_a_document(tokenizer):
    from tokenizers import Tokenizer, processors

    other = Tokenizer.from_str(tokenizer.to_str())
    other.add_special_tokens(["<s>"])
    other.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 300)])
    plain, special = encode_text(tokenizer, MIXED), encode_text(other, MIXED)
    np.testing.assert_array_equal(plain.tokens, special.tokens)


def test_bad_input_is_named(specialists, stream, tokenizer):
    with pytest.raises(ValueError, match=r"at least 2 to combine, got 1 \(sea\)"):
        score_text({"sea": specialists["sea"]}, stream)
    with pytest.raises(ValueError, match="vocabularies of different size"):
        score_text(specialists | {"other": GRULanguageModel(9, 4)}, stream)
    with pytest.raises(ValueError, match="too short, 1 tokens"):
        encode_text(tokenizer, ["a", ""])

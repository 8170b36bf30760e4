"""Specialists behind llama.cpp's own server: what it sends is what the same weights give in torch."""

import json

import numpy as np
import pytest

from mixlib.cli import main
from mixlib.federation import KneserNey, ServedModel, encode_text, generate, save_specialist, train_tokenizer

needed = "xllamacpp, which has llama.cpp's server, is not installed, or the system lacks libgomp"
pytest.importorskip("xllamacpp", reason=needed, exc_type=ImportError)
pytest.importorskip("gguf", reason="gguf, which writes what llama.cpp reads, is not installed")
transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")

from llama_server import CONTEXT, LlamaServer, write_gguf  # noqa: E402 - of no use without these

TEXT = ["wave tide gull salt reef, the tide é takes the wave 🌊 of 日本. " * 12]
LEADING = [chr(byte) for byte in range(0xC2, 0xF5)]  # as a byte-level tokenizer writes them
CLOSE = 1e-4  # nats; float32 in two orders of summing differs by 1e-5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small transformer for torch and, as ``model.gguf``, for llama.cpp; and an n-gram model of the same tokens."""
    import torch

    folder = tmp_path_factory.mktemp("llama")
    tokenizer = train_tokenizer(TEXT, 300)
    tokenizer.add_special_tokens(["<s>", "</s>"])
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "max_position_embeddings": CONTEXT}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    ends = {"bos_token_id": tokenizer.token_to_id("<s>"), "eos_token_id": tokenizer.token_to_id("</s>")}
    config = transformers.LlamaConfig(
        **sizes, **heads, **ends, vocab_size=tokenizer.get_vocab_size(), initializer_range=0.3
    )
    torch.manual_seed(0)
    network = transformers.LlamaForCausalLM(config)
    network.save_pretrained(folder / "torch")
    tokens = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    tokens.save_pretrained(folder / "torch")
    write_gguf(folder / "model.gguf", network, tokenizer)
    stream = encode_text(tokenizer, TEXT)
    save_specialist(folder / "sea", KneserNey(config.vocab_size, 3).fit(stream.tokens), tokenizer)
    return folder


@pytest.fixture(scope="module")
def own(folder):
    from mixlib.federation import from_pretrained

    return from_pretrained(folder / "torch")


@pytest.fixture(scope="module")
def server(folder):
    with LlamaServer(folder / "model.gguf") as serving:
        yield serving


def first_parts_of_characters(own, histories):
    """How often the most probable token begins a character that it does not end."""
    best = [int(own.log_probs(np.array([*h, 0]))[-1].argmax()) for h in histories]
    return sum(own.tokenizer.id_to_token(token)[-1] in LEADING for token in best)


def test_it_sends_what_the_weights_give(own, server):
    """Also after and before parts of characters, and where the most probable token ends the text."""
    rng = np.random.default_rng(0)
    histories = [rng.integers(0, own.vocabulary, 1 + i % 6) for i in range(60)]
    assert first_parts_of_characters(own, histories) > 5  # of which it sends no log-probabilities unless made to
    model = ServedModel(server.url, own.tokenizer, k=12)
    assert (model.start, model.vocabulary) == ([own.start], own.vocabulary)
    for history in histories:
        sent = model.top_k([*history, 0])
        exact = own.log_probs(np.array([*history, 0]))
        at = np.take_along_axis(exact, sent.tokens, axis=-1)
        assert sent.tokens.shape[1] == 12
        np.testing.assert_allclose(sent.log_probs, at, atol=CLOSE)
        np.testing.assert_allclose(sent.log_probs.min(axis=1), np.sort(exact, axis=1)[:, -12], atol=CLOSE)


def test_more_than_there_are_is_the_whole_row(own, server):
    text = encode_text(own.tokenizer, ["the tide é 🌊 takes it", "日 wave, barn"])
    model = ServedModel(server.url, own.tokenizer, k=500)
    rows = model.log_probs(text.tokens, text.document_starts)
    np.testing.assert_allclose(rows, own.log_probs(text.tokens, text.document_starts), atol=CLOSE)


def test_a_text_drawn_from_it_has_the_shares_of_the_transformer(own, server):
    names = {"here": own, "there": ServedModel(server.url, own.tokenizer, k=20)}
    text = generate(names, own.tokenizer.encode("the tide").ids, most=40, temperature=1.5, rng=1)
    assert (text.least <= 0.5 + CLOSE).all()
    assert (text.most >= 0.5 - CLOSE).all()
    sent = text.most - text.least < 1e-5
    assert 5 < sent.sum() < sent.size
    np.testing.assert_allclose(text.shares[sent], 0.5, atol=CLOSE)


def test_both_commands_take_it(folder, own, server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("the tide é takes the wave 🌊 of a barn", encoding="utf-8")
    ngram, there = f"sea={folder / 'sea'}", f"big={server.url}"
    line = ["--specialist", ngram, "--specialist", there, "--logprobs", "50", "--force"]
    assert main(["evaluate", *line, "--text", "text.txt", "--json", "served.json", "--trace", "t.jsonl"]) == 0
    line[3] = f"big={folder / 'torch'}"
    assert main(["evaluate", *line, "--text", "text.txt", "--json", "here.json", "--trace", "t.jsonl"]) == 0
    low, high = json.loads((tmp_path / "served.json").read_text())["mixture_bounds"]
    assert low < json.loads((tmp_path / "here.json").read_text())["perplexity"]["mixture"] < high
    line[3] = there
    capsys.readouterr()
    assert main(["generate", "the tide", *line, "--tokens", "30", "--temperature", "1.5", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert len(record["tokens"]) == 30
    assert record["settings"]["specialists"]["big"]["path"] == server.url


def test_what_it_refuses_is_said_with_the_fix(folder, own, server):
    model = ServedModel(server.url, own.tokenizer, k=3)
    assert model._sent(np.full(CONTEXT - 2, 5)).tokens.shape == (3,)
    with pytest.raises(ValueError, match=r"answers 400 .*context.* after 300 tokens; give it shorter documents"):
        model._sent(np.full(299, 5))
    with LlamaServer(folder / "model.gguf", key="secret") as closed:
        with pytest.raises(ValueError, match="wants a key"):
            ServedModel(closed.url, own.tokenizer)
        assert ServedModel(closed.url, own.tokenizer, key="secret").top_k([5]).tokens.shape == (1, 20)


def test_what_was_drawn_before_it_died_is_kept(folder, own, tmp_path, capsys, monkeypatch):
    from mixlib.cli._shared.generation_text import Shown

    with LlamaServer(folder / "model.gguf") as dying:
        drawn = []
        monkeypatch.setattr(Shown, "add", lambda self, step: drawn.append(step) or len(drawn) < 7 or dying.__exit__())
        line = ["--specialist", str(folder / "sea"), "--specialist", f"big={dying.url}", "--tokens", "20"]
        assert main(["generate", "the tide", *line, "--json", str(tmp_path / "out.json")]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"ended early, after 7 of 20 tokens: {dying.url}: nobody answers" in said
    assert len(json.loads((tmp_path / "out.json").read_text())["tokens"]) == 7

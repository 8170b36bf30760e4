"""Causal models from a local folder, tiny ones that the test makes, trains a little, and saves."""

import shutil
import sys

import numpy as np
import pytest
import torch

from mixlib.federation import (
    KneserNey,
    check_tokenizers,
    encode_text,
    from_pretrained,
    load_specialist,
    score_text,
    train_tokenizer,
)

transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")

TEXTS = ["the tide is a wave and the wave is a tide\n" * 20, "a gull, a sail, and the salt of the reef " * 20]
WINDOW = 16
END = "<|endoftext|>"


@pytest.fixture(scope="module")
def tokenizer():
    tokenizer = train_tokenizer(TEXTS, 290)
    tokenizer.add_special_tokens([END])
    return tokenizer


def saved(folder, network, tokenizer, **tokens):
    network.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens).save_pretrained(folder)
    return folder


def gpt2(size, seed=0):
    torch.manual_seed(seed)
    config = transformers.GPT2Config(
        vocab_size=size, n_positions=WINDOW, n_embd=16, n_layer=2, n_head=2, bos_token_id=None, eos_token_id=None
    )
    return transformers.GPT2LMHeadModel(config)


def llama(size, seed=0):
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=size,
        max_position_embeddings=WINDOW,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=None,
        eos_token_id=None,
    )
    return transformers.LlamaForCausalLM(config)


@pytest.fixture(scope="module", params=[gpt2, llama])
def folder(request, tokenizer, tmp_path_factory):
    """A model that has taken some steps, so that its predictions differ from token to token."""
    network = request.param(tokenizer.get_vocab_size())
    ids = torch.tensor(encode_text(tokenizer, TEXTS).tokens)
    ids = ids[: len(ids) // WINDOW * WINDOW].view(-1, WINDOW)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(20):
        network(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    folder = tmp_path_factory.mktemp("models") / request.param.__name__
    return saved(folder, network, tokenizer, eos_token=END)


def test_it_scores_as_transformers_does(folder, tokenizer):
    model = from_pretrained(folder)
    tokens = encode_text(tokenizer, TEXTS).tokens[: WINDOW - 1]
    ids = torch.tensor([[tokenizer.token_to_id(END), *tokens]])
    loss = model.network(input_ids=ids, labels=ids).loss.item()
    assert -model.target_log_probs(tokens).mean() == pytest.approx(loss, rel=1e-5)
    assert loss < 0.8 * np.log(model.vocabulary)


def test_windows_slide_over_a_long_document(folder, tokenizer):
    model = from_pretrained(folder, window=10, stride=4)
    tokens = encode_text(tokenizer, TEXTS).tokens[:31]
    rows = model.log_probs(tokens)
    assert rows.shape == (31, model.vocabulary)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.exp(rows.astype(float)).sum(1), 1, atol=1e-5)
    ends = [10, 14, 18, 22, 26, 30, 31]
    for t in range(31):
        end = next(e for e in ends if t < e)
        context = [model.start, *tokens[max(0, end - 10) : t]]
        with torch.no_grad():
            logits = model.network(input_ids=torch.tensor([context])).logits[0, -1]
        np.testing.assert_allclose(rows[t], torch.log_softmax(logits, -1), atol=1e-4)
        assert len(context) >= min(t + 1, 10 - 4 + 1)


@pytest.mark.parametrize("at_once", [1, 7, 30])
def test_a_text_that_grows_reads_each_token_once_a_window(folder, tokenizer, at_once):
    model = from_pretrained(folder, window=10, stride=4)
    tokens = encode_text(tokenizer, TEXTS).tokens[:30]  # a window and whole strides
    rows, text, lengths = model.log_probs(tokens), model.following(), []
    model.network.register_forward_pre_hook(
        lambda network, given, named: lengths.append(named["input_ids"].shape[1]), with_kwargs=True
    )
    np.testing.assert_allclose(text.next(), rows[0], atol=1e-4)
    for t, token in enumerate(tokens[:-1], 1):
        text.hear(token)
        if t % at_once == 0:  # of a prompt nobody may ask in between
            np.testing.assert_allclose(text.next(), rows[t], atol=1e-4)
    assert sum(lengths) <= 10 + 5 * (1 + 10) or at_once > 1
    assert max(lengths) <= 10


def test_documents_are_scored_apart_and_blocks_are_rows(folder, tokenizer):
    model = from_pretrained(folder)
    tokens = encode_text(tokenizer, TEXTS).tokens[:70]
    together = model.log_probs(tokens, [0, 3, 40])
    apart = np.concatenate([model.log_probs(part) for part in np.split(tokens, [3, 40])])
    np.testing.assert_array_equal(together, apart)
    blocks = list(model.log_prob_blocks(tokens, [0, 3, 40], 32))
    assert [len(b) for b in blocks] == [32, 32, 6]
    np.testing.assert_array_equal(np.concatenate(blocks), together)
    next(model.log_prob_blocks(tokens, rows=8))
    assert not torch.is_inference_mode_enabled()
    np.testing.assert_array_equal(model.target_log_probs(tokens), model.log_probs(tokens)[np.arange(70), tokens])


def test_ids_beyond_the_tokenizer_are_left_out(tokenizer, tmp_path):
    size = tokenizer.get_vocab_size()
    model = from_pretrained(saved(tmp_path, gpt2(size + 7), tokenizer, bos_token=END))
    assert model.vocabulary == size
    rows = model.log_probs(np.arange(9))
    assert rows.shape == (9, size)
    np.testing.assert_allclose(np.exp(rows.astype(float)).sum(1), 1, atol=1e-5)
    with pytest.raises(ValueError, match=f"has {size} tokens and the model only {size - 7}"):
        from_pretrained(saved(tmp_path / "less", gpt2(size - 7), tokenizer, pad_token="a"), start=0)


def test_half_precision_gives_float32_rows_near_the_exact_ones(folder):
    half, exact = from_pretrained(folder, precision="bfloat16"), from_pretrained(folder)
    assert half.network.dtype == torch.bfloat16
    tokens = np.arange(40) % exact.vocabulary
    assert half.log_probs(tokens).dtype == np.float32
    np.testing.assert_allclose(half.log_probs(tokens), exact.log_probs(tokens), atol=0.3)


def test_the_start_token(folder, tokenizer, tmp_path):
    assert from_pretrained(folder).start == tokenizer.token_to_id(END)
    assert from_pretrained(folder, start=5).start == 5
    network = gpt2(tokenizer.get_vocab_size())
    both = saved(tmp_path / "both", network, tokenizer, bos_token="a", eos_token=END)
    assert from_pretrained(both).start == tokenizer.token_to_id("a")
    neither = saved(tmp_path / "neither", network, tokenizer)
    with pytest.raises(ValueError, match="names no bos or eos token"):
        from_pretrained(neither)
    with pytest.raises(ValueError, match=r"start: .* \(got 999\)"):
        from_pretrained(neither, start=999)


def test_a_tokenizer_that_truncates_and_pads_no_longer_does(tokenizer, tmp_path):
    from tokenizers import Tokenizer

    short = Tokenizer.from_str(tokenizer.to_str())
    short.enable_truncation(5)
    short.enable_padding(length=400, pad_token=END, pad_id=short.token_to_id(END))
    model = from_pretrained(saved(tmp_path, gpt2(tokenizer.get_vocab_size()), short, eos_token=END))
    expected = encode_text(tokenizer, TEXTS)
    np.testing.assert_array_equal(encode_text(model.tokenizer, TEXTS).tokens, expected.tokens)


def test_it_joins_a_specialist_of_another_kind(folder, tokenizer):
    stream = encode_text(tokenizer, TEXTS)
    loaded = load_specialist(folder)
    other = KneserNey(tokenizer.get_vocab_size(), 2).fit(stream.tokens, stream.document_starts)
    check_tokenizers({"a": loaded.tokenizer, "b": tokenizer}, "".join(TEXTS))
    scores = score_text({"a": loaded.model, "b": other}, stream).perplexities
    assert scores["mixture"] < scores["worst single"]


def without_weights(folder):
    for path in folder.glob("*.safetensors"):
        path.unlink()


def with_a_tensor_less(folder):
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    weights.pop(next(name for name in weights if "mlp" in name))
    save_file(weights, path, metadata={"format": "pt"})


def without_a_tokenizer(folder):
    for path in folder.glob("tokenizer*"):
        path.unlink()


def with_an_unreadable_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{}")


def with_another_kind(folder):
    transformers.BertForMaskedLM(
        transformers.BertConfig(
            vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
        )
    ).save_pretrained(folder)


def with_an_unreadable_card(folder):
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without_weights, "weights in .* cannot be read"),
        (with_a_tensor_less, "lack 1 tensors, .*mlp"),
        (without_a_tokenizer, "holds no tokenizer.json"),
        (with_an_unreadable_tokenizer, "tokenizer in .* cannot be read"),
        (with_another_kind, "holds BertForMaskedLM, which is no causal language model"),
        (with_an_unreadable_card, "config.json cannot be read"),
        (shutil.rmtree, "holds no config.json"),
    ],
)
def test_damaged_folders_are_named(folder, tmp_path, damage, message):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    damage(copy)
    with pytest.raises(ValueError, match=message):
        from_pretrained(copy)


@pytest.mark.parametrize("settings", [{"window": 17}, {"stride": 0}, {"window": 4, "stride": 5}])
def test_bad_windows_are_named(folder, settings):
    with pytest.raises(ValueError, match="1 <= stride <= window <= 16"):
        from_pretrained(folder, **settings)


def test_a_bad_precision_is_named(folder):
    with pytest.raises(ValueError, match="expected one of float32, bfloat16, float16, got 'int8'"):
        from_pretrained(folder, precision="int8")


def test_without_transformers_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)  # as if it were not installed
    with pytest.raises(ImportError, match=r": pip install 'torch>=\S+' 'transformers>=\S+'$"):
        from_pretrained(folder)

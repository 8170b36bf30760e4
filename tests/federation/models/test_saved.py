"""Specialists saved and loaded again, and tokenizers that agree or do not."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.processors import TemplateProcessing

from mixlib.federation import (
    Federation,
    GRULanguageModel,
    KneserNey,
    check_tokenizers,
    encode,
    from_files,
    load_specialist,
    save_federation,
    save_specialist,
    train_tokenizer,
)

TEXTS = ["the cat sat on the mat\n" * 9, "a wave, a sail\n\nand a gull " * 9]


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(TEXTS, 280)


@pytest.fixture(params=["kneser-ney", "gru"])
def model(request, tokenizer):
    text, size = encode(tokenizer, TEXTS), tokenizer.get_vocab_size()
    if request.param == "gru":
        return GRULanguageModel(size, 8, layers=2, rng=5).fit(text.tokens, text.document_starts, steps=3)
    return KneserNey(size, 3).fit(text.tokens, text.document_starts)


def test_a_loaded_specialist_says_the_same(model, tokenizer, tmp_path):
    assert save_specialist(tmp_path / "new" / "here", model, tokenizer) == tmp_path / "new" / "here"
    loaded = load_specialist(tmp_path / "new" / "here")
    assert type(loaded.model) is type(model)
    assert loaded.model.settings == model.settings
    stream = encode(loaded.tokenizer, ["the gull sat on a sail"])
    np.testing.assert_array_equal(loaded.model.log_probs(stream.tokens), model.log_probs(stream.tokens))
    assert loaded.tokenizer.to_str() == tokenizer.to_str()


def test_what_cannot_be_saved_is_named(tokenizer, tmp_path):
    size = tokenizer.get_vocab_size()
    with pytest.raises(ValueError, match="has not been fitted"):
        save_specialist(tmp_path, KneserNey(size), tokenizer)
    with pytest.raises(ValueError, match=f"has {size} tokens and the model 9"):
        save_specialist(tmp_path, GRULanguageModel(9, 4), tokenizer)
    with pytest.raises(ValueError, match=r"object cannot be saved here; .* cache-model, gru, kneser-ney"):
        save_specialist(tmp_path, object(), tokenizer)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_specialist_is_named(model, tokenizer, tmp_path):
    with pytest.raises(ValueError, match="no such folder"):
        load_specialist(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"neither specialist\.json .* nor config\.json"):
        load_specialist(tmp_path)
    folder = save_specialist(tmp_path / "s", model, tokenizer)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match=r"tokenizer\.json: cannot be read"):
        load_specialist(folder)
    for name, content in (("specialist.npz", "x"), ("specialist.json", '{"kind": "oracle", "settings": {}}')):
        save_specialist(folder, model, tokenizer)
        (folder / name).write_text(content)
        with pytest.raises(ValueError, match="is no complete specialist"):
            load_specialist(folder)
    (save_specialist(folder, model, tokenizer) / "specialist.npz").unlink()
    with pytest.raises(ValueError, match="is no complete specialist"):
        load_specialist(folder)


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there_is_named(tokenizer, tmp_path, device):
    folder = save_specialist(tmp_path, GRULanguageModel(tokenizer.get_vocab_size(), 4), tokenizer)
    with pytest.raises(ValueError, match=f"device: '{device}' cannot be used here"):
        load_specialist(folder, device=device)


def test_a_federation_is_saved_with_the_text_it_has_not_seen(folders, tmp_path):
    federation = Federation.train(from_files(folders), order=2, vocabulary=400, budget=6_000)
    saved = save_federation(tmp_path / "all", federation)
    assert [path.name for path in saved] == list(federation.domains)
    again = load_specialist(saved[1]).model
    stream = federation.test
    np.testing.assert_array_equal(
        again.target_log_probs(stream.tokens, stream.document_starts), federation.target_log_probs(stream)[1]
    )
    texts = [path.read_bytes().decode() for path in sorted((tmp_path / "all" / "held_out").iterdir())]
    np.testing.assert_array_equal(encode(federation.tokenizer, texts).tokens, stream.tokens)


def test_equal_tokenizers_agree(tokenizer):
    check_tokenizers({"a": tokenizer, "b": Tokenizer.from_str(tokenizer.to_str()), "c": tokenizer}, "any text at all")
    check_tokenizers({"a": tokenizer}, "one alone")


def changed(tokenizer, change):
    record = json.loads(tokenizer.to_str())
    change(record["model"])
    return Tokenizer.from_str(json.dumps(record))


def test_what_differs_between_tokenizers_is_named(tokenizer):
    def swap(model):
        model["vocab"]["a"], model["vocab"]["b"] = model["vocab"]["b"], model["vocab"]["a"]

    def rename(model):
        model["vocab"]["ſ"] = model["vocab"].pop("A")

    number = tokenizer.get_vocab()
    with pytest.raises(ValueError, match=r"'sea' and 'land' .*: 2\d\d tokens against 26\d"):
        check_tokenizers({"sea": tokenizer, "land": train_tokenizer(TEXTS, 262)}, "text")
    swapped = f"token 'a' is number {number['a']} in 'sea' and {number['b']} in 'land'"
    with pytest.raises(ValueError, match=swapped):
        check_tokenizers({"sea": tokenizer, "land": changed(tokenizer, swap)}, "text")
    with pytest.raises(ValueError, match=r"token 'A' \(\d+\) of 'sea' is unknown to 'land'"):
        check_tokenizers({"sea": tokenizer, "land": changed(tokenizer, rename)}, "text")


def test_one_vocabulary_cut_differently_is_named(tokenizer):
    other = Tokenizer.from_str(tokenizer.to_str())
    other.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    with pytest.raises(ValueError, match=r"the vocabulary is the same, but 'the cat' becomes \['the'.*Ġthe"):
        check_tokenizers({"a": tokenizer, "b": other}, "the cat")


def test_what_a_tokenizer_adds_at_the_ends_of_a_text_is_no_difference():
    plain = train_tokenizer(["wave after wave"], vocabulary=258)
    adding = Tokenizer.from_str(plain.to_str())
    adding.post_processor = TemplateProcessing(single="[START] $A", special_tokens=[("[START]", 0)])
    assert adding.encode("wave").ids == [0, *plain.encode("wave").ids]
    check_tokenizers({"sea": adding, "land": plain}, "wave after wheat")
    check_tokenizers({"sea": plain, "land": adding}, "wave after wheat")

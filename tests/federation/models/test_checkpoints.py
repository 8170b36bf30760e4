"""Saved models and combiners that were cut off, flipped or swapped: a ValueError with the path, or nothing lost."""

import shutil
import zipfile

import numpy as np
import pytest

from mixlib.federation import (
    BayesPosterior,
    EMWeights,
    EntropyWeights,
    FixedShare,
    GeometricMixing,
    KneserNey,
    LearnedGate,
    Predictions,
    Router,
    Stacked,
    check_specialist,
    encode,
    load_specialist,
    save_specialist,
    train_tokenizer,
)
from mixlib.federation.models import checkpoints
from mixlib.federation.models.checkpoints import write_arrays

COMBINERS = {
    "em": EMWeights,
    "bayes": lambda: BayesPosterior(2),
    "fixed-share": lambda: FixedShare(2, 0.1),
    "entropy": lambda: EntropyWeights(2),
    "gate": lambda: LearnedGate(2),
    "router": lambda: Router(2),
    "geometric": lambda: GeometricMixing(2),
    "stacked": lambda: Stacked([FixedShare(2), LearnedGate(2)], FixedShare(2)),
}
TEXTS = ["the cat sat on the mat\n" * 9, "a wave, a sail\n\nand a gull " * 9]


@pytest.fixture(scope="module")
def text():
    rng = np.random.default_rng(0)
    rows = np.log(rng.dirichlet(np.ones(5), size=(2, 40)))
    return Predictions.from_rows(rows, rng.integers(0, 5, 40))


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(TEXTS, 280)


def kneser_ney(tokenizer, order=3):
    stream = encode(tokenizer, TEXTS)
    return KneserNey(tokenizer.get_vocab_size(), order).fit(stream.tokens, stream.document_starts)


def gru(tokenizer, seed=0):
    pytest.importorskip("torch")
    from mixlib.federation import GRULanguageModel

    return GRULanguageModel(tokenizer.get_vocab_size(), 4, rng=seed)


def damaged(whole, places=120):
    """The bytes with one of them changed, or cut off, at many places, every one of the last 60 among them."""
    rng = np.random.default_rng(len(whole))
    for i in {*rng.choice(len(whole), min(places, len(whole)), replace=False), *range(len(whole) - 60, len(whole))}:
        yield whole[:i] + bytes([whole[i] ^ (1 << int(rng.integers(8)))]) + whole[i + 1 :]
    yield from (whole[: len(whole) * k // 20] for k in range(20))


def said_by(load):
    """The message of a ValueError, None where nothing was wrong; any other error ends the test."""
    try:
        load()
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("name", COMBINERS)
def test_a_damaged_combiner_is_refused_or_the_same(name, text, tmp_path):
    make, path = COMBINERS[name], tmp_path / "state.npz"
    saved = make().fit(text)
    saved.save(path)
    state, whole, refused = saved.state_dict(), path.read_bytes(), 0
    for bytes_ in damaged(whole):
        path.write_bytes(bytes_)
        fresh = make()
        message = said_by(lambda fresh=fresh: fresh.load(path))
        if message is None:  # the date of an entry, for example
            loaded = fresh.state_dict()
            assert loaded.keys() == state.keys()
            assert all(np.array_equal(loaded[key], state[key]) for key in state)
        else:
            refused += 1
            assert str(path) in message
    assert refused > 100


@pytest.mark.parametrize("name", COMBINERS)
def test_another_kind_of_combiner_is_refused(name, text, tmp_path):
    """Some have arrays of the same names and shapes: the file itself says whose they are."""
    path = tmp_path / "state.npz"
    COMBINERS[name]().fit(text).save(path)
    for other, make in COMBINERS.items():
        message = said_by(lambda make=make: make().load(path))
        assert (message is None) == (other == name)
        assert message is None or str(path) in message
    if name not in ("em", "stacked"):
        assert str(path) in said_by(lambda: type(COMBINERS[name]())(3).load(path))


def test_what_is_no_checkpoint_is_named(tmp_path):
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").write_text("")
    (tmp_path / "folder.npz").mkdir()
    np.savez(tmp_path / "others.npz", log_state=np.zeros(2))
    np.savez(tmp_path / "pickled.npz", about=np.array({"format": 1}, dtype=object))
    np.save(tmp_path / "array.npz", np.zeros(3))
    (tmp_path / "array.npz.npy").rename(tmp_path / "array.npz")
    write_arrays(tmp_path / "words.npz", {"prior": np.array("a")}, {"kind": "FixedShare"})
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as file:
        file.writestr("a.txt", "hello")
    for name, why in {
        "nowhere.npz": "no such file",
        "folder.npz": "is a folder",
        "text.npz": "damaged, cut off, or no NumPy file",
        "empty.npz": "damaged",
        "array.npz": "damaged",
        "zip.npz": "damaged",
        "pickled.npz": "damaged",
        "others.npz": "another version of mixlib",
        "words.npz": "prior holds no numbers",
    }.items():
        message = said_by(lambda name=name: FixedShare(2).load(tmp_path / name))
        assert message.startswith(f"{tmp_path / name}: ")
        assert why in message


def test_another_version_is_named(tmp_path, monkeypatch):
    path = tmp_path / "state.npz"
    FixedShare(2).save(path)
    monkeypatch.setattr(checkpoints, "FORMAT", 2)
    assert "another version of mixlib or by something else (format 1, expected 2); save it again" in said_by(
        lambda: FixedShare(2).load(path)
    )


def test_what_does_not_fit_changes_nothing(tmp_path):
    path, combiner = tmp_path / "state.npz", FixedShare(3, 0.2)
    FixedShare(2).save(path)
    before = combiner.state_dict()
    assert str(path) in said_by(lambda: combiner.load(path))
    assert all(np.array_equal(combiner.state_dict()[name], before[name]) for name in before)


@pytest.mark.parametrize("make", [kneser_ney, gru])
@pytest.mark.parametrize("file", ["specialist.npz", "specialist.json", "tokenizer.json"])
def test_a_damaged_specialist_is_refused_or_the_same(make, file, tokenizer, tmp_path):
    model = make(tokenizer)
    path = save_specialist(tmp_path / "s", model, tokenizer) / file
    arrays, whole, refused = model.arrays(), path.read_bytes(), 0
    for bytes_ in damaged(whole, 60):
        path.write_bytes(bytes_)
        message = said_by(lambda: load_specialist(tmp_path / "s"))
        assert (said_by(lambda: check_specialist(tmp_path / "s")) is None) == (message is None)
        if message is None:
            loaded = load_specialist(tmp_path / "s")
            assert loaded.model.settings == model.settings
            assert all(np.array_equal(values, arrays[key]) for key, values in loaded.model.arrays().items())
            assert loaded.tokenizer.to_str() == tokenizer.to_str()
        else:
            refused += 1
            assert str(tmp_path / "s") in message
    assert refused > 60


def test_files_of_two_specialists_do_not_mix(tokenizer, tmp_path):
    one = save_specialist(tmp_path / "one", kneser_ney(tokenizer, 2), tokenizer)
    for other in (kneser_ney(tokenizer, 3), gru(tokenizer)):
        two = save_specialist(tmp_path / "two", other, tokenizer)
        for file in ("specialist.npz", "specialist.json"):
            mixed = shutil.copytree(one, tmp_path / "mixed", dirs_exist_ok=True)
            shutil.copy(two / file, mixed)
            assert f"{mixed}: is no complete specialist" in said_by(lambda mixed=mixed: load_specialist(mixed))


@pytest.fixture(scope="module")
def transformer(tokenizer, tmp_path_factory):
    transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")
    folder = tmp_path_factory.mktemp("transformer")
    config = transformers.GPT2Config(vocab_size=280, n_positions=16, n_embd=8, n_layer=1, n_head=1, bos_token_id=0)
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="a").save_pretrained(folder)
    return folder


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_transformer_is_refused_with_its_path(file, transformer, tmp_path):
    """Its formats have no checksums: numbers that were altered go unnoticed, anything else is a ValueError."""
    folder = shutil.copytree(transformer, tmp_path / "copy")
    whole = (folder / file).read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little") if file.endswith("safetensors") else len(whole)
    rng = np.random.default_rng(0)
    flips = [whole[:i] + bytes([whole[i] ^ 4]) + whole[i + 1 :] for i in rng.choice(header, 25, replace=False)]
    for bytes_ in [*flips, *(whole[: len(whole) * k // 6] for k in range(6))]:
        (folder / file).write_bytes(bytes_)
        message = said_by(lambda: load_specialist(folder))
        assert message is None or str(folder) in message
        if len(bytes_) < len(whole):
            assert message is not None
            assert str(folder) in said_by(lambda: check_specialist(folder))
    (folder / file).write_bytes(whole)
    assert check_specialist(folder) is None

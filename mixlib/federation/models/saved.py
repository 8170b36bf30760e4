"""Specialists in folders: save one with its tokenizer, load one of any kind, and ask whether tokenizers agree."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from mixlib.extras import needed_by
from mixlib.federation.models import MODELS
from mixlib.federation.models.base import LanguageModel, on_device
from mixlib.federation.models.checkpoints import read_arrays, write_arrays

CARD, ARRAYS, TOKENIZER = "specialist.json", "specialist.npz", "tokenizer.json"
HELD_OUT = "held_out"  # folder of the text that no specialist has seen
SHOWN = 40  # characters around a difference in a message


@dataclass(frozen=True)
class Specialist:
    """Specialist: a language model and the tokenizer that its tokens come from.

    Parameters
    ----------
    model : object
        Of any kind that has ``vocabulary`` and ``log_prob_blocks``.
    tokenizer : tokenizers.Tokenizer
        Of the same vocabulary.

    Examples
    --------
    >>> from mixlib.federation import KneserNey, load_specialist, save_specialist, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> model = KneserNey(tokenizer.get_vocab_size(), order=2).fit(tokenizer.encode("wave after wave").ids)
    >>> specialist = load_specialist(save_specialist("mine", model, tokenizer))
    >>> specialist.model.vocabulary, specialist.tokenizer.decode(specialist.tokenizer.encode("wave").ids)
    (258, 'wave')
    """

    model: object
    tokenizer: Tokenizer


def save_specialist(folder, model, tokenizer):
    """A specialist's folder: one of the models of ``MODELS`` and its tokenizer, written to disk.

    The folder is made if need be; it holds the settings (``specialist.json``), the arrays (``specialist.npz``, with the
    settings once more) and ``tokenizer.json``, as Hugging Face writes it.

    Parameters
    ----------
    folder : path
        Where to write.
    model : LanguageModel
        Fitted, of a kind in ``mixlib.federation.models.MODELS``.
    tokenizer : tokenizers.Tokenizer
        Of the same vocabulary.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If the model is of another kind, has not been fitted, or its vocabulary is not the tokenizer's.

    Examples
    --------
    >>> from mixlib.federation import KneserNey, save_specialist, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> model = KneserNey(tokenizer.get_vocab_size(), order=2).fit(tokenizer.encode("wave after wave").ids)
    >>> folder = save_specialist("mine", model, tokenizer)
    >>> sorted(path.name for path in folder.iterdir())
    ['specialist.json', 'specialist.npz', 'tokenizer.json']
    """
    if not isinstance(model, LanguageModel) or MODELS.get(model.kind) is not type(model):
        raise ValueError(
            f"model: {type(model).__name__} cannot be saved here; expected one of the models of this library, "
            f"{', '.join(MODELS.names())}"
        )
    arrays = model.arrays()
    if not arrays:
        raise ValueError(f"model: {type(model).__name__} has not been fitted; call fit(tokens, document_starts) first")
    if model.vocabulary != tokenizer.get_vocab_size():
        raise ValueError(
            f"tokenizer: has {tokenizer.get_vocab_size()} tokens and the model {model.vocabulary}; save the tokenizer "
            f"that the model was trained with"
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / TOKENIZER))
    card = {"kind": model.kind, "settings": model.settings, "tokenizer_sha256": _digest(folder / TOKENIZER)}
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    write_arrays(folder / ARRAYS, arrays, card, compress=True)
    return folder


def save_federation(folder, federation):
    """Folders of a :class:`Federation`: every specialist in one of its domain's name, and the test text beside them.

    Parameters
    ----------
    folder : path
        Below it the others are made.
    federation : Federation
        As :meth:`Federation.train` gives it.

    Returns
    -------
    list of Path
        The specialists' folders. The test text is in ``held_out``, one file a document.

    Examples
    --------
    >>> from mixlib.federation import Federation, from_files, save_federation
    >>> federation = Federation.train(from_files({"sea": "sea", "land": "land"}), vocabulary=300)
    >>> [path.as_posix() for path in save_federation("specialists", federation)]
    ['specialists/sea', 'specialists/land']
    """
    folder = Path(folder)
    named = zip(federation.domains, federation.specialists, strict=True)
    folders = [save_specialist(folder / name, model, federation.tokenizer) for name, model in named]
    (folder / HELD_OUT).mkdir(exist_ok=True)
    for number, (domain, tokens) in enumerate(zip(federation.test_domains, federation.test.documents(), strict=True)):
        text = federation.tokenizer.decode(tokens.tolist())
        (folder / HELD_OUT / f"{number:02}-{domain}.txt").write_text(text, encoding="utf-8", newline="")
    return folders


def load_specialist(folder, *, device="cpu", precision="float32"):
    """Specialist from a folder, of whichever kind it is.

    A folder with ``specialist.json`` is one that :func:`save_specialist` wrote, one with ``config.json`` is read by
    :func:`mixlib.federation.from_pretrained`.

    Parameters
    ----------
    folder : path
        Where it was written.
    device : str, default="cpu"
        For neural models, as torch names it.
    precision : {"float32", "bfloat16", "float16"}, default="float32"
        Of the weights of a Hugging Face model.

    Returns
    -------
    Specialist
        Model and tokenizer.

    Raises
    ------
    ValueError
        If the folder does not exist, holds no specialist, what it holds cannot be read, or there is no such device.

    Examples
    --------
    >>> from mixlib.federation import KneserNey, load_specialist, save_specialist, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> model = KneserNey(tokenizer.get_vocab_size(), order=2).fit(tokenizer.encode("wave after wave").ids)
    >>> folder = save_specialist("mine", model, tokenizer)
    >>> load_specialist(folder).model.settings
    {'vocabulary': 258, 'order': 2}
    """
    folder = Path(folder).expanduser()
    if _is_hugging_face(folder):
        from mixlib.federation.models.hugging_face import from_pretrained

        model = from_pretrained(folder, device=device, precision=precision)
        return Specialist(model, model.tokenizer)
    card, arrays = _read(folder)
    with needed_by(f"{folder}, a {card['kind']},"):
        kind = MODELS.get(card["kind"])
    try:
        model = kind(**card["settings"]).load_arrays(arrays)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # arrays that do not fit, and the tokenizers package has no class of its own
        raise ValueError(
            f"{folder}: is no complete specialist ({type(error).__name__}: {error}); save it again"
        ) from error
    return Specialist(on_device(model, device) if hasattr(model, "to") else model, tokenizer)


def check_specialist(folder):
    """Check of a specialist's folder without loading the model: its files, their kind and their checksums.

    Parameters
    ----------
    folder : path
        Where :func:`save_specialist` or ``save_pretrained`` wrote it.

    Raises
    ------
    ValueError
        If :func:`load_specialist` would refuse it for its files. Weights of Hugging Face models have no checksum: a
        file that was cut off is found, altered numbers are not.

    Examples
    --------
    >>> from mixlib.federation import KneserNey, check_specialist, save_specialist, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> model = KneserNey(tokenizer.get_vocab_size(), order=2).fit(tokenizer.encode("wave after wave").ids)
    >>> folder = save_specialist("mine", model, tokenizer)
    >>> check_specialist(folder)  # raises if something is wrong
    """
    folder = Path(folder).expanduser()
    if _is_hugging_face(folder):
        from mixlib.federation.models.hugging_face import check_files

        check_files(folder)
    else:
        _read(folder)


def _is_hugging_face(folder):
    """Whether it is one, otherwise one that was saved here; a ValueError if neither."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; a specialist is a folder, see mixlib evaluate --save")
    found = [(folder / name).is_file() for name in ("config.json", CARD)]
    if not any(found):
        raise ValueError(
            f"{folder}: holds neither {CARD} (a saved specialist) nor config.json (a Hugging Face model); "
            f"mixlib evaluate --domain ... --save FOLDER makes specialists"
        )
    return found[0]


def _read(folder):
    """The card and the arrays of a saved specialist, whose three files must belong together."""
    try:
        arrays, about = read_arrays(folder / ARRAYS)
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        digest = _digest(folder / TOKENIZER)
    except (ValueError, OSError, RecursionError) as error:
        raise ValueError(f"{folder}: is no complete specialist ({error}); save it again") from error
    if about.get("kind") not in MODELS.names():
        raise ValueError(f"{folder}: {ARRAYS} holds a {about.get('kind')}, expected {' or '.join(MODELS.names())}")
    if card != about:
        raise ValueError(f"{folder}: is no complete specialist ({CARD} is not that of {ARRAYS}); save it again")
    if digest != card["tokenizer_sha256"]:
        raise ValueError(
            f"{folder / TOKENIZER}: cannot be read (it is not the one of {ARRAYS}); save the specialist again"
        )
    return card, arrays


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_tokenizers(tokenizers, text):
    """Check that all tokenizers give the same tokens the same numbers; a ValueError says what differs.

    Parameters
    ----------
    tokenizers : dict of str to tokenizers.Tokenizer
        By the specialist's name.
    text : str
        The text to be scored; two tokenizers of one vocabulary can still cut it differently.

    Examples
    --------
    >>> from mixlib.federation import check_tokenizers, train_tokenizer
    >>> tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    >>> check_tokenizers({"sea": tokenizer, "land": tokenizer}, "wave after wheat")
    """
    (first, reference), *others = tokenizers.items()
    vocabulary = reference.get_vocab(with_added_tokens=True)
    encoding = reference.encode(text, add_special_tokens=False)
    for name, tokenizer in others:
        why = _difference(vocabulary, tokenizer.get_vocab(with_added_tokens=True), first, name)
        if why is None:
            why = _cut(encoding, tokenizer.encode(text, add_special_tokens=False), text, first, name)
        if why is not None:
            raise ValueError(
                f"specialists {first!r} and {name!r} have different tokenizers: {why}. Their predictions are about "
                f"different tokens and cannot be combined; take specialists that were trained with one tokenizer"
            )


def _difference(a, b, first, second):
    if len(a) != len(b):
        return f"{len(a):,} tokens against {len(b):,}"
    for token, number in sorted(a.items(), key=lambda item: item[1]):
        if token not in b:
            return f"token {token!r} ({number}) of {first!r} is unknown to {second!r}"
        if b[token] != number:
            return f"token {token!r} is number {number} in {first!r} and {b[token]} in {second!r}"
    return None


def _cut(a, b, text, first, second):
    if a.ids == b.ids:
        return None
    at = next((i for i, (x, y) in enumerate(zip(a.ids, b.ids, strict=False)) if x != y), min(len(a.ids), len(b.ids)))
    begin = a.offsets[at][0] if at < len(a.ids) else 0
    return (
        f"the vocabulary is the same, but {text[begin : begin + SHOWN]!r} becomes {a.tokens[at : at + 4]} in {first!r} "
        f"and {b.tokens[at : at + 4]} in {second!r}"
    )

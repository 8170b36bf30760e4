"""Damaged files for every reader of files, and altered traces for the check of traces."""

import dataclasses
import gzip
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from safetensors.numpy import save as safetensors

from mixlib.claims import load_registry
from mixlib.cli._shared.claims_files import from_lock
from mixlib.cli._shared.samples_file import read_samples
from mixlib.domains.odours import read_odours
from mixlib.federation import attribute, check_trace, load_specialist, save_specialist, train_tokenizer, write_trace
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.merging import read_recipe
from mixlib.merging.files.reading import Checkpoint
from mixlib.seams.prose import read_prose

MOST_CUT = 40  # bytes that one damage takes out, doubles or puts in
STRANGE = (  # what breaks readers that look at text
    *(b"nan", b"-inf", b"1e999", b"-1", b"99999999999999999999", b"null", b"true", b"=1+1", b"%s", b"../../x"),
    *(b'"', b"'", b",", b"\n", b"\r", b"\t", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"{", b"]", b"[" * 400),
    *(b"&a [*a, *a]", b"!!python/object/apply:os.system [true]"),
)


@dataclasses.dataclass(frozen=True)
class Reader:
    """A reader with a file that it reads: its name, the bytes of that file, and how it is called with a path."""

    file: str
    content: bytes
    read: Callable


def readers(folder):
    """Every reader of files of the library, by what a user would call the file; ``folder`` is for their making."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(12, 3)), columns=["sea", "land", "sky"])
    csv, array, parquet = table.to_csv(index=False).encode(), io.BytesIO(), io.BytesIO()
    np.save(array, table.to_numpy())
    table.to_parquet(parquet)
    checkpoint = safetensors({"a": np.ones((4, 3), np.float32), "b": np.zeros(5, np.float16)}, {"format": "pt"})
    recipe = b"method: slerp\nmodels:\n- {model: a, weight: 0.25}\n- {model: b, weight: 0.75}\ndtype: float32\n"
    each = b"- {model: a, parameters: {weight: 0.25}}\n- {model: b, parameters: {weight: 1}}\n"
    described = b"merge_method: linear\nmodels:\n" + each
    registry = yaml.safe_dump(
        [
            {
                "id": "it.is",
                "part": "a",
                "statement": "So.",
                "source": {"document": "A"},
                "page": "p",
                "expected": "holds",
            }
        ]
    ).encode()
    odours = b"name,fruity,green,smoky\nlimonene,1,0,0.25\nguaiacol,0,0.5,1\nlimonene+guaiacol,0.5,0.25,0.5\n"
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Sea\n", "wave after wave"]}]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    tokenizer = train_tokenizer(["wave after wave"], vocabulary=258)
    model = KneserNey(tokenizer.get_vocab_size(), order=2).fit(tokenizer.encode("wave after wave").ids)
    saved = save_specialist(folder / "specialist", model, tokenizer)
    lock = b"claim a: share = 0.25\xc2\xb11e-05\nclaim a: verdict = holds\nused numpy = 2.4.6\n"

    def specialist(name):
        def read(path):
            for other in saved.iterdir():
                if other.name != name:
                    (path.parent / other.name).write_bytes(other.read_bytes())
            return load_specialist(path.parent)

        return Reader(name, (saved / name).read_bytes(), read)

    found = {
        "table, CSV": Reader("t.csv", csv, read_samples),
        "table, TSV": Reader("t.tsv", csv.replace(b",", b"\t"), read_samples),
        "table, compressed CSV": Reader("t.csv.gz", gzip.compress(csv, mtime=0), read_samples),
        "table, Parquet": Reader("t.parquet", parquet.getvalue(), read_samples),
        "array, npy": Reader("t.npy", array.getvalue(), read_samples),
        "checkpoint, safetensors": Reader("m.safetensors", checkpoint, _tensors),
        "recipe, YAML": Reader("merge.yml", recipe, read_recipe),
        "recipe of mergekit, YAML": Reader("merge.yml", described, read_recipe),
        "trace, JSON lines": Reader("t.jsonl", trace(folder / "t.jsonl"), _trace),
        "trace, Parquet": Reader("t.parquet", trace(folder / "t.parquet"), _trace),
        "claims, YAML": Reader("claims.yml", registry, load_registry),
        "accepted findings": Reader("findings.lock", lock, lambda path: from_lock(path.read_text(encoding="utf-8"))),
        "odours, CSV": Reader("odours.csv", odours, read_odours),
        "text, notebook": Reader("page.ipynb", notebook, read_prose),
        "text, Markdown": Reader("page.md", b"# Sea\n\n```{note}\nwave after *wave*\n```\n", read_prose),
    }
    return found | {f"specialist, {path.name}": specialist(path.name) for path in sorted(saved.iterdir())}


def trace(path, tokens=12):
    """The bytes of an honest trace of two specialists, written to ``path``; its seal lies beside it."""
    rng = np.random.default_rng(1)
    log_probs = np.log(rng.dirichlet(np.ones(4), size=(2, tokens)))
    seal = write_trace(path, attribute(log_probs, rng.integers(4, size=tokens), names=["sea", "land"]).records())
    path.with_suffix(".seal").write_text(seal)
    return path.read_bytes()


def damaged(content, rng):
    """The content with one to four damages: bytes changed, cut out, doubled, put in, or the end missing."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        place = int(rng.integers(len(content) + 1))
        size = int(rng.integers(1, MOST_CUT))
        match rng.integers(6):
            case 0:  # a few bits
                for at in rng.integers(len(content), size=3) if content else ():
                    content[at] ^= 1 << int(rng.integers(8))
            case 1:
                del content[place : place + size]
            case 2:
                content[place:place] = content[place : place + size]
            case 3:
                content[place:place] = rng.bytes(size)
            case 4:
                content[place:place] = STRANGE[rng.integers(len(STRANGE))]
            case 5 if rng.integers(4) == 0:
                del content[place:]
    return bytes(content)


def fuzz(inputs, rng=0, only=None):
    """Read so many damaged files with each reader.

    Returns a table by reader: ``read`` (the damage left a valid file), ``refused`` (a ValueError), ``crashed`` (any
    other error), ``slowest`` in processor seconds, and ``example``, the first crash.
    """
    rows = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        for number, (name, reader) in enumerate(readers(scratch).items()):
            if only is not None and name not in only:
                continue
            row = {"inputs": inputs, "read": 0, "refused": 0, "crashed": 0, "slowest": 0.0, "example": ""}
            chance = np.random.default_rng([rng, number])
            path = scratch / "read" / reader.file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(reader.content)
            reader.read(path)  # what is not damaged is read
            for _ in range(inputs):
                path.write_bytes(damaged(reader.content, chance))
                started = time.process_time()
                outcome, example = _outcome(reader.read, path)
                row["slowest"] = max(row["slowest"], time.process_time() - started)
                row[outcome] += 1
                row["example"] = row["example"] or example
            rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def tampered(inputs, rng=0):
    """How many of so many altered traces are caught, by their seal: a table by kind of alteration."""
    rng, rows = np.random.default_rng(rng), {}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "t.jsonl"
        content = trace(path)
        seal = path.with_suffix(".seal").read_text()
        assert check_trace(path, seal=seal).sound
        for name, alter in ALTERATIONS.items():
            caught = 0
            for _ in range(inputs):
                lines = [json.loads(line) for line in content.splitlines()]
                path.write_text("\n".join(json.dumps(line) for line in alter(lines, rng)) + "\n")
                caught += not check_trace(path, seal=seal).sound
            rows[name] = {"altered": inputs, "caught": caught}
    return pd.DataFrame.from_dict(rows, orient="index")


def _number(lines, rng):
    line = lines[rng.integers(len(lines))]
    group = line[("weights", "specialists", "responsibilities")[rng.integers(3)]]
    group[("sea", "land")[rng.integers(2)]] *= 1 + 10.0 ** -rng.integers(1, 13)
    return lines


def _consistent(lines, rng):
    """A share that was moved from one specialist to the other, with all that follows from it, so that it adds up."""
    line = lines[rng.integers(len(lines))]
    for field in ("weights", "specialists", "responsibilities"):
        line[field] = dict(zip(line[field], reversed(line[field].values()), strict=True))
    return lines


def _token(lines, rng):
    lines[rng.integers(len(lines))]["target"] += 1
    return lines


def _order(lines, rng):
    first = rng.integers(len(lines) - 1)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    return lines


def _removed(lines, rng):
    del lines[rng.integers(len(lines))]
    return lines


def _cut(lines, rng):
    return lines[: rng.integers(len(lines))]


def _doubled(lines, rng):
    place = rng.integers(len(lines))
    return [*lines[: place + 1], *lines[place:]]


ALTERATIONS = {
    "one number, by 10% to one part in 10¹²": _number,
    "two specialists exchanged, sums kept": _consistent,
    "another token": _token,
    "two lines exchanged": _order,
    "a line removed": _removed,
    "the end cut off": _cut,
    "a line doubled": _doubled,
}


def _tensors(path):
    with Checkpoint(path) as model:
        return {name: b"".join(map(bytes, model.raw(name))) for name in model.entries}


def _trace(path):
    if not check_trace(path).sound:
        raise ValueError("its problems are told line by line")


def _outcome(read, path):
    try:
        read(path)
    except ValueError:
        return "refused", ""
    except Exception as error:
        return "crashed", f"{type(error).__name__}: {error}"
    return "read", ""

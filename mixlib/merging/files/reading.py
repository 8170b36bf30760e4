"""Checkpoints on disk: what tensors a safetensors file or folder holds, and their rows, read piece by piece."""

import json
import math
import re
from pathlib import Path
from typing import NamedTuple

__all__ = []

SIZES = {  # bytes of an element, by the names of the format
    **{"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4},
    **{"F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1},
}
FLOATING = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # and those of torch
LONGEST_HEADER = 100_000_000  # bytes, as the format allows
STAGED = 1 << 17  # bytes of half precision that are read at a time, to be made float32
INDEX = "model.safetensors.index.json"
AS_SAFETENSORS = "load the model with from_pretrained, and save it with save_pretrained in another folder"
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".gguf")


class Entry(NamedTuple):
    """Where a tensor lies."""

    file: Path
    dtype: str
    shape: tuple
    start: int  # in the file

    @property
    def rows(self):
        """The length of its first axis; 1 for a single number."""
        return self.shape[0] if self.shape else 1

    @property
    def row(self):
        """Elements of a row."""
        return math.prod(self.shape[1:])

    @property
    def elements(self):
        """Of the whole tensor."""
        return math.prod(self.shape)

    @property
    def floating(self):
        """Whether its numbers can be averaged."""
        return self.dtype in FLOATING

    def described(self):
        """Its dtype and shape, for messages."""
        return f"{self.dtype} {list(self.shape)}"


class Checkpoint:
    """A model's tensors on disk: a .safetensors file, or a folder as ``save_pretrained`` writes it, sharded or not.

    Nothing is read but headers until rows are asked for, and nothing of the files is mapped into memory: what a merge
    holds is what it asked for.
    """

    def __init__(self, path):
        self.path = Path(path).expanduser()
        self.name = str(path)
        self.folder = self.path if self.path.is_dir() else None
        if self.path.name.endswith(".index.json") and self.path.is_file():
            self.folder = self.path.parent
        self.config = read_json(self.folder / "config.json") if self.folder else {}
        if "quantization_config" in self.config:
            raise ValueError(
                f"{self.name}: its config.json has a quantization_config; quantised weights cannot be averaged, save "
                f"the model in float16, bfloat16 or float32 first"
            )
        self.files, listed = _files(self.path, self.name)
        self.metadata, self.entries, self._open, self._staged = {}, {}, {}, {}
        for file in self.files:
            metadata, entries = read_header(file)
            self.metadata |= metadata
            if twice := self.entries.keys() & entries.keys():
                raise ValueError(f"{file}: holds {min(twice)!r}, which another file of {self.name} holds too")
            self.entries |= entries
        if lost := sorted(name for name, file in listed.items() if name not in self.entries):
            raise ValueError(f"{self.name}: its index lists {lost[0]!r} in {listed[lost[0]]}, which does not hold it")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for stream in self._open.values():
            stream.close()
        self._open.clear()

    def read_rows(self, name, first, last, into):
        """Read rows ``first`` to ``last`` of a tensor into a flat torch tensor of float32 or float64."""
        import torch

        entry = self.entries[name]
        dtype = getattr(torch, FLOATING[entry.dtype])
        size = SIZES[entry.dtype]
        start, count = entry.start + first * entry.row * size, (last - first) * entry.row
        if dtype == into.dtype:
            self._fill(entry.file, start, into[:count].numpy())
            return
        step = STAGED // size
        if dtype not in self._staged:
            self._staged[dtype] = torch.empty(step, dtype=dtype)
        staged = self._staged[dtype]
        for done in range(0, count, step):
            piece = staged[: min(step, count - done)]
            self._fill(entry.file, start + done * size, piece.view(torch.uint8).numpy())
            into[done : done + len(piece)].copy_(piece)

    def raw(self, name, size=1 << 22):
        """The bytes of a tensor, in pieces."""
        entry = self.entries[name]
        left, place = entry.elements * SIZES[entry.dtype], entry.start
        while left:
            piece = bytearray(min(size, left))
            self._fill(entry.file, place, piece)
            yield piece
            left, place = left - len(piece), place + len(piece)

    def _fill(self, file, place, array):
        """Fill an array with the bytes from a place of a file on."""
        if not len(array):
            return
        if file not in self._open:
            self._open[file] = open(file, "rb", buffering=0)  # noqa: SIM115 - closed by __exit__
        view, stream = memoryview(array).cast("B"), self._open[file]
        stream.seek(place)
        while view:
            count = _read(stream, view, file)
            if not count:
                raise ValueError(f"{file}: ends while it is read; somebody shortened it")
            view = view[count:]


def _read(stream, view, file):
    try:
        return stream.readinto(view)
    except OSError as error:
        error.filename = str(file)
        raise


def read_header(file):
    """Metadata and entries of one .safetensors file, or a ValueError that says what is wrong with it."""
    size = file.stat().st_size
    with open(file, "rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > min(size - 8, LONGEST_HEADER):
            raise ValueError(
                f"{file}: is no safetensors file, or was cut off within its header; fetch or save it again"
            )
        text = stream.read(length)
    try:
        header = json.loads(text)
        metadata = {str(key): str(value) for key, value in header.pop("__metadata__", {}).items()}
        found = {
            name: (value["dtype"], tuple(value["shape"]), *value["data_offsets"]) for name, value in header.items()
        }
        whole = all(type(n) is int and n >= 0 for _, shape, *ends in found.values() for n in (*shape, *ends))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole or any(len(value) != 4 for value in found.values()):
        raise ValueError(f"{file}: its header is damaged, or it is no safetensors file; fetch or save it again")
    place = 0
    for name, (dtype, shape, start, stop) in sorted(found.items(), key=lambda item: item[1][2:]):
        _check_dtype(file, name, dtype)
        if start != place or stop - start != math.prod(shape) * SIZES[dtype]:
            raise ValueError(f"{file}: its header is damaged: the place of {name!r} does not fit its shape and dtype")
        place = stop
    if size != 8 + length + place:
        state = "was cut off" if size < 8 + length + place else "is too long"
        raise ValueError(
            f"{file}: {state}: its header asks for {8 + length + place:,} bytes and it has {size:,}; fetch or save it "
            f"again"
        )
    return metadata, {name: Entry(file, *value[:2], 8 + length + value[2]) for name, value in found.items()}


def _check_dtype(file, name, dtype):
    if isinstance(dtype, str) and dtype.startswith("F8"):
        raise ValueError(
            f"{file}: {name!r} is {dtype}; 8-bit numbers come with scales that a merge would have to know, save the "
            f"model in float16, bfloat16 or float32 first"
        )
    if dtype not in SIZES:
        raise ValueError(f"{file}: {name!r} is of the dtype {dtype!r}; expected one of {', '.join(SIZES)}")
    if re.search(r"\.(qweight|qzeros|quant_state\b.*|weight\.absmax)$", name):
        raise ValueError(f"{file}: {name!r} is quantised; save the model in float16, bfloat16 or float32 first")


def _files(path, name):
    """The safetensors files of a path, and what file of them its index lists each tensor in."""
    if path.is_file() and not path.name.endswith(".json"):
        if path.suffix in PICKLED:
            raise ValueError(f"{name}: expected a .safetensors file; {AS_SAFETENSORS}")
        return [path], {}
    if not path.exists():
        raise ValueError(f"{name}: no such file or folder; a merge reads local files alone")
    if path.is_dir() and (path / "model.safetensors").is_file():
        return [path / "model.safetensors"], {}
    index = path / INDEX if path.is_dir() else path
    if index.is_file():
        listed = read_json(index).get("weight_map")
        if not isinstance(listed, dict) or not all(isinstance(file, str) for file in listed.values()):
            raise ValueError(f"{index}: has no weight_map, so it is no index of shards")
        files = [index.parent / file for file in sorted(set(listed.values()))]
        if missing := [file.name for file in files if not file.is_file()]:
            raise ValueError(f"{name}: its index names {', '.join(missing)}, which the folder does not hold")
        return files, listed
    others = sorted(path.glob("*.safetensors"))
    if len(others) == 1:
        return others, {}
    if pickled := sorted(file.name for file in path.iterdir() if file.suffix in PICKLED):
        raise ValueError(f"{name}: its weights are in {pickled[0]}, which is no safetensors file; {AS_SAFETENSORS}")
    raise ValueError(f"{name}: holds neither model.safetensors nor {INDEX}")


def read_json(file):
    """A JSON object of a file; empty if there is no file."""
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise ValueError(f"{file}: expected a JSON object, got {type(found).__name__}")
    return found

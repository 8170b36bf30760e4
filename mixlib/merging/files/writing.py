"""Checkpoints written tensor by tensor: a safetensors file, or a folder of shards, whole or not there at all."""

import json
import math
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from mixlib.merging.files.reading import INDEX, SIZES

__all__ = []

UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
SPARE = 50_000_000  # bytes that a disk must have left


class Writer:
    """Writes the tensors of one .safetensors file: the header first, then each tensor's bytes, in order.

    Parameters
    ----------
    file : path
        Where to.
    entries : dict of str to (dtype, shape)
        What comes, in the names of the format.
    metadata : dict of str to str
        For the header.
    """

    def __init__(self, file, entries, metadata):
        self.stream = open(file, "wb", buffering=0)  # noqa: SIM115 - closed by close()
        place, header = 0, {"__metadata__": metadata} if metadata else {}
        for name, (dtype, shape) in entries.items():
            stop = place + math.prod(shape) * SIZES[dtype]
            header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [place, stop]}
            place = stop
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)  # the format wants data aligned
        self.left = place
        self._write(len(text).to_bytes(8, "little") + text)

    def add(self, piece):
        """Write some bytes of the data, or a contiguous torch tensor's."""
        if hasattr(piece, "numpy"):
            import torch

            piece = piece.reshape(-1).view(torch.uint8).numpy()
        if not len(piece):
            return
        view = memoryview(piece).cast("B")
        self.left -= len(view)
        self._write(view)

    def __enter__(self):
        return self

    def __exit__(self, kind, *error):
        self.stream.close()
        assert kind is not None or self.left == 0  # all bytes have been written

    def _write(self, view):
        view = memoryview(view)
        while view:
            view = view[self.stream.write(view) :]


def in_order(entries):
    """Names, wide dtypes first so that every tensor is aligned, otherwise as they come."""
    return sorted(entries, key=lambda name: -SIZES[entries[name][0]])


def shards_of(entries, limit):
    """Names by the file that holds them, each file at most ``limit`` bytes, or one tensor."""
    groups, size = [[]], 0
    for name in in_order(entries):
        dtype, shape = entries[name]
        more = math.prod(shape) * SIZES[dtype]
        if limit is not None and groups[-1] and size + more > limit:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += more
    if len(groups) == 1:
        return {"model.safetensors": groups[0]}
    return {f"model-{i:05}-of-{len(groups):05}.safetensors": names for i, names in enumerate(groups, 1)}


def write_index(folder, shards, entries):
    """Write which file holds each tensor, where there are several."""
    if len(shards) > 1:
        total = sum(math.prod(shape) * SIZES[dtype] for dtype, shape in entries.values())
        where = {name: file for file, names in shards.items() for name in names}
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
        (folder / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def bytes_of(size):
    """A size of a file, a number of bytes or a text such as ``"5GB"``, as a number of bytes; or a ValueError."""
    text = str(size).strip().upper()
    unit = UNITS.get(text[-2:], 1)
    try:
        number = float(text[:-2] if unit > 1 else text)
    except ValueError:
        number = math.nan
    if isinstance(size, bool) or not (number * unit >= 1 and math.isfinite(number)):
        raise ValueError(f"shard_size: got {size!r}, expected bytes, or a number with KB, MB or GB, such as '5GB'")
    return int(number * unit)


def in_units(size):
    """A number of bytes in the unit that suits it, for people."""
    for unit, length in reversed(UNITS.items()):
        if size >= length:
            return f"{size / length:,.1f} {unit}"
    return "1 byte" if size == 1 else f"{size} bytes"


def check_target(out, inputs, overwrite):
    """Raise a ValueError that says why a result cannot be written to ``out``, if it can't."""
    out, whole = Path(out).absolute(), Path(out).resolve()
    if not out.parent.is_dir():
        raise ValueError(f"out: the folder of {out.name} does not exist; make it first")
    if not os.access(out.parent, os.W_OK):
        raise ValueError(f"out: {out} may not be written by you; name a place of yours")
    for given in inputs:
        used = Path(given).resolve()
        if whole == used or whole in used.parents or used in whole.parents:
            raise ValueError(f"out: {out} is or holds the input {given}, or lies in it; name another place")
    if out.is_file() and out.suffix != ".safetensors":
        raise ValueError(f"out: {out} is a file; name one with .safetensors, or a folder")
    if out.is_dir() and out.suffix == ".safetensors":
        raise ValueError(f"out: {out} is a folder; name a file, or a folder without .safetensors")
    if not overwrite and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise ValueError(f"out: {out} is there already; name another place, or overwrite it (overwrite=True, --force)")


def check_space(out, size):
    """Raise a ValueError if a disk has no room for so many bytes more."""
    free = shutil.disk_usage(Path(out).absolute().parent).free
    if size + SPARE > free:
        raise ValueError(
            f"out: needs {in_units(size)} and some room to spare, together {in_units(size + SPARE)}, and its disk has "
            f"{in_units(free)} free"
        )


@contextmanager
def whole(out):
    """A path beside ``out``, file or folder, that takes its place at the end, and is removed if the work fails.

    A run that is killed leaves it behind, under the name ``part-NAME``; the next run to the same place clears it.
    """
    out = Path(out).absolute()
    part, old = (out.with_name(f"{kind}-{out.name}") for kind in ("part", "old"))
    with _alone(part, out.suffix == ".safetensors"):
        try:
            yield part
            if out.is_dir():
                _remove(old)  # of a run that was killed right here
                os.rename(out, old)
            os.replace(part, out)
            _remove(old)
        except OSError as error:
            if error.filename is None:  # of a write: the disk is full, or files may not be so large
                error.filename = str(out)
            raise
        finally:
            _remove(part)


@contextmanager
def _alone(part, file):
    """Make the file or empty folder ``part`` and keep others from it; a lock ends with its process, killed or not."""
    if not file:
        part.mkdir(exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(part, os.O_RDWR | os.O_CREAT if file else os.O_RDONLY, 0o666)
    try:
        _lock(fcntl, descriptor, part)
        for left in () if file else part.iterdir():  # by a run that was killed
            _remove(left)
        yield
    finally:
        os.close(descriptor)


def _lock(fcntl, descriptor, part):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"out: another merge is writing {part}; wait for it, or name another place") from None


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

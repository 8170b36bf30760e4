"""Merging checkpoints on disk: safetensors in, safetensors out, one tensor at a time."""

import json
import math
import os
import time
import warnings
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mixlib.arrays import flag
from mixlib.merging.base import Method
from mixlib.merging.files.models import Models
from mixlib.merging.files.reading import FLOATING, SIZES
from mixlib.merging.files.recipe import Recipe, path_of
from mixlib.merging.files.writing import (
    Writer,
    bytes_of,
    check_space,
    check_target,
    in_order,
    shards_of,
    whole,
    write_index,
)
from mixlib.merging.finite import computed, computed_tensor
from mixlib.merging.vectors import lengths_and_cosines_of
from mixlib.progress import Progress

__all__ = ["MergedFiles", "merge_files"]

DTYPES = {name: key for key, name in FLOATING.items()}
PIECE = 1 << 16  # elements of large tensors that are merged at a time; those of a few models fit in a cache


@dataclass(frozen=True)
class MergedFiles:
    """What a merge of files wrote.

    Attributes
    ----------
    path : Path
        The file or folder.
    files : list of str
        The names of its safetensors files.
    recipe : Path
        The merge described in YAML, which makes it again.
    method : str
        Its name.
    models : list of str
        What was merged.
    weights : list of float
        On the simplex, one a model; of a gradient over layers those of the first tensor.
    tensors : int
        How many there are.
    parameters : int
        Numbers in all of them.
    bytes : int
        Of the safetensors files.
    seconds : float
        How long it took.
    notes : list of str
        Where models differ in what is not averaged, and whose the result has; also warned of.

    Examples
    --------
    >>> import torch
    >>> from safetensors.torch import save_file
    >>> from mixlib.merging import merge_files
    >>> save_file({"w": torch.zeros(2)}, "a.safetensors"); save_file({"w": torch.ones(2)}, "b.safetensors")
    >>> merge_files(["a.safetensors", "b.safetensors"], "made.safetensors").parameters
    2
    """

    path: Path
    files: list
    recipe: Path
    method: str
    models: list
    weights: list
    tensors: int
    parameters: int
    bytes: int
    seconds: float
    notes: list = field(default_factory=list)

    def to_dict(self):
        """The same as a dictionary of plain values, for JSON.

        Examples
        --------
        >>> from mixlib.merging import MergedFiles
        >>> MergedFiles("c", ["c"], "c.yml", "linear", ["a"], [1.0], 1, 2, 8, 0.1).to_dict()["bytes"]
        8
        """
        return asdict(self) | {"path": str(self.path), "recipe": str(self.recipe)}


def merge_files(
    paths,
    out,
    method="linear",
    weights=None,
    base=None,
    dtype=None,
    shard_size=None,
    vocabulary="refuse",
    overwrite=False,
    progress=None,
    **options,
):
    r"""Merge checkpoints on disk, safetensors in and out, one tensor at a time.

    Memory holds pieces of one tensor at a time, of methods that work entry by entry (``"linear"``) or that lengths and
    angles decide (``"karcher"``, in two passes over the files); of others one tensor of each model, in float32, and
    their work on it. Methods that need whole models, such as permutation alignment, load them. The result is written
    beside ``out`` and takes its place when it is complete.

    Parameters
    ----------
    paths : sequence of k path
        Models: a .safetensors file each, or a folder as ``save_pretrained`` writes it, its weights in one file or in
        shards with an index. A folder of a low-rank adapter (LoRA) as PEFT saves it stands for its base with the
        adapter merged into it; ``"model+adapter"`` names the base too.
    out : path
        A .safetensors file, or a folder. A folder also gets configuration and tokenizer, those of the base, or else of
        the first model, or else of the next that has them.
    method : str or Method, default="linear"
        A name in ``METHODS``, or a method with its options set.
    weights : None or array_like (k,), default=None
        On the simplex; ``None`` means ``1 / k`` each.
    base : None or path, default=None
        What the models were fine-tuned from; methods of task vectors need it, and adapters whose configuration names
        no local base. It goes before the one that a configuration names.
    dtype : None or {"float64", "float32", "float16", "bfloat16"}, default=None
        Of the result; ``None`` is that of the models, which must agree then. Merging is done in float32, or float64 for
        float64, and rounded once.
    shard_size : None or int or str, default=None
        Bytes that a file of the result has at most, such as ``"5GB"``, but for a tensor that is larger, which has a
        file of its own; ``None`` writes one file.
    vocabulary : {"refuse", "union"}, default="refuse"
        What to do with models whose tokenizers differ. A union matches rows of embeddings and output by token; a token
        that a model lacks takes the base's row, or else the mean of those that have it.
    overwrite : bool, default=False
        Whether to replace what is at ``out``.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    **options
        Options of the method, such as ``density=0.2`` of ``"ties"``.

    Returns
    -------
    MergedFiles
        Where it is, and its sizes. Beside it lies the merge described in YAML.

    Raises
    ------
    ValueError
        If a file is damaged, quantised or no safetensors, a tensor holds NaN or infinity, models differ in names,
        shapes, dtypes or vocabularies, the disk is too small, ``out`` is an input or is there already, or an argument
        makes no sense.

    Warns
    -----
    UserWarning
        Where models differ in settings, or in tensors of whole numbers, which are not averaged but those of the base,
        or else of the model of the largest weight.

    Examples
    --------
    >>> import torch
    >>> from safetensors.torch import load_file, save_file
    >>> from mixlib.merging import merge_files
    >>> save_file({"w": torch.zeros(2)}, "a.safetensors"); save_file({"w": torch.ones(2)}, "b.safetensors")
    >>> load_file(merge_files(["a.safetensors", "b.safetensors"], "c.safetensors", weights=[0.75, 0.25]).path)
    {'w': tensor([0.2500, 0.2500])}
    """
    recipe = Recipe.of(
        paths, method=method, weights=weights, base=base, dtype=dtype, shard_size=shard_size, vocabulary=vocabulary,
        options=options,
    )  # fmt: skip
    merged = run(recipe, out, overwrite=overwrite, progress=progress)
    for note in merged.notes:
        warnings.warn(note, stacklevel=2)
    return merged


def run(recipe, out, *, overwrite=False, progress=None):
    """Do what a recipe says; as `merge_files`.

    Parameters
    ----------
    recipe : Recipe
    out, overwrite
        As in `merge_files`.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    """
    began = time.perf_counter()
    out = Path(path_of(out, "out")).expanduser()
    single = out.suffix == ".safetensors"
    limit = None if recipe.shard_size is None else bytes_of(recipe.shard_size)
    if single and limit is not None:
        raise ValueError("shard_size: shards need a folder; name one as out, without .safetensors")
    flag(overwrite, "overwrite")
    if recipe.dtype is not None and recipe.dtype not in tuple(DTYPES):
        raise ValueError(f"dtype: got {recipe.dtype!r}, expected one of {', '.join(DTYPES)}")
    check_target(out, recipe.inputs(), overwrite)
    beside = out.with_suffix(".merge.yml") if single else out / "merge.yml"
    with ExitStack() as stack:
        models = stack.enter_context(Models(recipe))
        entries = {name: (_dtype_of(models, name, recipe.dtype), shape) for name, shape in models.shapes.items()}
        total = sum(math.prod(shape) * SIZES[dtype] for dtype, shape in entries.values())
        check_space(out, total)
        shards = {out.name: in_order(entries)} if single else shards_of(entries, limit)
        described = {key: value for key, value in models.metadata.items() if key != "merge"}
        described |= {"format": "pt", "merge": json.dumps(recipe.document(beside), ensure_ascii=False)}
        part = stack.enter_context(whole(out))
        merged = Merging(models, recipe, entries)
        with Progress(progress, "merging", total, "bytes") as work:
            for file, names in shards.items():
                held = {name: entries[name] for name in names}
                with Writer(part if single else part / file, held, described) as writer:
                    for piece in (piece for name in names for piece in merged.pieces(name)):
                        writer.add(piece)
                        work.add(piece.nbytes if hasattr(piece, "nbytes") else len(piece))
        if not single:
            write_index(part, shards, entries)
            models.carry(part, recipe.dtype)
            recipe.write(part / "merge.yml", beside)
        models.note_counters(merged.weights)
    if single:
        recipe.write(beside, beside)
    return MergedFiles(
        path=out,
        files=list(shards),
        recipe=beside,
        method=recipe.key,
        models=[str(path) for path in recipe.paths],
        weights=merged.weights,
        tensors=len(entries),
        parameters=sum(math.prod(shape) for _, shape in entries.values()),
        bytes=sum(os.path.getsize(out if single else out / file) for file in shards),
        seconds=round(time.perf_counter() - began, 2),
        notes=models.notes,
    )


class Merging:
    """The merged bytes of each tensor, piece by piece, and the memory for them, which is used again."""

    def __init__(self, models, recipe, entries):
        import torch

        self.models, self.recipe, self.entries, self.torch = models, recipe, entries, torch
        self.memory, self.held = {}, None
        self.weights = recipe.setting(next(iter(entries), ""), models)[1].tolist()

    def pieces(self, name):
        """Yield the bytes of a merged tensor: tensors of its dtype, or bytes that are copied."""
        if not self.models.floating(name):
            yield from self.models.counter(name, self.weights)
            return
        method, weights = self.recipe.setting(name, self.models)
        dtype, shape = self.entries[name]
        rows, row = (shape[0], math.prod(shape[1:])) if shape else (1, 1)
        if not rows * row:
            return
        target = getattr(self.torch, FLOATING[dtype])
        if method.whole:
            yield self._whole(method, weights)[name].contiguous()
            return
        parts = list(_parts(rows, max(PIECE // row, 1)))
        merge, large = method.tensor, len(parts) > 1
        if (
            large
            and self.models.base is None
            and (found := self._coefficients(method, weights, name, parts)) is not None
        ):
            merge, weights = combined, found
        elif not method.elementwise:
            parts = [(0, rows)]
        for first, last in parts:
            tensors, base = self._read(name, first, last, (last - first, *shape[1:]) if shape else ())
            yield computed_tensor(merge, tensors, weights, base, name, target, self.models.called).contiguous()

    def _coefficients(self, method, weights, name, parts):
        """The coefficients of a large merged tensor, where needed from a first pass over the files; else None."""
        if type(method).coefficients is Method.coefficients:
            return None
        if method.elementwise:
            return method.coefficients(None, None, weights, name)

        def pieces(dtype):
            for first, last in parts:
                tensors, _ = self._read(name, first, last, (last - first, *self.entries[name][1][1:]))
                yield [tensor.reshape(-1).numpy().astype(dtype, copy=False) for tensor in tensors]

        lengths, cosines = lengths_and_cosines_of(pieces, self.models.count, name, self.models.called(name))
        return method.coefficients(lengths, cosines, weights, name)

    def _read(self, name, first, last, shape):
        """Rows of a tensor in every model, and in the base."""
        working = self.models.working(name)
        count = math.prod(shape)
        found = []
        for i in range(len(self.models.all)):
            space = self.memory.get((i, working))
            if space is None or len(space) < count:
                space = self.memory[i, working] = None  # let go of the old one first
                space = self.memory[i, working] = self.torch.empty(count, dtype=getattr(self.torch, working))
            found.append(space[:count])
        self.models.read_rows(name, first, last, found)
        found = [tensor.view(shape) for tensor in found]
        return found[: self.models.count], (found[self.models.count] if self.models.base is not None else None)

    def _whole(self, method, weights):
        """What a method makes of whole models, which are all in memory for once."""
        if self.held is None:
            states = [{} for _ in self.models.all]
            for name, (_, shape) in self.entries.items():
                if self.models.floating(name):
                    tensors, base = self._read(name, 0, shape[0] if shape else 1, shape)
                    for state, tensor in zip(states, [*tensors, *([] if base is None else [base])], strict=True):
                        state[name] = tensor.clone()
            start = states[self.models.count] if self.models.base is not None else None
            dtypes = {name: getattr(self.torch, FLOATING[self.entries[name][0]]) for name in states[0]}
            self.held = computed(method, states[: self.models.count], weights, start, dtypes, self.models.called)
        return self.held


def _parts(rows, step):
    for first in range(0, rows, step):
        yield first, min(first + step, rows)


def combined(tensors, coefficients, base=None, name=""):
    """The sum of tensors times coefficients."""
    merged = float(coefficients[0]) * tensors[0]
    for coefficient, tensor in zip(coefficients[1:], tensors[1:], strict=True):
        merged.add_(tensor, alpha=float(coefficient))
    return merged


def _dtype_of(models, name, dtype):
    stored = models.dtypes[name]
    return DTYPES[dtype] if dtype is not None and stored in FLOATING else stored

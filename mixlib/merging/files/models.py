"""Several checkpoints side by side: the tensors that they share, tied ones, counters, and united vocabularies."""

import re
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from mixlib.merging.files import companions
from mixlib.merging.files.adapters import Adapted, base_of, is_adapter
from mixlib.merging.files.companions import listed
from mixlib.merging.files.reading import FLOATING, Checkpoint
from mixlib.merging.files.vocabulary import INPUT, OUTPUT, Union, by_token, differing, is_table, setting

__all__ = []

LAYER = re.compile(r"(?:^|\.)(\d+)\.")
HEADS = tuple(name for name in OUTPUT if name.endswith(".weight"))


class Models:
    """The models of a recipe, opened and held against each other.

    Attributes
    ----------
    all : list
        The checkpoints, the base last.
    base : None or Checkpoint
        What the others were fine-tuned from.
    count : int
        How many without the base.
    shapes, dtypes : dict of str
        Of each tensor of the result.
    metadata : dict of str to str
        Of the header, from the base or the first model.
    notes : list of str
        What people should know of the result.
    """

    def __init__(self, recipe):
        self.stack = ExitStack()
        with self.stack:
            self.base = None if recipe.base is None else self._opened(recipe.base, recipe.base)
            models = [self._opened(path, recipe.base) for path in recipe.paths]
            self.count, self.all = len(models), models + ([] if self.base is None else [self.base])
            self.source = models[0] if self.base is None else self.base
            self.alias = [{} for _ in self.all]
            self.untied = self._find_tied()
            self.union = None
            self._check_names()
            self._check_layers(recipe.layers)
            self._unite(recipe.vocabulary)
            self._check_alike(recipe.dtype)
            self.notes = companions.differences(self._in_order())
            self.metadata = self.source.metadata
            self.stack = self.stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.close()

    def floating(self, name):
        """Whether a tensor can be averaged."""
        return self.dtypes[name] in FLOATING

    def working(self, name):
        """The dtype in which a tensor is merged."""
        wide = any(self._entry(i, name).dtype == "F64" for i in range(len(self.all)))
        return "float64" if wide else "float32"

    def called(self, name):
        """What messages call those who have a tensor, with its file: the models, counted from 1, and then the base."""
        who = [f"model {i}" for i in range(1, self.count + 1)] + ["the base"] * (len(self.all) - self.count)
        return [f"{each} ({self._file(i, name)})" for i, each in enumerate(who)]

    def _file(self, i, name):
        """The file that holds a tensor; of an adapter, whose tensor is in two, its folder."""
        return self._entry(i, name).file if type(self.all[i]) is Checkpoint else self.all[i].name

    def counter(self, name, weights):
        """The bytes of a tensor of whole numbers: the base's, or those of the model of the largest weight."""
        return self._raw(self._of_counters(weights), name)

    def note_counters(self, weights):
        """Note which tensors of whole numbers differ between models."""
        chosen, differ = self._of_counters(weights), []
        for name in self.names:
            if not self.floating(name):
                columns = zip(*(self._raw(i, name) for i in range(len(self.all))), strict=True)
                differ += [name] if any(piece != pieces[0] for pieces in columns for piece in pieces) else []
        if differ:
            listed_names, whose = listed(map(repr, differ)), self.all[chosen].name
            self.notes.append(
                f"whole numbers are not averaged, and models differ in {listed_names}; the result has what {whose} has"
            )

    def _in_order(self):
        """The models in the order in which their settings are taken: the base's, or else the first one's."""
        return [self.source, *(model for model in self.all if model is not self.source)]

    def _of_counters(self, weights):
        return self.count if self.base is not None else int(np.argmax(weights))

    def _raw(self, i, name):
        return self.all[i].raw(self.alias[i].get(name, name))

    def read_rows(self, name, first, last, into):
        """Rows of a tensor in each model, the base last, into flat tensors."""
        if name not in self.by_token:
            for i, (model, space) in enumerate(zip(self.all, into, strict=True)):
                model.read_rows(self.alias[i].get(name, name), first, last, space)
            return
        width = self._entry(0, name).row
        known = []
        for i, (model, space) in enumerate(zip(self.all, into, strict=True)):
            own = self.union.rows[i][first:last]
            known.append(own >= 0)
            marked = np.where(own < 0, -2, own)
            starts = np.flatnonzero(np.diff(marked, prepend=-9) != 1)  # of runs that lie side by side
            for start, stop in zip(starts, [*starts[1:], len(own)], strict=True):
                if (begin := int(own[start])) >= 0:
                    place = space[start * width : stop * width]
                    model.read_rows(self.alias[i].get(name, name), begin, begin + int(stop - start), place)
        self._fill(np.array(known), [space.view(last - first, width) for space in into])

    def carry(self, folder, dtype):
        """Copy configuration and tokenizer, changed where the weights are."""
        config, notes = companions.carry(self._in_order(), folder)
        self.notes += notes
        changes = {}
        if dtype is not None:
            changes["dtype" if "dtype" in config else "torch_dtype"] = dtype
        if self.untied:
            changes["tie_word_embeddings"] = False
        if self.union is not None:
            self.union.save(folder)
            changes["vocab_size"] = self.union.size
        companions.edit_config(folder, changes)

    def _opened(self, path, base):
        """A checkpoint, or an adapter on its base."""
        model, plus, adapter = str(path).rpartition("+")
        if not plus or Path(path).expanduser().exists():
            model, adapter = None, path
        if not is_adapter(adapter):
            if model:
                raise ValueError(f"paths: {path!s}: {adapter} is no adapter, it has no adapter_config.json")
            return self.stack.enter_context(Checkpoint(path))
        start = model or (base if base is not None and base != path else base_of(adapter))
        if start is None:
            raise ValueError(f"base: {path!s} is an adapter, and the base that its configuration names is not here")
        opened = Checkpoint(start)
        self.stack.callback(opened.__exit__)
        return self.stack.enter_context(Adapted(adapter, opened))

    def _entry(self, i, name):
        return self.all[i].entries[self.alias[i].get(name, name)]

    def _find_tied(self):
        """Note where a tensor is stored under another name; whether some models are tied and others not."""
        names = dict.fromkeys(name for model in self.all for name in model.entries)
        tied, heads = set(), set()
        for i, model in enumerate(self.all):
            declared = setting(model, "tie_word_embeddings")
            for name in names:
                if name in model.entries and not (declared and name.endswith(HEADS)):
                    heads |= {name} if name.endswith(HEADS) else set()
                    continue
                kept = model.metadata.get(name)  # as safetensors' save_model notes it
                implied = declared is None and name.endswith(HEADS)  # a default, which a configuration may leave out
                if kept is None and (implied or (declared and name.endswith(INPUT + HEADS))):
                    widths = {other.entries[name].shape[1:] for other in self.all if name in other.entries}
                    tables = [n for n in model.entries if n != name and is_table(n)]
                    kept = next((n for n in tables if model.entries[n].shape[1:] in widths), None)
                if kept in model.entries:
                    self.alias[i][name] = kept
                    tied |= {name}
        for name in tied - heads:  # tied in all: the result stores one as well
            if name.endswith(HEADS):
                names.pop(name)
        self.names = list(names)
        return bool({name for name in tied & heads if name.endswith(HEADS)})

    def _check_names(self):
        wrong = []
        for name in self.names:
            lacking = [m.name for i, m in enumerate(self.all) if self.alias[i].get(name, name) not in m.entries]
            if lacking:
                wrong.append(f"{name!r} is missing in {', '.join(lacking)}")
        _refuse(wrong, "only models of one architecture can be merged")

    def _check_layers(self, expected):
        for model in self.all if expected is not None else ():
            named = (setting(model, key) for key in ("num_hidden_layers", "n_layer", "num_layers", "n_layers"))
            found = next((count for count in named if count is not None), None) or layers_of(model.entries)
            if found != expected:
                raise ValueError(
                    f"layer_range: [0, {expected}] is not the whole of {model.name}, which has {found} layers; parts "
                    f"of models are not merged here"
                )

    def _unite(self, vocabulary):
        if vocabulary not in ("refuse", "union"):
            raise ValueError(f"vocabulary: got {vocabulary!r}, expected 'refuse' or 'union'")
        plain = [model if isinstance(model, Checkpoint) else model.base for model in self.all]
        seen = [_Seen(self, i) for i in range(len(self.all))]
        tables = [name for name in self.names if by_token(seen, name)]
        sizes = [tuple(self._entry(i, name).rows for name in tables[:1]) for i in range(len(self.all))]
        difference = differing(plain)
        if not difference and len(set(sizes)) > 1:
            difference = f"embeddings of {' and '.join(str(size[0]) for size in dict.fromkeys(sizes))} rows"
        self.by_token = set()
        if not difference:
            return
        if vocabulary == "refuse":
            raise ValueError(
                f"vocabulary: the models' differ: {difference}; unite them with vocabulary='union' (--vocabulary union)"
            )
        if not tables:
            raise ValueError("vocabulary: no embedding is found by name and vocab_size, so nothing can be united")
        order = [len(plain) - 1, *range(len(plain) - 1)] if self.base is not None else list(range(len(plain)))
        self.union = Union([plain[i] for i in order], [sizes[i][0] for i in order])
        self.union.rows = [self.union.rows[order.index(i)] for i in range(len(plain))]
        self.by_token = set(tables)

    def _check_alike(self, dtype):
        self.shapes, self.dtypes, wrong, precision = {}, {}, [], False
        for name in self.names:
            first = self._entry(0, name)
            united = name in self.by_token
            self.shapes[name] = (self.union.size, *first.shape[1:]) if united else first.shape
            self.dtypes[name] = first.dtype
            for i, model in enumerate(self.all[1:], 1):
                entry = self._entry(i, name)
                skip = 1 if united else 0
                alike = entry.shape[skip:] == first.shape[skip:]
                free = dtype is not None and entry.floating and first.floating
                if not alike or (entry.dtype != first.dtype and not free):
                    ours, theirs = f"{first.described()} in {self.all[0].name}", f"{entry.described()} in {model.name}"
                    wrong.append(f"{name!r} is {ours} and {theirs}")
                    precision |= alike and entry.floating and first.floating
        hint = "; name the dtype of the result to merge several (dtype='float32', --dtype)" if precision else ""
        _refuse(wrong, f"only models of one architecture and dtype can be merged{hint}")

    def _fill(self, known, tables):
        """Give each model the rows that it lacks: the base's, or else the mean of those that have them."""
        import torch

        for row in np.flatnonzero(~known.all(axis=0)):
            have = np.flatnonzero(known[:, row])
            if self.base is not None and known[self.count, row]:
                have = [self.count]
            value = torch.stack([tables[i][row] for i in have]).mean(0) if len(have) else 0
            for i in np.flatnonzero(~known[:, row]):
                tables[i][row] = value


def layer_of(name):
    """The layer that a tensor belongs to, by its name; ``None`` of others."""
    found = LAYER.search(name)
    return None if found is None else int(found[1])


def layers_of(names):
    """How many layers there are, by the names of their tensors."""
    return max((layer for name in names if (layer := layer_of(name)) is not None), default=0) + 1


class _Seen:
    """A model's entries under the names that others use for them."""

    def __init__(self, models, i):
        self.config, self.entries = models.all[i].config, {name: models._entry(i, name) for name in models.names}


def _refuse(wrong, why):
    if wrong:
        raise ValueError(f"paths: {listed(wrong, '; ')}; {why}")

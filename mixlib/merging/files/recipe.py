"""A merge as data: what is merged how, checked, and written in YAML beside the result."""

import os
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path

import numpy as np

from mixlib.merging.states import key_of, method_of
from mixlib.simplex import check_weights

__all__ = []


@dataclass(frozen=True)
class Recipe:
    """A merge: what, by which method, with which weights and options.

    Attributes
    ----------
    paths : list of str
        The models.
    method : Method
        With its options set.
    weights : array (k,)
        On the simplex.
    base, dtype, shard_size, vocabulary
        As in `merge_files`.
    gradient : None or callable
        Of a tensor's name and the number of layers: the method and the weights for it, where they differ by tensor.
    layers : None or int
        How many each model has to have.
    foreign : None or callable
        Of a function of paths: the document as another program wrote it, with these paths.
    """

    paths: list
    method: object
    weights: np.ndarray
    base: str | None = None
    dtype: str | None = None
    shard_size: int | str | None = None
    vocabulary: str = "refuse"
    gradient: object = field(default=None, repr=False)
    layers: int | None = None
    foreign: object = field(default=None, repr=False)

    @classmethod
    def of(cls, paths, *, method="linear", weights=None, base=None, options=None, **more):
        """A checked recipe from the arguments of `merge_files`."""
        if isinstance(paths, str | os.PathLike):
            raise ValueError(f"paths: got the one path {str(paths)!r}, expected a list of models")
        if paths is None:
            raise ValueError("paths: got None, expected a list of models")
        paths = [path_of(path, f"paths: model {i}") for i, path in enumerate(paths, 1)]
        if not paths:
            raise ValueError("paths: empty; give at least one model")
        base = None if base is None else path_of(base, "base")
        method = method_of(method, options or {})
        if method.needs_base and base is None:
            raise ValueError(f"base: {key_of(method)} needs the model that the others were fine-tuned from, got None")
        weights = check_weights(weights, len(paths), like=np.zeros(len(paths)))
        return cls(paths, method, weights, base, **more)

    @property
    def key(self):
        """The method's name in ``METHODS``."""
        return key_of(self.method)

    def inputs(self):
        """All paths that are read."""
        given = [*self.paths, *([] if self.base is None else [self.base])]
        return [part for path in given for part in ([path] if Path(path).expanduser().exists() else path.split("+"))]

    def setting(self, name, models):
        """The method and the weights for a tensor."""
        if self.gradient is None:
            return self.method, self.weights
        return self.gradient(name, models)

    def document(self, file):
        """The recipe as plain values; local paths as seen from the folder of ``file``."""
        folder = Path(file).absolute().parent

        def seen(path):
            parts = [path] if Path(path).expanduser().exists() else path.split("+")
            return "+".join(os.path.relpath(Path(part).expanduser().absolute(), folder) for part in parts)

        if self.foreign is not None:
            return self.foreign(seen)
        models = [
            {"model": seen(path), "weight": float(weight)}
            for path, weight in zip(self.paths, self.weights, strict=True)
        ]
        named = fields(self.method) if is_dataclass(self.method) else ()
        found = {
            "method": self.key,
            "models": models,
            "base": None if self.base is None else seen(self.base),
            "dtype": self.dtype,
            "options": {f.name: _plain(getattr(self.method, f.name)) for f in named if f.init},
            "shard_size": self.shard_size,
            "vocabulary": None if self.vocabulary == "refuse" else self.vocabulary,
        }
        return {key: value for key, value in found.items() if value not in (None, {})}

    def write(self, path, place):
        """Write it to a file that will lie at ``place``."""
        import yaml

        path.write_text(yaml.safe_dump(self.document(place), sort_keys=False, allow_unicode=True), encoding="utf-8")


def path_of(path, name):
    """A path as text; or a ValueError if it is none, or empty."""
    if not isinstance(path, str | os.PathLike) or not str(path).strip():
        raise ValueError(f"{name}: got {path!r}, expected a path")
    return str(path)


def located(path, folder, name="models"):
    """A path of a recipe, which is relative to the recipe's folder; its parts, of a model with an adapter."""
    path = path_of(path, name)
    parts = [path] if (folder / Path(path).expanduser()).exists() else path.split("+")
    return "+".join(os.path.normpath(folder / Path(part).expanduser()) for part in parts)


def _plain(value):
    return value.tolist() if hasattr(value, "tolist") else list(value) if isinstance(value, tuple) else value

"""mergekit's YAML files, for the methods that both have: what they say as a recipe, the rest refused by its key."""

import copy
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mixlib.arrays import real
from mixlib.merging.files.models import layer_of, layers_of
from mixlib.merging.files.recipe import Recipe, located
from mixlib.merging.states import method_of

__all__ = []


class Kind(NamedTuple):
    """What a method of mergekit is here."""

    ours: str
    from_base: bool = False  # moves from a base along task vectors
    normalize: bool | None = None  # whether weights are normalised unless told
    shared: tuple = ()  # parameters
    per_model: tuple = ()


TASKS, SPARSE = ("normalize", "lambda"), ("weight", "density")
METHODS = {
    "linear": Kind("linear", normalize=True, shared=("normalize",), per_model=("weight",)),
    "passthrough": Kind("linear"),
    "slerp": Kind("slerp", shared=("t",)),
    "karcher": Kind("karcher", shared=("max_iter", "tol")),  # ours goes on until it is exact
    "multislerp": Kind("multi-slerp", normalize=True, shared=("normalize_weights", "eps"), per_model=("weight",)),
    "task_arithmetic": Kind("task-arithmetic", True, False, TASKS, ("weight",)),
    "ties": Kind("ties", True, True, TASKS, SPARSE),
    "dare_linear": Kind("dare", True, False, (*TASKS, "rescale"), SPARSE),
    "dare_ties": Kind("dare", True, False, (*TASKS, "rescale"), SPARSE),
}
KEYS = {
    *("merge_method", "models", "slices", "base_model", "parameters"),
    *("dtype", "out_dtype", "tokenizer_source", "tokenizer"),
}
FLAGS = ("normalize", "normalize_weights", "rescale", "int8_mask")
WITHOUT_EFFECT = ("int8_mask",)  # on the result


def recipe_of(document, folder):
    """The recipe that a mergekit document means; its paths are relative to ``folder``.

    Raises
    ------
    ValueError
        If a key has no counterpart, named in the message.
    """
    kind = document.get("merge_method")
    if kind not in METHODS:
        raise ValueError(f"merge_method: {kind!r} has no counterpart here; {', '.join(METHODS)} have")
    if unknown := [str(key) for key in document if key not in KEYS]:
        raise ValueError(f"{unknown[0]}: this key of mergekit is not read here; leave it out, or merge with mergekit")
    models = _models(document)
    names = [_name(model["model"], "models") for model in models]
    base = None if document.get("base_model") is None else _name(document["base_model"], "base_model")
    method, from_base = METHODS[kind][:2]
    settings = _Settings(kind, document, models)
    settings.check()
    if from_base and base is None:
        raise ValueError(f"base_model: is missing; {kind} needs it")
    if kind == "slerp" and (base not in names or len(names) != 2):
        raise ValueError("base_model: slerp takes two models, and this has to be the one of them that t = 0 gives")
    if kind == "slerp" and names[0] != base:
        models.reverse()
        names.reverse()
    from_base = from_base or (kind == "multislerp" and base is not None)
    if not from_base and kind != "slerp" and base is not None and base not in names:
        raise ValueError(f"base_model: {kind} with a base that is none of the models is not done here")
    if kind == "passthrough" and len(names) != 1:
        raise ValueError("models: passthrough takes one model here, to add an adapter to it")
    if from_base:
        models = [model for model, name in zip(models, names, strict=True) if name != base]
        names = [name for name in names if name != base]
        if not names:
            raise ValueError("models: name one besides the base")
    settings.models = models
    weights, options = settings.at("", 0.0)
    found = Recipe.of(
        [located(name, folder) for name in names],
        method=method_of(method, options),
        weights=weights,
        base=located(base, folder, "base_model") if from_base else None,
        dtype=document.get("out_dtype") or document.get("dtype"),
        vocabulary=_vocabulary(document),
    )
    gradient = settings.gradient if settings.varies() else None
    return replace(
        found, gradient=gradient, layers=settings.layers, foreign=lambda seen: _relocated(document, folder, seen)
    )


def _relocated(document, folder, seen):
    """The document with its paths as ``seen`` from another place."""
    moved = copy.deepcopy(document)
    for model in [*(moved.get("models") or ()), *(moved["slices"][0]["sources"] if "slices" in moved else ())]:
        model["model"] = seen(located(_name(model["model"], "models"), folder))
    if moved.get("base_model") is not None:
        moved["base_model"] = seen(located(_name(moved["base_model"], "base_model"), folder, "base_model"))
    return moved


def _models(document):
    """The models with their parameters; slices only where they are whole models."""
    models, slices = document.get("models"), document.get("slices")
    if (models is None) == (slices is None):
        raise ValueError("models: expected this key or slices, one of both")
    if slices is not None:
        if not isinstance(slices, list) or len(slices) != 1 or not isinstance(slices[0], dict):
            raise ValueError("slices: models put together from several slices of layers are not made here")
        if unknown := set(slices[0]) - {"sources", "parameters"}:
            raise ValueError(f"slices: {min(unknown)}: this key is not read here")
        models = slices[0].get("sources")
        _layers(models)
    if not isinstance(models, list) or not models:
        raise ValueError("models: expected a list of {model, parameters}")
    for model in models:
        unknown = set(model) - {"model", "parameters", "layer_range"} if isinstance(model, dict) else {"model"}
        if unknown or "model" not in model:
            raise ValueError(f"models: got {model!r}, expected model and parameters")
    return list(models)


def _layers(sources):
    """How many layers the sources of a slice have, as it says; ``None`` if it does not, or a ValueError."""
    ranges = [source.get("layer_range") for source in sources or () if isinstance(source, dict)]
    given = [each for each in ranges if each is not None]
    for each in given:
        pair = isinstance(each, list) and len(each) == 2 and all(type(end) is int for end in each)
        if not pair or each[0] != 0 or each != given[0] or len(given) < len(ranges):
            raise ValueError(
                f"layer_range: got {each!r}; parts of models are not merged here, expected [0, number of layers] in all"
            )
    return given[0][1] if given else None


def _name(given, key):
    if isinstance(given, dict):
        given = given.get("model", given).get("path") if isinstance(given.get("model"), dict) else given.get("model")
    if not isinstance(given, str):
        raise ValueError(f"{key}: got {given!r}, expected a local path")
    return given


def _vocabulary(document):
    tokenizer = document.get("tokenizer")
    if tokenizer is not None and (not isinstance(tokenizer, dict) or set(tokenizer) - {"source"}):
        raise ValueError("tokenizer: only its source is read here")
    source = (tokenizer or {}).get("source") if tokenizer is not None else document.get("tokenizer_source")
    if source not in (None, "union", "base"):
        raise ValueError(f"tokenizer_source: {source!r} is not read here; expected union or base")
    return "union" if source == "union" else "refuse"


class _Settings:
    """The parameters of a document, which may differ by tensor name and, along a gradient, by layer."""

    def __init__(self, kind, document, models):
        self.kind, self.models = kind, models
        slices = document.get("slices") or [{}]
        self.shared = [slices[0].get("parameters") or {}, document.get("parameters") or {}]
        self.layers = _layers(models)

    def check(self):
        """Raise a ValueError that names a parameter without a counterpart."""
        own, kind = [model.get("parameters") or {} for model in self.models], METHODS[self.kind]
        for place in [*own, *self.shared]:
            known = kind.per_model if place in own else (*kind.shared, *kind.per_model)
            if not isinstance(place, dict):
                raise ValueError(f"parameters: got {place!r}, expected names with values")
            if unknown := [key for key in place if key not in (*known, *WITHOUT_EFFECT)]:
                raise ValueError(f"{unknown[0]}: this parameter of {self.kind} has no counterpart here")
            if place.get("rescale", True) is not True:
                raise ValueError("rescale: DARE without its rescaling has no counterpart here")

    def varies(self):
        """Whether a parameter depends on the tensor."""
        places = [*self.shared, *(model.get("parameters") or {} for model in self.models)]
        return any(isinstance(value, list | dict) for place in places for value in place.values())

    def gradient(self, name, models):
        """The method and the weights for a tensor, as `Recipe` wants them."""
        layer = layer_of(name)
        if self.layers is None:
            self.layers = layers_of(models.shapes)
        last = self.layers - 1
        t = 0.0 if layer is None else layer / last if last > 0 else 1.0
        weights, options = self.at(name, t)
        return method_of(METHODS[self.kind].ours, options), weights

    def at(self, name, t):
        """Weights on the simplex and the options of our method for a tensor, ``t`` of the way through the layers."""
        if self.kind == "slerp":
            part = self._value("t", name, t, None)
            if part is None:
                raise ValueError(f"t: {self._lacks('t', name)}")
            if not 0 <= part <= 1:
                raise ValueError(f"t: got {part!r}, expected a number from 0 to 1")
            return np.array([1 - part, part]), {}
        if self.kind in ("karcher", "passthrough"):
            return np.full(len(self.models), 1 / len(self.models)), {}
        raw = np.array([self._weight(name, t, i) for i in range(len(self.models))])
        total = raw.sum()
        if (raw < 0).any() or not total > 0:
            raise ValueError(f"weight: got {raw.tolist()}; negative weights, and a sum of zero, are not merged here")
        kind = METHODS[self.kind]
        named = "normalize_weights" if self.kind == "multislerp" else "normalize"
        normalize = self._value(named, name, t, kind.normalize)
        if not kind.from_base:
            if not normalize and abs(total - 1) > 1e-6:
                raise ValueError(f"{named}: weights that sum to {total:g} are off the simplex; let it normalise them")
            return raw / total, {}
        options = {"scale": float(self._value("lambda", name, t, 1.0)) * (1.0 if normalize else float(total))}
        if self.kind in ("ties", "dare_ties"):
            options["normalize"] = bool(normalize)
        if self.kind.startswith("dare"):
            options["consensus"] = self.kind.removeprefix("dare_")
        if "density" in kind.per_model:
            densities = {float(self._value("density", name, t, 1.0, i)) for i in range(len(self.models))}
            if len(densities) > 1:
                raise ValueError("density: is one for all models here; merge with mergekit to have several")
            options["density"] = densities.pop()
        return raw / total, options

    def _weight(self, name, t, i):
        value = self._value("weight", name, t, None, i)
        if value is None:
            which = _name(self.models[i]["model"], "models")
            raise ValueError(f"weight: of model {i + 1} ({which}) {self._lacks('weight', name, i)}")
        return float(value)

    def _lacks(self, key, name, i=None):
        own = {} if i is None else self.models[i].get("parameters") or {}
        if not any(key in place for place in (own, *self.shared)):
            return "is missing"
        return f"has no value for {repr(name) if name else 'tensors that no filter takes'}; add one without a filter"

    def _value(self, key, name, t, default, i=None):
        """A parameter: the model's own, else that of the slice, else of the document."""
        own = [] if i is None else [self.models[i].get("parameters") or {}]
        for place in [*own, *self.shared]:
            if key in place and (found := _evaluated(key, place[key], name, t)) is not None:
                return found
        return default


def _evaluated(key, setting, name, t):
    """A number; of a list of numbers what lies ``t`` of the way; of filters the first whose text the name holds."""
    if isinstance(setting, dict):
        setting = [setting]
    if not isinstance(setting, list):
        return _number(key, setting)
    if all(isinstance(value, dict) for value in setting):
        for value in setting:
            if value.get("filter") in (None, "*") or str(value["filter"]) in name:
                return _evaluated(key, value.get("value"), name, t)
        return None
    numbers = [_number(key, value) for value in setting]
    return float(np.interp(t * (len(numbers) - 1), np.arange(len(numbers)), numbers))


def _number(key, value):
    if isinstance(value, bool) and key in FLAGS:
        return value
    try:
        return float(real(float(value) if isinstance(value, str) else value, key))  # YAML reads 1e-3 as text
    except ValueError:
        expected = "true or false" if key in FLAGS else "a finite number"
        raise ValueError(f"{key}: got {value!r}, expected {expected}") from None

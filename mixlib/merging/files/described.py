"""Merges described in YAML files, mixlib's own and mergekit's."""

from pathlib import Path

from mixlib.merging.files import mergekit
from mixlib.merging.files.recipe import Recipe, located

__all__ = ["read_recipe"]

KEYS = ("method", "models", "base", "dtype", "options", "shard_size", "vocabulary")


def read_recipe(path):
    """A merge described in a YAML file, mixlib's own or mergekit's.

    Paths in it are relative to the file. mergekit's files are read for the methods that both have, as far as they mean
    the same; what has no counterpart is refused by its name.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Recipe
        With ``paths``, ``method``, ``weights``, ``base``, ``dtype``, ``shard_size`` and ``vocabulary``.

    Raises
    ------
    ValueError
        If it is no YAML, has an unknown key, or asks for something that is not done here.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mixlib.merging import read_recipe
    >>> size = Path("merge.yml").write_text("models: [{model: a, weight: 0.25}, {model: b, weight: 0.75}]")
    >>> read_recipe("merge.yml").weights
    array([0.25, 0.75])
    """
    import yaml

    path = Path(path).expanduser()
    try:
        documents = [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is no YAML ({' '.join(str(error).split())})") from None
    if len(documents) > 1:
        raise ValueError(f"{path}: holds {len(documents)} documents, parted by ---; give each merge a file of its own")
    document = documents[0] if documents else None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: expected the keys {', '.join(KEYS)}, got {type(document).__name__}")
    try:
        if "merge_method" in document:
            return mergekit.recipe_of(document, path.absolute().parent)
        return _own(document, path.absolute().parent)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _own(document, folder):
    if unknown := [str(key) for key in document if key not in KEYS]:
        raise ValueError(f"{unknown[0]}: is no key of a merge; expected {', '.join(KEYS)}")
    models = document.get("models")
    if not isinstance(models, list) or not models:
        raise ValueError("models: expected a list of paths, or of {model: path, weight: number}")
    models = [{"model": model} if isinstance(model, str) else model for model in models]
    for model in models:
        if not isinstance(model, dict) or "model" not in model or set(model) - {"model", "weight"}:
            raise ValueError(f"models: got {model!r}, expected a path, or model and weight")
    given = [model.get("weight") for model in models]
    if None in given and any(weight is not None for weight in given):
        raise ValueError("weight: give one for each model, or for none")
    options = document.get("options") or {}
    if not isinstance(options, dict):
        raise ValueError(f"options: got {options!r}, expected names with values")
    base = document.get("base")
    return Recipe.of(
        [located(model["model"], folder) for model in models],
        method=document.get("method", "linear"),
        weights=None if None in given else given,
        base=None if base is None else located(base, folder, "base"),
        dtype=document.get("dtype"),
        shard_size=document.get("shard_size"),
        vocabulary=document.get("vocabulary", "refuse"),
        options=options,
    )

"""Diagnostics of a merge of files: its tensors next to those of the models, one at a time."""

import math

from mixlib.merging.diagnostics import diagnose
from mixlib.merging.files.models import Models
from mixlib.merging.files.reading import Checkpoint
from mixlib.progress import followed

__all__ = []


def diagnose_files(recipe, merged, progress=None):
    """What `diagnose` says of each tensor of a merged checkpoint: a pandas table, one row a tensor.

    Singular values of large matrices take long.

    Parameters
    ----------
    recipe : Recipe
        Of the merge.
    merged : path
        What came of it.
    progress : None, bool or callable, default=None
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    """
    import pandas as pd
    import torch

    frames = []
    with Models(recipe) as models, Checkpoint(merged) as result:
        names = [name for name in result.entries if models.floating(name) and result.entries[name].elements]
        for name in followed(names, progress, "diagnosing", "tensors"):
            shape = result.entries[name].shape
            tables = [torch.empty(math.prod(shape)) for _ in (result, *models.all)]
            rows = result.entries[name].rows
            result.read_rows(name, 0, rows, tables[0])
            models.read_rows(name, 0, rows, tables[1:])
            whole, *parts = [{name: table.view(shape)} for table in tables]
            base = parts.pop() if models.base is not None else None
            frames.append(diagnose(parts, whole, recipe.setting(name, models)[1], base).to_frame())
    return pd.concat(frames)

"""The kernels for GPUs against the processor's: compiled where there is a GPU, interpreted where there is none."""

import importlib.util
import os

import numpy as np
import pandas as pd
import torch

from mixbook.studies.federation.gpu.traffic import PATHS
from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"  # read when triton is imported, which the first call does
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2**-7}  # of bfloat16 the distance between neighbours


def how():
    """How the kernels run here, or why they do not."""
    if importlib.util.find_spec("triton") is None:
        return "not run, since Triton is not installed here"
    return "compiled for " + torch.cuda.get_device_name() if DEVICE == "cuda" else "interpreted on the processor"


def differences(sizes, seed=0):
    """The largest difference between the kernels for GPUs and the processor's path, over the value or 1.

    Parameters
    ----------
    sizes : list of (positions, specialists, outcomes)
    seed : int

    Returns
    -------
    pandas.DataFrame
        A row a path, size and dtype; without rows where Triton is not installed.
    """
    rows = []
    for positions, specialists, outcomes in sizes if importlib.util.find_spec("triton") else ():
        rng = torch.Generator().manual_seed(seed)
        logits = 3 * torch.randn(specialists, positions, outcomes, generator=rng)
        targets = torch.randint(outcomes, (positions,), generator=rng)
        for dtype, tolerance in TOLERANCE.items():
            for path in PATHS:
                given = arguments(path, logits.to(dtype), targets)
                with np.errstate(divide="ignore"):  # the interpreter's logarithm of what lies beyond a row's end
                    found = CALLS[path](*(x.to(DEVICE) for x in given), backend="triton").cpu().double()
                here = CALLS[path](*given).double()
                gap = float(((found - here).abs() / here.abs().clamp(min=1)).max())
                name = str(dtype).removeprefix("torch.")
                rows.append([path, outcomes, name, gap, tolerance])
    return pd.DataFrame(rows, columns=["path", "tokens", "precision", "largest difference", "tolerance"])


def arguments(path, logits, targets):
    """What the path is given."""
    return [logits.log_softmax(-1)] if path == PATHS[0] else [logits, targets][: 1 + (path == PATHS[2])]


CALLS = dict(zip(PATHS, (mixture_combine, mixture_from_logits, mixture_target_log_prob), strict=True))

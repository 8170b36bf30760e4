"""Whether torch looks on: inside ``torch.func`` transforms, forward derivatives and graphs of ``torch.compile``.

There, values cannot be read from memory, so the plain formula of :mod:`mixlib.federation.fused.plain` serves.
"""

import sys
from functools import wraps


def transformed(*values):
    """Whether ``torch.func`` or a forward derivative follows one of these, or of the members of a list of them."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    flat = [member for value in values for member in (value if isinstance(value, list | tuple) else (value,))]
    tensors = [value for value in flat if isinstance(value, torch.Tensor)]
    return any(_wrapped(torch, tensor) or _dual(torch, tensor) for tensor in tensors)


def without_vmap(name, values):
    """Raise a ValueError if these are seen one at a time by ``torch.vmap``, which can't tell what they hold."""
    if transformed(values) and not askable(values):
        raise ValueError(
            f"{name}: torch.vmap does not let every row be checked; pass the batch as axes of its own, (N, ..., V)"
        )


def askable(values):
    """Whether conditions on these can be asked, which ``torch.vmap`` forbids."""
    try:
        for value in values if isinstance(values, list | tuple) else (values,):
            bool((value == value).any())  # torch says no by RuntimeError, and has no public question
    except RuntimeError:
        return False
    return True


def outside_graphs(function):
    """``function``, called by ``torch.compile`` between its graphs, as it is; with ``backend="torch"`` within them."""

    @wraps(function)
    def call(*args, **options):
        if not in_graph() or options.get("backend") == "torch":
            return function(*args, **options)
        import torch

        torch._dynamo.graph_break(msg='mixtures are compiled by other means; backend="torch" can be part of a graph')
        return torch.compiler.disable(function)(*args, **options)

    return call


def in_graph():
    torch = sys.modules.get("torch")
    return torch is not None and torch.compiler.is_compiling()


def traced(*values):
    """Whether the plain formula has to serve."""
    return in_graph() or transformed(*values)


def _wrapped(torch, tensor):
    return torch.func.debug_unwrap(tensor) is not tensor


def _dual(torch, tensor):
    return torch.autograd.forward_ad.unpack_dual(tensor).tangent is not None

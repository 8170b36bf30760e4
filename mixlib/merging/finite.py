"""Merging that answers for its numbers: those that go in are finite, and those that come out fit their dtype."""

from functools import partial

import numpy as np

__all__ = []


def computed(method, states, weights, base, dtypes, called):
    """``method.states`` rounded once to ``dtypes``; or a ValueError that names a tensor that is not finite, and whose.

    ``called(name)`` is what messages call the owners of a tensor: the models, and after them the base.
    """
    made = _watched(partial(method.states, states, weights, base), states, base, weights, called)
    return {name: _rounded(*found, dtypes[name], name) for name, found in made.items()}


def computed_tensor(merge, tensors, weights, base, name, dtype, called):
    """The same of one tensor, or of rows of it; ``merge`` is as the ``tensor`` of a method."""
    states, start = [{name: tensor} for tensor in tensors], None if base is None else {name: base}

    def work():
        return {name: merge(tensors, weights, base, name)}

    return _rounded(*_watched(work, states, start, weights, called)[name], dtype, name)


def not_finite(name, whose):
    """The error that says whose tensor holds NaN or infinity."""
    return ValueError(f"{name}: {whose} holds NaN or infinity; every entry must be finite")


def _watched(work, states, base, weights, called):
    """What ``work`` returns, each tensor with its largest magnitude.

    Inputs are looked at only where results are not finite, or leave a model out.
    """
    read = list(enumerate(states if base is None else [*states, base]))
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is looked at
            made = work()
    except (ValueError, RuntimeError) as error:  # of numbers that are none, methods say many things
        _check(read, called)
        if "without overflow" in str(error):  # torch, of a factor
            raise _too_large(*next(iter(states[0].items()))) from None
        raise
    sizes = {name: _largest(tensor) for name, tensor in made.items()}
    for name, tensor in made.items():
        if not np.isfinite(sizes[name]):
            _check(read, called)
            raise _too_large(name, tensor)
    _check([(i, state) for i, state in read[: len(weights)] if weights[i] == 0], called)
    return {name: (tensor, sizes[name]) for name, tensor in made.items()}


def _too_large(name, tensor):
    dtype = str(tensor.dtype).removeprefix("torch.")
    return ValueError(f"{name}: the merge leaves the range of {dtype}; take a smaller scale")


def _check(read, called):
    for i, state in read:
        for name, tensor in state.items():
            if not np.isfinite(_largest(tensor)):
                raise not_finite(name, called(name)[i])


def _rounded(tensor, size, dtype, name):
    import torch

    made = tensor.to(dtype)
    if size > torch.finfo(dtype).max and not bool(torch.isfinite(made).all()):
        short = str(dtype).removeprefix("torch.")
        raise ValueError(f"dtype: {name!r} has numbers beyond the range of {short}; take a wider one")
    return made


def _largest(tensor):
    """The largest magnitude, or a larger number, in one pass over memory; not finite if an entry is not."""
    flat = tensor.detach().reshape(-1)
    if not len(flat):
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(np.dot(flat.numpy(), flat.numpy()) if flat.is_cpu else flat.dot(flat))
    if np.isfinite(squares):
        return 1.01 * squares**0.5  # a length, which no entry exceeds; and its rounding
    least, most = (end.item() for end in flat.aminmax())
    return max(-least, most) if least == least else np.nan

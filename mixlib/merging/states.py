"""Merging models in memory: state dicts in, a state dict out."""

from dataclasses import fields

import numpy as np

from mixlib.merging.finite import computed
from mixlib.simplex import check_weights

__all__ = ["merge"]


def merge(state_dicts, method="linear", weights=None, base=None, **options):
    r"""Merge the weights of several models of one architecture into one model's.

    Parameters
    ----------
    state_dicts : sequence of k dict of str to tensor
        Weights as ``model.state_dict()`` gives them: the same names, shapes and dtypes in all.
    method : str or Method, default="linear"
        A name in ``METHODS``, or a method with its options set.
    weights : None or array_like (k,), default=None
        On the simplex; ``None`` means ``1 / k`` each.
    base : None or dict of str to tensor, default=None
        What the models were fine-tuned from; methods of task vectors need it.
    **options
        Options of the method, such as ``density=0.2`` of ``"ties"``.

    Returns
    -------
    dict of str to tensor
        New tensors of the given dtypes, in the order of the first state. Half precision is merged in float32 and
        rounded once. Tensors of whole numbers, such as counters, are those of the base, or else of the model with the
        largest weight. Names that share one tensor share the merged one.

    Raises
    ------
    ValueError
        If states differ in names, shapes or dtypes, hold NaN or infinity, weights are off the simplex, the method or an
        option is unknown, a base is missing, or the result leaves the range of its dtype.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([4.0, 2.0])}], weights=[0.75, 0.25])
    {'w': tensor([1., 2.])}
    """
    import torch

    method = method_of(method, options)
    states = [dict(state) for state in state_dicts]
    if not states:
        raise ValueError("state_dicts: empty; give at least one model")
    weights = check_weights(weights, len(states), like=np.zeros(len(states)))
    if method.needs_base and base is None:
        raise ValueError(f"base: {key_of(method)} needs the model that the others were fine-tuned from, got None")
    named = numbered(states) + ([("the base", dict(base))] if base is not None else [])
    check_alike(named, "state_dicts")
    counters = base if base is not None else states[int(np.argmax(weights))]
    floating = [name for name, tensor in states[0].items() if torch.is_floating_point(tensor)]
    first_of = {}  # of names that share a tensor in all models, the first
    for name in floating:
        first_of.setdefault(tuple((s[name].data_ptr(), s[name].shape, s[name].dtype) for s in states), name)
    alone = list(first_of.values())
    with torch.no_grad():
        high = [{name: _at_least_float32(state[name]) for name in alone} for state in states]
        start = None if base is None else {name: _at_least_float32(base[name]) for name in alone}
        dtypes = {name: states[0][name].dtype for name in alone}
        merged = computed(method, high, weights, start, dtypes, lambda name: [who for who, _ in named])
    shared = {
        name: first_of[tuple((s[name].data_ptr(), s[name].shape, s[name].dtype) for s in states)] for name in floating
    }
    return {name: merged[shared[name]] if name in shared else counters[name].clone() for name in states[0]}


def method_of(method, options):
    """A method from its name in ``METHODS`` and its options, or the one that is given; or a ValueError."""
    from mixlib.merging import METHODS, Method

    if isinstance(method, Method):
        if options:
            raise ValueError(f"{next(iter(options))}: set options on the method itself, {type(method).__name__}(...)")
        return method
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"method: got {method!r}, expected one of {', '.join(METHODS.names())}")
    kind = METHODS[method]
    known = [field.name for field in fields(kind)]
    for name in options:
        if name not in known:
            has = f"its options are {', '.join(known)}" if known else "it has no options"
            raise ValueError(f"{name}: is no option of the method {method}; {has}")
    return kind(**options)


def key_of(method):
    """What ``METHODS`` calls a method: its file."""
    return type(method).__module__.rpartition(".")[2].replace("_", "-")


def numbered(states):
    """States with what messages call them: models count from 1, as they are given."""
    return [(f"model {i}", state) for i, state in enumerate(states, 1)]


def check_alike(named, argument):
    """Raise a ValueError that lists where models differ from the first in names, shapes or dtypes."""
    (first, expected), *others = named
    wrong = []
    for who, state in others:
        for name in {**expected, **state}:
            ours, theirs = (_described(of.get(name)) for of in (expected, state))
            if ours != theirs:
                wrong.append(f"{name!r} is {ours} in {first} and {theirs} in {who}")
    if wrong:
        more = f", and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise ValueError(
            f"{argument}: {'; '.join(wrong[:5])}{more}; only models of one architecture and dtype can be merged"
        )


def _described(tensor):
    return "missing" if tensor is None else f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _at_least_float32(tensor):
    import torch

    tensor = tensor.detach()
    return tensor if tensor.dtype == torch.float64 else tensor.to(torch.float32)

"""Variance repair: hidden units of a merged network get back the mean and spread that they had in its parts."""

import numpy as np
import torch
from torch.func import functional_call

from mixlib.merging.states import check_alike, numbered
from mixlib.merging.symmetries import BATCH_NORMS, LAYERS, layers_of
from mixlib.simplex import check_weights

__all__ = ["repair"]


@torch.no_grad()
def repair(model, merged_state, states, inputs, weights=None):
    r"""Variance repair of a merged network (REPAIR): each hidden unit's mean and spread are set to its parts' average.

    Averaging the weights of networks averages their activations to something flatter, more so in each layer. On data
    :math:`x`, let a hidden unit's input to its nonlinearity be :math:`z_i(x)` in the models and :math:`z(x)` in the
    merged one. Layer by layer, an affine map in the unit's weights and bias gives

    .. math::

        \operatorname{mean} z = \sum_i w_i \operatorname{mean} z_i, \qquad
        \operatorname{std} z = \sum_i w_i \operatorname{std} z_i .

    It needs inputs but no labels, and no training. A unit that is constant in the merged network cannot be stretched:
    only its mean is set. The last layer stays.

    Parameters
    ----------
    model : torch.nn.Sequential
        Their architecture, of layers that :func:`groups_of` knows; its own weights are neither used nor changed.
    merged_state : dict of str to tensor
        The merged weights, as :func:`merge` gives them.
    states : sequence of k dict of str to tensor
        The weights that were merged; after permutation alignment the renamed ones.
    inputs : tensor (n, ...)
        What the model is called with, two rows or more; hundreds give steady statistics.
    weights : None or array_like (k,), default=None
        Weights of the merge; ``None`` means ``1 / k`` each.

    Returns
    -------
    dict of str to tensor
        The merged weights with the maps folded in: those of a ``BatchNorm`` where one follows a layer, else the
        layer's own.

    Raises
    ------
    ValueError
        If states differ from the merged one, there are fewer than two inputs, weights are off the simplex, or a hidden
        layer has no bias to set its mean by.

    Notes
    -----
    Source: Jordan et al. 2023.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge, repair
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU(), torch.nn.Linear(1, 1))
    >>> apart = [model.state_dict() | {"0.weight": row} for row in (torch.tensor([[2.0, 0]]), torch.tensor([[0, 2.0]]))]
    >>> repair(model, merge(apart), apart, torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]]))["0.weight"]
    tensor([[1.4142, 1.4142]])
    """
    states = [dict(state) for state in states]
    if not states:
        raise ValueError("states: empty; give the models that were merged")
    check_alike([("the merged state", dict(merged_state)), *numbered(states)], "states")
    if not isinstance(inputs, torch.Tensor) or inputs.ndim < 2 or len(inputs) < 2:
        raise ValueError(f"inputs: got {_described(inputs)}, expected a tensor of two rows or more")
    weights = check_weights(weights, len(states), like=np.zeros(len(states)))
    layers = list(layers_of(model))
    repaired, training = dict(merged_state), [module for module in model.modules() if module.training]
    model.eval()
    try:
        for name, layer in _hidden(layers):
            if f"{name}.bias" not in repaired or f"{name}.weight" not in repaired:
                raise ValueError(f"model: hidden layer {name!r} has no bias to set the means of its units by; add one")
            means, spreads = zip(*(_statistics(model, layer, state, inputs) for state in states), strict=True)
            mean, spread = (sum(float(w) * s for w, s in zip(weights, of, strict=True)) for of in (means, spreads))
            now, flat = _statistics(model, layer, repaired, inputs)
            stretch = torch.where(flat > 1e-12 * spread, spread / flat, torch.ones_like(flat))
            weight, bias = repaired[f"{name}.weight"], repaired[f"{name}.bias"]
            scaled = weight.double() * stretch.reshape(-1, *[1] * (weight.ndim - 1))
            repaired[f"{name}.weight"] = scaled.to(weight.dtype)
            repaired[f"{name}.bias"] = ((bias.double() - now) * stretch + mean).to(bias.dtype)
    finally:
        for module in training:
            module.training = True
    return repaired


def _hidden(layers):
    """What gives each hidden layer's units their last affine map: a BatchNorm behind it, or the layer itself."""
    found, previous = [], None
    for name, layer in layers:
        if isinstance(layer, LAYERS):
            found.append((name, layer))
        elif isinstance(layer, BATCH_NORMS) and isinstance(previous, LAYERS):
            found[-1] = (name, layer)
        previous = layer
    return found[:-1]


def _statistics(model, layer, state, inputs):
    """Mean and standard deviation of each unit that a layer puts out, in float64, over inputs and places."""
    kept = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: kept.append(output.double()))
    try:
        functional_call(model, state, (inputs,))
    finally:
        hook.remove()
    units = kept[0].transpose(0, 1).flatten(1)
    return units.mean(dim=1), units.std(dim=1, correction=0)


def _described(inputs):
    return f"a tensor {tuple(inputs.shape)}" if isinstance(inputs, torch.Tensor) else type(inputs).__name__

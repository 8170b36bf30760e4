"""Which axes of a network's tensors are one set of hidden units, whose order is of no account."""

from torch import nn

__all__ = ["groups_of"]

LAYERS = nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d
BATCH_NORMS = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d
POOLS = "MaxPool", "AvgPool", "AdaptiveMaxPool", "AdaptiveAvgPool", "Dropout"
UNIT_BY_UNIT = (
    *(getattr(nn, f"{pool}{axes}d") for pool in POOLS for axes in (1, 2, 3)),
    *(nn.Identity, nn.Dropout, nn.AlphaDropout, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU),
    *(nn.SiLU, nn.Mish, nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Softplus, nn.Softsign, nn.Hardtanh, nn.Hardswish),
    *(nn.Hardsigmoid, nn.Tanhshrink, nn.Softshrink, nn.Hardshrink, nn.Threshold),
)


def groups_of(model):
    """The permutation symmetries of a feed-forward network: for each hidden layer the axes that its units are on.

    Renaming the units of a hidden layer, on all of its axes alike, leaves the function as it was. An axis may be a
    multiple of the units, as behind a ``Flatten``, where each channel comes as a block.

    Parameters
    ----------
    model : torch.nn.Sequential
        Of ``Linear``, ``Conv``, ``BatchNorm``, ``LayerNorm``, ``PReLU``, ``Flatten``, pooling, dropout, functions of
        one unit such as ``ReLU``, and other ``Sequential``.

    Returns
    -------
    tuple of tuple of (str, int)
        A group a hidden layer: names of tensors as in ``model.state_dict()``, each with an axis.

    Raises
    ------
    ValueError
        If the model is no ``Sequential``, or has a layer whose symmetries are unknown here.

    Notes
    -----
    Source: Ainsworth, Hayase and Srinivasa 2023.

    Examples
    --------
    >>> from torch import nn
    >>> from mixlib.merging import groups_of
    >>> groups_of(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)))
    ((('0.weight', 0), ('0.bias', 0), ('2.weight', 1)),)
    """
    layers = list(layers_of(model))
    last = max((i for i, (_, layer) in enumerate(layers) if isinstance(layer, LAYERS)), default=-1)
    groups, units, flat = [], [], True  # units: the axes of the hidden layer that is being read
    for name, layer in layers[: last + 1]:
        if isinstance(layer, LAYERS):
            linear = isinstance(layer, nn.Linear)
            if (units and linear and not flat) or getattr(layer, "groups", 1) != 1:
                raise _unknown(name, layer)
            if units:
                groups.append((*units, (f"{name}.weight", 1)))
            units, flat = [(f"{name}.{one}", 0) for one, _ in layer.named_parameters()], linear
        elif isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, -1):
            flat = True
        elif isinstance(layer, (*BATCH_NORMS, nn.PReLU)) or _normalises(layer, flat):
            found = [one for one, tensor in layer.state_dict().items() if tensor.ndim and len(tensor) > 1]
            units += [(f"{name}.{one}", 0) for one in found if units]
        elif not isinstance(layer, UNIT_BY_UNIT):
            raise _unknown(name, layer)
    return tuple(groups)


def layers_of(model, prefix=""):
    """Names and layers of a ``Sequential`` and those inside it, in the order in which they are run."""
    if not isinstance(model, nn.Sequential):
        raise ValueError(
            f"model: got {type(model).__name__}, expected a Sequential; of other models give the groups yourself, for "
            "each hidden layer pairs of a tensor's name and the axis that its units are on"
        )
    for name, layer in model.named_children():
        inside = f"{prefix}{name}"
        yield from layers_of(layer, f"{inside}.") if isinstance(layer, nn.Sequential) else [(inside, layer)]


def _normalises(layer, flat):
    """Whether a layer normalises over all units at once."""
    return isinstance(layer, nn.LayerNorm) and flat and len(layer.normalized_shape) == 1


def _unknown(name, layer):
    return ValueError(
        f"model: the symmetries of layer {name!r}, {layer}, are unknown here; give the groups yourself, for each "
        "hidden layer pairs of a tensor's name and the axis that its units are on"
    )

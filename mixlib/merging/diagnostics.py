"""What a merge did to a model: how far its weights moved, and whether variance and rank are left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_torch_array

from mixlib.arrays import as_numpy, finite, floating, one_kind
from mixlib.simplex import check_weights

__all__ = ["Diagnosis", "diagnose", "effective_rank", "variance_ratio"]


def effective_rank(matrix):
    r"""Effective rank of matrices: the exponential of the entropy of their normalised singular values.

    .. math:: \exp\Bigl(-\sum_j p_j \log p_j\Bigr), \qquad p_j = \sigma_j / \sum_l \sigma_l

    It is between 1 and the rank, and the rank where all singular values are equal. Of activations (samples by units)
    take the means off first; a constant offset is a singular value of its own.

    Parameters
    ----------
    matrix : array (..., m, n)
        Matrices of a floating dtype.

    Returns
    -------
    array (...)
        Their effective ranks; 0 for a matrix of zeros.

    Raises
    ------
    ValueError
        If there is no matrix, or an entry is not finite.

    Notes
    -----
    Source: Roy & Vetterli 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.merging import effective_rank
    >>> effective_rank(np.diag([1.0, 1.0, 0.0])).round(6)
    np.float64(2.0)
    """
    matrix = _read(matrix, "matrix", 2)
    xp = array_namespace(matrix)
    values = xp.linalg.svdvals(matrix)
    total = xp.sum(values, axis=-1, keepdims=True)
    shares = values / xp.where(total > 0, total, xp.ones_like(total))
    logs = xp.log(xp.where(shares > 0, shares, xp.ones_like(shares)))
    rank = xp.exp(-xp.sum(shares * logs, axis=-1))
    return xp.where(total[..., 0] > 0, rank, xp.zeros_like(rank))


def variance_ratio(activations, merged, weights=None):
    r"""Activation-variance ratio: the variance of a merged model's units over that of the models' units.

    .. math:: \frac{\sum_j \operatorname{var} z_j}{\sum_i w_i \sum_j \operatorname{var} z_{ij}}

    for units :math:`j` over samples. 1 is as lively as the models are; averaging networks whose units do not match
    takes it towards 0, the collapse of variance.

    Parameters
    ----------
    activations : array (..., k, samples, units) or sequence of k arrays (..., samples, units)
        Activations of one layer of each model, on the same inputs.
    merged : array (..., samples, units)
        Those of the merged model.
    weights : None or array_like (k,), default=None
        Weights of the merge; ``None`` means ``1 / k`` each.

    Returns
    -------
    array (...)
        The ratio.

    Raises
    ------
    ValueError
        If shapes do not fit, there are fewer than two samples, or no model's units vary.

    Notes
    -----
    Source: Jordan et al. 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.merging import variance_ratio
    >>> one, other = np.array([[1.0], [-1.0]]), np.array([[-1.0], [3.0]])
    >>> variance_ratio([one, other], (one + other) / 2)
    np.float64(0.1)
    """
    merged = _read(merged, "merged", 2)
    if isinstance(activations, (list, tuple)):
        each = [_read(one, "activations", 2) for one in activations]
        for one in each:
            one_kind(merged=merged, activations=one)
        activations = array_namespace(merged).stack(each, axis=-3)
    activations = _read(activations, "activations", 3)
    one_kind(merged=merged, activations=activations)
    if activations.shape[-2:] != merged.shape[-2:]:
        raise ValueError(
            f"merged: got shape {tuple(merged.shape)}, but activations {tuple(activations.shape)}; samples and units "
            "have to be the same"
        )
    if merged.shape[-2] < 2:
        raise ValueError("merged: got one sample, which has no variance; give two or more")
    weights = check_weights(weights, activations.shape[-3], like=activations)
    xp = array_namespace(merged)
    before = xp.sum(weights * xp.sum(xp.var(activations, axis=-2), axis=-1), axis=-1)
    if not bool(xp.all(before > 0)):
        raise ValueError("activations: no unit of any model varies over the samples, so that there is no ratio")
    return xp.sum(xp.var(merged, axis=-2), axis=-1) / before


@dataclass(frozen=True)
class Diagnosis:
    """What a merge did to the weights, tensor by tensor: the result of :func:`diagnose`.

    Attributes
    ----------
    names : tuple of str
        The tensors.
    norm : array (n,)
        Length of the merged tensor over the models' weighted mean length: below 1 it has shrunk.
    distance : array (n,)
        From the merged tensor to the base, or else to the models on weighted average, over the models' mean length.
    angle : array (n,)
        Weighted mean angle to the models' tensors, in radians.
    effective_rank : array (n,)
        Of the merged matrix; tensors of more axes are matrices of their first axis against the others, NaN for vectors.
    rank_before : array (n,)
        Weighted mean of the models'.
    spectrum : array (n,)
        Spectrum change: root of the summed squared differences of the merged matrix's singular values to the models'
        mean ones, over the length of these.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import diagnose, merge
    >>> models = [{"w": torch.eye(2)}, {"w": torch.tensor([[0.0, 1.0], [-1.0, 0.0]])}]
    >>> diagnose(models, merge(models)).to_frame()[["norm", "angle"]].round(3)
        norm  angle
    w  0.707  0.785
    """

    names: tuple
    norm: Any
    distance: Any
    angle: Any
    effective_rank: Any
    rank_before: Any
    spectrum: Any

    def to_frame(self):
        """A pandas table, one row a tensor."""
        import pandas as pd

        columns = ("norm", "distance", "angle", "effective_rank", "rank_before", "spectrum")
        return pd.DataFrame({name: getattr(self, name) for name in columns}, index=list(self.names))


def diagnose(state_dicts, merged, weights=None, base=None):
    """Diagnose a merge from the weights alone: lengths, distances, angles, ranks and spectra of each tensor.

    What networks do with the weights shows in their activations, see :func:`variance_ratio` and :func:`effective_rank`.

    Parameters
    ----------
    state_dicts : sequence of k dict of str to tensor
        The models that were merged.
    merged : dict of str to tensor
        The merged weights.
    weights : None or array_like (k,), default=None
        Weights of the merge; ``None`` means ``1 / k`` each.
    base : None or dict of str to tensor, default=None
        What the models were fine-tuned from; distances are then from there.

    Returns
    -------
    Diagnosis
        A row for each tensor of a floating dtype that is not zero in all models; :meth:`Diagnosis.to_frame` is a table.

    Raises
    ------
    ValueError
        If states differ in names, shapes or dtypes, or weights are off the simplex.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import diagnose, merge
    >>> models = [{"w": torch.diag(torch.tensor([2.0, 0.0]))}, {"w": torch.diag(torch.tensor([0.0, 2.0]))}]
    >>> diagnose(models, merge(models)).to_frame().round(2)[["norm", "effective_rank", "rank_before"]]
       norm  effective_rank  rank_before
    w  0.71             2.0          1.0
    """
    from mixlib.merging.states import check_alike, numbered

    states = [dict(state) for state in state_dicts]
    if not states:
        raise ValueError("state_dicts: empty; give the models that were merged")
    others = [("the base", dict(base))] if base is not None else []
    named = [("the merged state", dict(merged)), *numbered(states), *others]
    check_alike(named, "state_dicts")
    weights = check_weights(weights, len(states), like=np.zeros(0))
    rows = {}
    for name, tensor in merged.items():
        if tensor.is_floating_point() and tensor.numel():
            parts = [_double(state[name]) for state in states]
            if any(part.any() for part in parts):
                rows[name] = _row(parts, _double(tensor), weights, None if base is None else _double(base[name]))
    columns = np.array(list(rows.values())).reshape(-1, 6).T
    return Diagnosis(tuple(rows), *columns)


def _row(parts, merged, weights, base):
    """The numbers of one tensor."""
    lengths, length = np.array([np.linalg.norm(part) for part in parts]), np.linalg.norm(merged)
    mean = weights @ lengths
    away = [np.linalg.norm(merged - part) for part in (parts if base is None else [base] * len(parts))]
    angles = [_angle(part, merged) for part in parts]
    norm, distance, angle = length / mean, weights @ away / mean, weights @ angles
    if merged.ndim < 2:
        return norm, distance, angle, np.nan, np.nan, np.nan
    matrices = np.stack([each.reshape(len(each), -1) for each in (merged, *parts)])
    values = np.linalg.svdvals(matrices)
    before = weights @ values[1:]
    change = np.linalg.norm(values[0] - before) / np.linalg.norm(before)
    ranks = effective_rank(matrices)
    return norm, distance, angle, ranks[0], weights @ ranks[1:], change


def _angle(one, other):
    """The angle between two arrays; a right one if either is zero."""
    lengths = np.linalg.norm(one), np.linalg.norm(other)
    if 0 in lengths:
        return np.pi / 2
    one, other = one / lengths[0], other / lengths[1]
    return 2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other))  # exact for small angles too


def _double(tensor):
    return as_numpy(tensor.double())


def _read(array, name, axes):
    array = floating(array, name)
    if array.ndim < axes or 0 in array.shape[-axes:]:
        raise ValueError(f"{name}: got shape {tuple(array.shape)}, expected {axes} axes or more, none of them empty")
    finite(array, name)
    half = is_torch_array(array) and array.element_size() == 2
    return array.float() if half else array.astype(np.float32) if array.dtype == np.float16 else array

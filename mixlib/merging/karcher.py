"""The Karcher merge: the mean on the sphere, tensor by tensor, in two passes over memory."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_torch_array

from mixlib.arrays import constant, floating
from mixlib.merging.base import Method
from mixlib.merging.vectors import LINEARLY, NEARLY, combine, lengths_and_cosines, models, sum_length
from mixlib.simplex import check_weights

__all__ = ["Karcher", "karcher_mean"]

MAX_ROUNDS = 2000


def karcher_mean(vectors, weights=None):
    r"""Karcher mean of vectors: their mean on the sphere, times their mean length.

    .. math::
        u = \arg\min_{|u| = 1} \sum_i w_i \arccos^2 \langle u, x_i / |x_i| \rangle, \qquad
        m = \Bigl(\sum_i w_i |x_i|\Bigr)\, u

    Tensor by tensor on the weights of models, this is the Fisher-Rao merge. Every iterate is a combination of the
    vectors, so the iteration runs on ``k`` coefficients and needs their inner products alone: one pass over memory for
    these, another to combine. Sums are carried in float64; half precision is computed in float32 and rounded once.

    Parameters
    ----------
    vectors : array (..., k, n) or sequence of k arrays
        The vectors, of a floating dtype. A sequence holds arrays of one shape, any, and is not copied. A vector of
        length zero has no direction and counts for the length alone.
    weights : None or array_like (k,) or (..., k), default=None
        Weights on the simplex; ``None`` means ``1 / k`` each.

    Returns
    -------
    array (..., n), or of the shape of each
        The mean, of the same kind, dtype and device. Torch takes no derivative through it.

    Raises
    ------
    ValueError
        If there is no vector, shapes or dtypes differ, entries are not finite, weights are off the simplex, or
        vectors are opposite or balance out, so that there is no one mean.
    RuntimeError
        If the iteration does not settle, which takes vectors spread over more than half of the sphere.

    Notes
    -----
    Of two vectors of equal weight the direction is that of the sum of unit vectors. If all vectors are within a right
    angle of it the mean is unique; otherwise it is the one that is reached from their average. Source: Karcher 1977;
    Wang et al. 2026.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.merging import karcher_mean
    >>> karcher_mean(np.array([[3.0, 0.0], [0.0, 1.0]])).round(4)  # halfway, and of length 2
    array([1.4142, 1.4142])
    """
    if not is_array_api_obj(vectors) or vectors.ndim <= 2:
        tensors = _read(vectors)
        return _mean(tensors, check_weights(weights, len(tensors), like=np.zeros(0)), "vectors", _numbers(len(tensors)))
    *batch, k, n = vectors.shape
    if 0 in vectors.shape:
        raise ValueError(f"vectors: got shape {tuple(vectors.shape)}, which holds none; give at least one number")
    weights = check_weights(weights, k, like=np.zeros(0))
    rows = np.broadcast_to(weights, (*batch, k)).reshape(-1, k)
    sets = zip(vectors.reshape(-1, k, n), rows, strict=True)
    means = [_mean(_read(each), shares, "vectors", _numbers(k)) for each, shares in sets]
    return array_namespace(vectors).stack(means).reshape((*batch, n))


@dataclass(frozen=True, kw_only=True)
class Karcher(Method):
    r"""Karcher merge: each tensor is the models' mean on the sphere, times their mean length.

    This is the published Fisher-Rao merge: a tensor is taken as one vector, of which the direction is averaged along
    great circles and the length along the line. The models must lie in one basin, as for the linear merge; what
    differs from it is mostly the length. :func:`karcher_mean` says how it is computed. A tensor of one entry has no
    direction to turn, and is averaged along the line.

    Source: Wang et al. 2026.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> merge([{"w": torch.tensor([3.0, 0.0])}, {"w": torch.tensor([0.0, 1.0])}], "karcher")
    {'w': tensor([1.4142, 1.4142])}
    """

    formula: ClassVar[str] = "(Σ wᵢ |θᵢ|) · Karcher mean of θᵢ / |θᵢ|"
    reference: ClassVar[str] = "wang2026"

    def tensor(self, tensors, weights, base=None, name=""):
        """The Karcher mean of the tensors, each one vector."""
        if tensors[0].numel() == 1:
            return combine(tensors, weights)
        return _mean(tensors, np.asarray(weights, dtype=float), name or "tensors", models(len(tensors)))

    def coefficients(self, lengths, cosines, weights, name=""):
        """Those of the Karcher mean."""
        weights = np.asarray(weights, dtype=float)
        used, found = np.flatnonzero(weights > 0), np.zeros(len(weights))
        called = models(len(weights))[used]
        found[used] = _coefficients(
            lengths[used], cosines[np.ix_(used, used)], weights[used], name or "tensors", called
        )
        return found


def _mean(tensors, weights, name, called):
    """The mean of arrays of one shape, as :func:`karcher_mean` says."""
    tensors = [constant(tensor) for tensor, weight in zip(tensors, weights, strict=True) if weight > 0]
    called, weights = called[weights > 0], weights[weights > 0]
    lengths, cosines = lengths_and_cosines(tensors, name, called)
    if _all_equal(tensors, lengths, cosines):
        return combine(tensors[:1], [1.0])
    return combine(tensors, _coefficients(lengths, cosines, weights, name, called))


def _coefficients(lengths, cosines, weights, name, called):
    """Coefficients (k,) of the mean on vectors of these lengths and cosines, whose weights are positive."""
    there = lengths > 0
    coefficients = np.zeros(len(lengths))
    if there.any():
        shares = weights[there] / weights[there].sum()
        around = on_sphere(cosines[np.ix_(there, there)], shares, name, called[there])
        coefficients[there] = weights @ lengths * around / lengths[there]
    return coefficients


def on_sphere(cosines, weights, name="vectors", called=None):
    """Coefficients (k,) on unit vectors that give their Karcher mean, from the cosines (k, k) between them.

    ``called`` (k,) is what messages call the vectors, by default number 0, number 1.

    Raises
    ------
    ValueError
        If two vectors are opposite, or all of them balance out.
    RuntimeError
        If the iteration does not settle.
    """
    i, j = np.unravel_index(np.argmin(cosines), cosines.shape)
    if cosines[i, j] < NEARLY - 1:
        i, j = (f"number {i}", f"number {j}") if called is None else called[[i, j]]
        raise ValueError(f"{name}: {i} and {j} are antipodal, no way between them is the shortest; {LINEARLY}")
    c = weights / sum_length(weights, cosines, name)
    for _ in range(MAX_ROUNDS):
        towards = np.clip(cosines @ c, -1, 1)
        angles = np.arccos(towards)
        stretch = np.divide(angles, np.sin(angles), out=np.ones_like(angles), where=angles > 1e-7)
        tangent = weights * stretch
        tangent -= (tangent @ towards) * c
        step = np.sqrt(max(tangent @ cosines @ tangent, 0))
        if step < 1e-13:
            return c
        c = np.cos(step) * c + np.sin(step) / step * tangent
        c /= np.sqrt(c @ cosines @ c)
    if step < 1e-9:  # rounding of near-singular cosines goes on for ever
        return c
    raise RuntimeError(
        f"{name}: the Karcher mean is not settled after {MAX_ROUNDS} rounds (gradient {step:.1e}); the vectors are "
        "spread over more than half of the sphere"
    )


def _all_equal(tensors, lengths, cosines):
    """Whether all tensors are one and the same, which is looked at only where lengths and angles leave it open."""
    if np.ptp(lengths) > NEARLY * lengths.max() or (lengths.max() > 0 and cosines.min() < 1 - NEARLY):
        return False
    return all(bool((tensor == tensors[0]).all()) for tensor in tensors[1:])


def _read(vectors):
    """A list of arrays of one shape, kind, dtype and device; or a ValueError."""
    if not is_array_api_obj(vectors) and not isinstance(vectors, (list, tuple)):
        try:
            vectors = list(vectors)
        except TypeError:
            vectors = floating(vectors, "vectors")  # says what came
    if is_array_api_obj(vectors):
        vectors = floating(vectors, "vectors")
        if vectors.ndim != 2:
            raise ValueError(f"vectors: expected shape (k, n), got {tuple(vectors.shape)}")
    tensors = [floating(vector, "vectors") for vector in vectors]
    if not tensors or 0 in tensors[0].shape:
        raise ValueError(f"vectors: {len(tensors)} with no entries; give at least one vector of one number")
    for number, tensor in enumerate(tensors[1:], 1):
        ours, theirs = (_described(each) for each in (tensors[0], tensor))
        if ours != theirs:
            raise ValueError(f"vectors: the first is {ours} and number {number} {theirs}; they have to be alike")
    return tensors


def _numbers(k):
    return np.array([f"number {i}" for i in range(k)])


def _described(tensor):
    kind = "torch" if is_torch_array(tensor) else "NumPy"
    return f"{kind} {str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)} on {tensor.device}"

"""Hull escape: how far a mixture lies outside the convex hull, or the cone, of its parts."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj
from scipy.spatial import ConvexHull

from mixlib.instruments.nearest import nearest_weights

CHARTS = ("linear", "log")
DESIGNS = ("substitution", "addition")
ROUNDING_STEPS = 1000  # what a mixture computed in the input's own precision may lie outside by


@dataclass(frozen=True)
class HullEscape:
    """How far mixtures lie outside the hull of their parts, in units of the parts' diameter.

    Attributes
    ----------
    distance : array (...)
        Distance to the hull over the diameter of the parts; ``distance**2 = off_affine**2 + in_affine**2``.
    off_affine, in_affine : array (...)
        The component orthogonal to the affine span of the parts, and the one within it.
    weights : array (..., n)
        Weights of the nearest point of the hull; where several sets of weights give it, one of them.
    inside : boolean array (...)
        Whether ``distance`` is at most the tolerance.
    """

    distance: Any
    off_affine: Any
    in_affine: Any
    weights: Any
    inside: Any
    _depth: Any = field(repr=False)

    @cached_property
    def depth(self):
        """Signed distance (...) to the hull's boundary over the diameter, negative inside.

        NaN where the hull is not full-dimensional (it has no interior), and for the addition design.
        Computed when first asked for: more than ``d + 1`` parts need the facets of their hull, whose number
        grows steeply with ``d``.
        """
        return self._depth()


def hull_escape(mixture, parts, *, chart="linear", design="substitution", tolerance=None):
    r"""Measure how far ``mixture`` lies outside the convex hull of ``parts``.

    .. math:: E(m, P) = \frac{1}{\operatorname{diam} P} \min_{w \in \Delta} \Bigl\| \sum_i w_i p_i - m \Bigr\|

    The affine span of the parts splits the distance orthogonally; within the span, least squares with
    non-negative weights finds the nearest point exactly, by exchanging one part at a time
    (:func:`mixlib.instruments.nearest.nearest_weights`). The first call on a machine compiles, which takes some
    seconds; after that a core solves some 100,000 small instances a second.

    Source: Lawson & Hanson 1995 for non-negative least squares.

    Parameters
    ----------
    mixture : array (..., d)
        NumPy array or torch tensor of a floating dtype.
    parts : array (..., n, d)
        The same kind and dtype; batch dimensions broadcast.
    chart : {"linear", "log"}
        Coordinates in which the hull is taken; "log" takes logarithms of mixture and parts first.
    design : {"substitution", "addition"}
        "substitution": weights sum to 1, the set is the convex hull. "addition": parts are added in any
        non-negative amount, the set is their cone from the origin (and the affine span becomes the linear
        span, and the diameter counts the origin as a part: nothing added).
    tolerance : float, optional
        Largest ``distance`` that counts as inside. By default a thousand rounding steps of the input's
        largest coordinate, over the diameter.

    Returns
    -------
    HullEscape
        Arrays of the same kind and dtype as the input. No gradients flow through them.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, a value is NaN, infinite or (log chart) not positive, the chart or
        design is unknown, or the parts coincide, so that their hull has no diameter.
    """
    for name, value, known in (("chart", chart, CHARTS), ("design", design, DESIGNS)):
        if value not in known:
            raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, known))}")
    points, corners, batch = _flat_batch(mixture, parts, chart)
    origin = np.zeros((len(corners), 1, corners.shape[-1]))
    blends = corners if design == "substitution" else np.concatenate([origin, corners], axis=1)
    diameters = _diameters(blends, batch)
    centre = corners.mean(axis=1) if design == "substitution" else origin[:, 0]
    off_affine, in_affine, weights = nearest_weights(
        (corners - centre[:, None]) / diameters[:, None, None],
        (points - centre) / diameters[:, None],
        cone=design == "addition",
    )
    distance = np.hypot(off_affine, in_affine)
    if tolerance is None:
        largest = np.maximum(np.abs(points).max(axis=-1), np.abs(corners).max(axis=(-1, -2)))
        step = float(array_namespace(parts).finfo(parts.dtype).eps)
        tolerance = ROUNDING_STEPS * step * (1 + largest / diameters)

    def like_input(flat):
        xp = array_namespace(parts)
        dtype = xp.bool if flat.dtype == bool else parts.dtype
        return xp.asarray(flat.reshape(batch + flat.shape[1:]), dtype=dtype, device=parts.device)

    def depth():
        if design == "addition":
            return like_input(np.full(len(points), np.nan))
        signed = [_depth(m, p, e, s) for m, p, e, s in zip(points, corners, distance, diameters, strict=True)]
        return like_input(np.array(signed, dtype=float))

    return HullEscape(
        distance=like_input(distance),
        off_affine=like_input(off_affine),
        in_affine=like_input(in_affine),
        weights=like_input(weights),
        inside=like_input(distance <= tolerance),
        _depth=depth,
    )


def _orthonormal_span(rows):
    """Orthonormal rows (rank, d) that span ``rows``, which are of order one or smaller."""
    _, singular, frame = np.linalg.svd(rows, full_matrices=False)
    return frame[singular > singular[0] * max(rows.shape) * np.finfo(float).eps]


def _depth(mixture, parts, distance, diameter):
    n, d = parts.shape
    spread, point = (parts - parts.mean(axis=0)) / diameter, (mixture - parts.mean(axis=0)) / diameter
    if len(_orthonormal_span(spread)) < d:
        return math.nan
    if d == 1:
        to_facets = np.array([spread.min() - point[0], point[0] - spread.max()])
    elif n == d + 1:
        # barycentric coordinates fall by the length of their gradient per unit of distance
        affine = np.linalg.inv(np.hstack([spread, np.ones((n, 1))]))
        to_facets = -(np.append(point, 1) @ affine) / np.linalg.norm(affine[:d], axis=0)
    else:
        facets = ConvexHull(spread).equations
        to_facets = facets[:, :d] @ point + facets[:, d]
    nearest_facet = to_facets.max()
    return nearest_facet if nearest_facet <= 0 else distance


def _diameters(parts, batch):
    largest = np.zeros(len(parts))
    for row in range(1, parts.shape[1]):
        gaps = np.linalg.norm(parts[:, row:] - parts[:, row - 1 : row], axis=-1)
        largest = np.maximum(largest, gaps.max(axis=-1))
    # parts that differ by less than a few rounding steps are one point
    flat = largest <= 8 * np.finfo(float).eps * np.abs(parts).max(axis=(-1, -2))
    if flat.any():
        index = tuple(int(i) for i in np.unravel_index(np.argmax(flat), batch))
        where = f" at batch index {index}" if batch else ""
        raise ValueError(
            f"parts: all {parts.shape[1]} coincide{where}, so their hull has diameter 0 "
            "and no distance can be measured in it; give at least two different parts"
        )
    return largest


def _flat_batch(mixture, parts, chart):
    """Checked float64 copies (batch, d) and (batch, n, d), and the batch shape."""
    for name, value in (("mixture", mixture), ("parts", parts)):
        _check_array(name, value, chart)
    if parts.ndim < 2 or mixture.ndim < 1 or mixture.shape[-1] != parts.shape[-1] or 0 in parts.shape[-2:]:
        raise ValueError(
            f"mixture: shape {tuple(mixture.shape)} does not fit parts of shape {tuple(parts.shape)}; "
            "expected (..., d) and (..., n, d)"
        )
    if mixture.dtype != parts.dtype:
        raise ValueError(f"mixture: dtype {mixture.dtype} differs from {parts.dtype} of parts; convert one")
    try:
        batch = np.broadcast_shapes(tuple(mixture.shape[:-1]), tuple(parts.shape[:-2]))
    except ValueError:
        raise ValueError(
            f"mixture: batch shape {tuple(mixture.shape[:-1])} does not broadcast with the batch shape "
            f"{tuple(parts.shape[:-2])} of parts"
        ) from None
    points, corners = (_as_float64(array) for array in (mixture, parts))
    if chart == "log":
        points, corners = np.log(points), np.log(corners)
    points = np.broadcast_to(points, batch + points.shape[-1:]).reshape(-1, points.shape[-1])
    corners = np.broadcast_to(corners, batch + corners.shape[-2:]).reshape(-1, *corners.shape[-2:])
    return points, corners, batch


def _check_array(name, value, chart):
    if not is_array_api_obj(value):
        raise ValueError(f"{name}: expected a NumPy array or torch tensor, got {type(value).__name__}")
    xp = array_namespace(value)
    if not xp.isdtype(value.dtype, "real floating"):
        raise ValueError(f"{name}: expected a floating dtype, got {value.dtype}; convert with astype(float)")
    if not bool(xp.all(xp.isfinite(value))):
        raise ValueError(f"{name}: holds NaN or infinity, shape {tuple(value.shape)}; clean it first")
    if chart == "log" and not bool(xp.all(value > 0)):
        raise ValueError(
            f"{name}: smallest value {xp.min(value).item():.6g}, but the log chart needs values > 0; "
            "use the linear chart or drop the zeros"
        )


def _as_float64(array):
    if hasattr(array, "detach"):
        array = array.detach().cpu().double().numpy()
    return np.asarray(array, dtype=float)

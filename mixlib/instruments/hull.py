"""Hull escape: how far a mixture lies outside the convex hull, or the cone, of its parts."""

import math
import numbers
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import finite, floating, floats
from mixlib.instruments.nearest import nearest_weights

CHARTS = ("linear", "log")
DESIGNS = ("substitution", "addition")
ROUNDING_STEPS = 1000  # of float64, over the diameter: what the solver may be off by
MIXING_STEPS = 4  # and n more of the input's dtype: what n parts, mixed with weights of that dtype, may be off by
FARTHEST = 1e140  # diameters: squares of anything farther overflow


@dataclass(frozen=True)
class HullEscape:
    """Hull escape: how far mixtures lie outside the hull of their parts, in units of the parts' diameter.

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

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib import hull_escape
    >>> escape = hull_escape(np.array([0.5, 0.5]), np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))
    >>> escape.inside, escape.weights.round(3), escape.depth.round(3)
    (array(True), array([0.25, 0.5 , 0.25]), np.float64(-0.1))
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

        NaN where the hull has no interior, and for the addition design: parts that are fewer than ``d + 1``, or lie
        in one line, plane or hyperplane but for the rounding of their own dtype. Every point of such a hull is a
        boundary point, and ``distance`` says all. Computed when first asked for: more than ``d + 1`` parts need the
        facets of their hull, whose number grows steeply with ``d``.
        """
        return self._depth()


def hull_escape(mixture, parts, *, chart="linear", design="substitution", tolerance=None):
    r"""Hull escape: the distance of a mixture to the convex hull of its parts, over their diameter.

    .. math:: E(m, P) = \frac{1}{\operatorname{diam} P} \min_{w \in \Delta} \Bigl\| \sum_i w_i p_i - m \Bigr\|

    The affine span of the parts splits the distance orthogonally; within the span, least squares with
    non-negative weights finds the nearest point exactly, by exchanging one part at a time
    (:func:`mixlib.instruments.nearest.nearest_weights`). A core solves some 100,000 small
    instances a second; for more than some hundred the first call on a machine compiles, which takes some seconds.

    Source: Lawson & Hanson 1995 for non-negative least squares.

    Parameters
    ----------
    mixture : array (..., d)
        NumPy array or torch tensor of a floating dtype.
    parts : array (..., n, d)
        The same kind and dtype; batch dimensions broadcast.
    chart : {"linear", "log"}, default="linear"
        Coordinates in which the hull is taken; "log" takes logarithms of mixture and parts first.
    design : {"substitution", "addition"}, default="substitution"
        "substitution": weights sum to 1, the set is the convex hull. "addition": parts are added in any
        non-negative amount, the set is their cone from the origin (and the affine span becomes the linear
        span, and the diameter counts the origin as a part: nothing added).
    tolerance : None or float, default=None
        Largest ``distance`` that counts as inside. ``None``: what rounding explains: ``n + 4`` rounding steps of the
        input's dtype at the parts' coordinates, over the diameter. A mixture that the linear kernel (in the log chart
        the log-linear one) computes in that dtype is inside.

    Returns
    -------
    HullEscape
        Arrays of the same kind and dtype as the input. No gradients flow through them.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, a value is NaN, infinite or (log chart) not positive, the chart or
        design is unknown, the parts coincide within 2 rounding steps of their dtype, so that their hull has no
        diameter, or a distance is too great for the dtype (or for float64, in which everything is computed).

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib import hull_escape
    >>> parts = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> hull_escape(np.array([0.75, 0.75]), parts).distance.round(3)
    np.float64(0.25)
    """
    for name, value, known in (("chart", chart, CHARTS), ("design", design, DESIGNS)):
        if value not in known:
            raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, known))}")
    if tolerance is not None and not (isinstance(tolerance, numbers.Real) and 0 <= tolerance < np.inf):
        raise ValueError(f"tolerance: got {tolerance!r}, expected a distance in diameters, 0 or more, or None")
    points, corners, batch = _flat_batch(mixture, parts, chart)
    scales = _scales(corners)
    with np.errstate(over="ignore", under="ignore"):
        points, corners = points / scales[:, None], corners / scales[:, None, None]
    rounding = _rounding(points, corners, scales, chart, array_namespace(parts).finfo(parts.dtype))
    origin = np.zeros((len(corners), 1, corners.shape[-1]))
    blends = corners if design == "substitution" else np.concatenate([origin, corners], axis=1)
    diameters = _diameters(blends, 2 * rounding, batch)
    centre = corners.mean(axis=1) if design == "substitution" else origin[:, 0]
    _check_reach(points, diameters, batch)
    off_affine, in_affine, weights = nearest_weights(
        (corners - centre[:, None]) / diameters[:, None, None],
        (points - centre) / diameters[:, None],
        cone=design == "addition",
    )
    distance = np.hypot(off_affine, in_affine)
    if tolerance is None:
        amounts = np.maximum(weights.sum(axis=-1), 1)  # a cone's weights can have any sum
        mixing = (corners.shape[1] + MIXING_STEPS) * rounding * amounts
        tolerance = ROUNDING_STEPS * np.finfo(float).eps + mixing / diameters

    def like_input(flat):
        xp = array_namespace(parts)
        dtype = xp.bool if flat.dtype == bool else parts.dtype
        if dtype != xp.bool and np.any(flat > float(xp.finfo(dtype).max)):
            raise ValueError(
                f"mixture: a result of {flat.max():.3g} does not fit into {dtype}; convert mixture and parts to float64"
            )
        return xp.asarray(flat.reshape(batch + flat.shape[1:]), dtype=dtype, device=parts.device)

    def depth():
        if design == "addition":
            return like_input(np.full(len(points), np.nan))
        given = zip(points, corners, distance, diameters, rounding, strict=True)
        signed = [_depth(*instance) for instance in given]
        return like_input(np.array(signed, dtype=float))

    return HullEscape(
        distance=like_input(distance),
        off_affine=like_input(off_affine),
        in_affine=like_input(in_affine),
        weights=like_input(weights),
        inside=like_input(distance <= tolerance),
        _depth=depth,
    )


def _rounding(points, corners, scales, chart, info):
    """The length of a rounding step of the input's dtype at the parts' coordinates, or of their logarithms."""
    step, least = float(info.eps), float(info.eps) * float(info.smallest_normal)  # numbers near 0 are `least` apart
    if chart == "linear":
        return np.linalg.norm(step * np.abs(corners).max(axis=-2) + least / scales[:, None], axis=-1)
    lowest = scales[:, None] * np.minimum(corners.min(axis=-2), points)
    steps = step / scales[:, None] * (1 + np.exp(math.log(least / step) - lowest)) + step * np.abs(corners).max(axis=-2)
    return np.linalg.norm(steps, axis=-1)


def _depth(mixture, parts, distance, diameter, rounding):
    n, d = parts.shape
    if n <= d:
        return math.nan
    spread, point = (parts - parts.mean(axis=0)) / diameter, (mixture - parts.mean(axis=0)) / diameter
    _, extents, frame = np.linalg.svd(spread, full_matrices=False)
    # parts computed in their dtype are a few steps off the plane that they should lie in
    if extents[-1] <= extents[0] * n * np.finfo(float).eps + 2 * math.sqrt(n) * rounding / diameter:
        return math.nan
    if d == 1:
        return _signed(np.array([spread.min() - point[0], point[0] - spread.max()]), distance)
    round_spread = spread @ frame.T / extents  # as thick in every direction, however thin the hull is
    normals, offsets = _facets(round_spread)
    normals = normals / extents @ frame
    return _signed((normals @ point + offsets) / np.linalg.norm(normals, axis=-1), distance)


def _facets(corners):
    """Outward normals and offsets of a hull's facets."""
    n, d = corners.shape
    if n == d + 1:  # barycentric coordinates fall by the length of their gradient per unit of distance
        affine = -np.linalg.inv(np.hstack([corners, np.ones((n, 1))]))
        return affine[:d].T, affine[d]
    from scipy.spatial import ConvexHull, QhullError  # takes a while to load

    try:
        facets = ConvexHull(corners).equations
    except QhullError as error:
        raise ValueError(
            f"parts: the facets of the hull of {n} parts in {d} dimensions cannot be told apart "
            f"({str(error).splitlines()[0]}); drop parts that nearly coincide"
        ) from None
    return facets[:, :d], facets[:, d]


def _signed(to_facets, distance):
    nearest_facet = to_facets.max()
    return nearest_facet if nearest_facet <= 0 else distance


def _scales(corners):
    """Powers of 2 (batch,) that bring the parts to order one without rounding: their squares stay in range."""
    largest = np.abs(corners).max(axis=(-1, -2))
    return np.exp2(np.clip(np.floor(np.log2(np.where(largest > 0, largest, 1))), -1022, 1023))


def _diameters(parts, rounding, batch):
    largest = np.zeros(len(parts))
    for row in range(1, parts.shape[1]):
        gaps = np.linalg.norm(parts[:, row:] - parts[:, row - 1 : row], axis=-1)
        largest = np.maximum(largest, gaps.max(axis=-1))
    flat = largest <= rounding
    if flat.any():
        raise ValueError(
            f"parts: all {parts.shape[1]} coincide{_where(flat, batch)}, so their hull has diameter 0 but for "
            "rounding, and no distance can be measured in it; give at least two different parts, or exact ones in "
            "float64"
        )
    return largest


def _check_reach(points, diameters, batch):
    far = ~(np.abs(points).max(axis=-1) / diameters <= FARTHEST)  # infinite ones too
    if far.any():
        raise ValueError(
            f"mixture: lies more than {FARTHEST:.0e} diameters of the parts away{_where(far, batch)}; "
            "measure it in other units"
        )


def _where(fault, batch):
    return f" at batch index {tuple(int(i) for i in np.unravel_index(np.argmax(fault), batch))}" if batch else ""


def _flat_batch(mixture, parts, chart):
    """Checked float64 copies (batch, d) and (batch, n, d), and the batch shape."""
    mixture, parts = (_checked(name, value, chart) for name, value in (("mixture", mixture), ("parts", parts)))
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
    points, corners = floats(mixture, "mixture"), floats(parts, "parts")
    if chart == "log":
        points, corners = np.log(points), np.log(corners)
    points = np.broadcast_to(points, batch + points.shape[-1:]).reshape(-1, points.shape[-1])
    corners = np.broadcast_to(corners, batch + corners.shape[-2:]).reshape(-1, *corners.shape[-2:])
    return points, corners, batch


def _checked(name, value, chart):
    value = finite(floating(value, name), name)
    xp = array_namespace(value)
    if chart == "log" and not bool(xp.all(value > 0)):
        raise ValueError(
            f"{name}: smallest value {xp.min(value).item():.6g}, but the log chart needs values > 0; "
            "use the linear chart or drop the zeros"
        )
    return value

"""The spatial kernel: what a medium conducts depends on how its phases are arranged, not only on their shares."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace
from scipy import sparse
from scipy.sparse.linalg import spsolve

from mixlib.arrays import constant, finite, floats
from mixlib.kernels.base import Kernel
from mixlib.kernels.linear import Linear
from mixlib.kernels.log_linear import LogLinear

ARRANGEMENTS = ("parallel", "series", "geometric", "bruggeman")
HALVINGS = 80  # a bracket of 20 decades shrinks below one rounding step of float64 well before


@dataclass(frozen=True)
class Spatial(Kernel):
    r"""Effective conductivity of a medium whose phases fill the shares ``w`` of its volume.

    The word stands for any such property: heat or electric conductivity, permittivity, diffusivity.

    ============  ===================================================================================
    arrangement   mixture
    ============  ===================================================================================
    "parallel"    :math:`\sum_i w_i p_i`, layers along the current (the largest possible)
    "series"      :math:`1 / \sum_i (w_i / p_i)`, layers across the current (the smallest possible)
    "geometric"   :math:`\prod_i p_i^{w_i}`; two phases in the plane, statistically alike and half of
                  each, give :math:`\sqrt{p_1 p_2}` exactly, the checkerboard among them
    "bruggeman"   the root m of :math:`\sum_i w_i (p_i - m) / (p_i + (D - 1) m) = 0`: grains of all
                  phases, each within the average of all (in the plane exact for the checkerboard too)
    ============  ===================================================================================

    Every coordinate is a property of its own. All arrangements lie between "series" and "parallel" and
    return equal parts unchanged. Differentiable; for "bruggeman" once, by the implicit function theorem.

    Source: Keller 1964; Dykhne 1971; Bruggeman 1935.

    Parameters
    ----------
    arrangement : {"bruggeman", "geometric", "parallel", "series"}, default="bruggeman"
        How the phases lie.
    dimension : {2, 3}, default=2
        Dimension D of space, used by "bruggeman". In space the current finds more ways around a poor conductor.

    Raises
    ------
    ValueError
        If a part is not positive, or arrangement or dimension is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import Spatial
    >>> copper_and_rubber = np.array([[400.0], [0.2]])  # W / (m K)
    >>> print(*(Spatial(how)([0.5, 0.5], copper_and_rubber).round(1) for how in ("series", "bruggeman", "parallel")))
    [0.4] [8.9] [200.1]
    """

    arrangement: str = "bruggeman"
    dimension: int = 2
    formula: ClassVar[str] = "m with Σ wᵢ (pᵢ − m) / (pᵢ + 2m) = 0"
    effect: ClassVar[str] = "they lie next to each other, somehow arranged"
    field: ClassVar[str] = "composites, soils"
    carrier: ClassVar[str] = "conductivities"
    setting: ClassVar[str] = "grains in space; in the plane, halves of two phases would give the log-linear kernel"
    reference: ClassVar[str] = "keller1964"
    place: ClassVar[int] = 10

    def __post_init__(self):
        """Check arrangement and dimension."""
        if self.arrangement not in ARRANGEMENTS:
            raise ValueError(
                f"arrangement: got {self.arrangement!r}, expected one of {', '.join(map(repr, ARRANGEMENTS))}"
            )
        _check_dimension(self.dimension)

    def check_parts(self, parts):
        """Raise a ValueError if a part is not positive."""
        _check_conductivities("parts", parts)

    def mix(self, weights, parts):
        """Return the effective conductivity, shape (..., d)."""
        if self.arrangement == "parallel":
            return Linear().mix(weights, parts)
        if self.arrangement == "series":
            return 1 / Linear().mix(weights, 1 / parts)
        if self.arrangement == "geometric":
            return LogLinear().mix(weights, parts)
        return _bruggeman(weights, parts, self.dimension)

    @classmethod
    def for_comparison(cls, n):
        """The kernel of ``setting``."""
        return cls(dimension=3)


def hashin_shtrikman(weights, parts, *, dimension=3):
    r"""Hashin-Shtrikman bounds on the effective conductivity of isotropic media with these shares of phases.

    .. math:: m_\pm = \Bigl(\sum_i \frac{w_i}{p_i + (D - 1) p_\pm}\Bigr)^{-1} - (D - 1) \, p_\pm,
        \qquad p_- = \min_i p_i, \quad p_+ = \max_i p_i

    Tighter than series and parallel, which also hold for anisotropic media; no tighter pair exists for two
    phases. A part of weight 0 does not count.

    Source: Hashin & Shtrikman 1962.

    Parameters
    ----------
    weights : array_like (..., n) or None
        Volume shares, on the simplex. ``None`` means ``1 / n`` each.
    parts : array (..., n, d)
        Conductivities > 0, NumPy or torch.
    dimension : {2, 3}, default=3
        Dimension D of space.

    Returns
    -------
    lower, upper : array (..., d)
        The bounds, the same kind and dtype as ``parts``.

    Raises
    ------
    ValueError
        If a part is not positive, the dimension is unknown, or the weights do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.kernels import hashin_shtrikman
    >>> lower, upper = hashin_shtrikman([0.5, 0.5], np.array([[1.0], [4.0]]))
    >>> lower.round(3), upper.round(3)
    (array([2.]), array([2.286]))
    """
    return _Bound(dimension, upper=False)(weights, parts), _Bound(dimension, upper=True)(weights, parts)


def effective_conductivity(image, *, axis=0):
    r"""Effective conductivity of a picture, from the conduction equation on its pixels.

    Finite volumes for :math:`\nabla \cdot (\sigma \nabla u) = 0` on square pixels: ``u`` is 0 and 1 on the two
    faces across ``axis``, the side walls are insulating, and the flow between two pixels passes half of each
    in series. Exact for laminates; elsewhere the error falls with the pixel size, slowly where phases of high
    contrast touch at corners. Insulating walls and faces of constant ``u`` act as mirrors, so the picture
    stands for the periodic medium that its reflections make.

    Source: Keller 1964 for the checkerboard, the exact case to compare with.

    Parameters
    ----------
    image : array_like (h, w)
        Conductivity of each pixel, > 0.
    axis : {0, 1}, default=0
        Direction of the current: 0 down the rows, 1 along the columns.

    Returns
    -------
    float
        The conductivity of a uniform picture that passes the same current.

    Raises
    ------
    ValueError
        If the picture is not two-dimensional, holds a value that is not positive and finite, or the axis is
        neither 0 nor 1.

    Examples
    --------
    >>> from mixlib.kernels import effective_conductivity
    >>> layers = [[1.0, 1.0], [4.0, 4.0]]
    >>> round(effective_conductivity(layers, axis=0), 3), round(effective_conductivity(layers, axis=1), 3)
    (1.6, 2.5)
    """
    image = floats(image, "image")
    if image.ndim != 2 or 0 in image.shape:
        raise ValueError(f"image: got shape {image.shape}; expected a picture (h, w) with at least one pixel")
    if axis not in (0, 1):
        raise ValueError(f"axis: got {axis!r}; expected 0 (down the rows) or 1 (along the columns)")
    _check_conductivities("image", finite(image, "image"))
    resistance = 1 / (2 * (image if axis == 0 else image.T))  # of half a pixel
    length, width = resistance.shape
    index = np.arange(length * width).reshape(length, width)
    along = 1 / (resistance[:-1] + resistance[1:]), index[:-1], index[1:]
    across = 1 / (resistance[:, :-1] + resistance[:, 1:]), index[:, :-1], index[:, 1:]
    flow, one, other = (np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(along, across, strict=True))
    inlet, outlet = 1 / resistance[0], 1 / resistance[-1]
    links = sparse.coo_array((flow, (one, other)), shape=(index.size, index.size))
    links = links + links.T
    to_faces = np.zeros((length, width))
    to_faces[0] = inlet
    to_faces[-1] += outlet
    balance = sparse.diags_array(links.sum(axis=0) + to_faces.ravel()) - links
    source = np.zeros((length, width))
    source[0] = inlet  # the inlet is held at 1, the outlet at 0
    potential = spsolve(balance.tocsc(), source.ravel()).reshape(length, width)
    return float((inlet * (1 - potential[0])).sum() * length / width)


@dataclass(frozen=True)
class _Bound(Kernel):
    """One Hashin-Shtrikman bound, a kernel to have its input checked like any other."""

    dimension: int
    upper: bool
    reference: ClassVar[str] = "hashin1962"

    def check_parts(self, parts):
        _check_dimension(self.dimension)
        _check_conductivities("parts", parts)

    def mix(self, weights, parts):
        xp = array_namespace(parts)
        absent = xp.expand_dims(weights, axis=-1) == 0
        extreme = xp.full_like(parts, -xp.inf if self.upper else xp.inf)
        present = xp.where(absent, extreme, parts)
        host = (self.dimension - 1) * (xp.max if self.upper else xp.min)(present, axis=-2, keepdims=True)
        return 1 / Linear().mix(weights, 1 / (parts + host)) - host[..., 0, :]


def _bruggeman(weights, parts, dimension):
    xp = array_namespace(parts)
    share = xp.expand_dims(weights, axis=-1)

    def excess(guess, share, parts):
        """The sum over the phases, which falls as the guess grows, and how fast it falls."""
        guess = xp.expand_dims(guess, axis=-2)
        below = parts + (dimension - 1) * guess
        fall = dimension * parts / below**2
        return xp.sum(share * (parts - guess) / below, axis=-2), xp.sum(share * fall, axis=-2)

    constant_share, constant_parts = constant(share), constant(parts)
    spread = xp.zeros_like(constant_share) + constant_parts  # the batch of both
    low, high = xp.min(spread, axis=-2), xp.max(spread, axis=-2)
    for _ in range(HALVINGS):
        guess = xp.sqrt(low) * xp.sqrt(high)
        too_low = excess(guess, constant_share, constant_parts)[0] > 0
        low, high = xp.where(too_low, guess, low), xp.where(too_low, high, guess)
    # the root itself is a constant to torch; one Newton step from it carries the derivative
    root = xp.sqrt(low) * xp.sqrt(high)
    value, fall = excess(root, share, parts)
    return root + value / fall


def _check_dimension(dimension):
    if dimension not in (2, 3):
        raise ValueError(f"dimension: got {dimension!r}; expected 2 or 3")


def _check_conductivities(name, array):
    xp = array_namespace(array)
    if not bool(xp.all(array > 0)):
        raise ValueError(
            f"{name}: smallest value {xp.min(array).item():.6g}, but a conductivity must be > 0; "
            "give an insulator a small positive value"
        )

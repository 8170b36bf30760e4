"""Lengths of vectors of any size: squares neither overflow nor vanish."""

from array_api_compat import array_namespace

from mixlib.arrays import constant


def length(vectors):
    """The Euclidean length (...) of vectors (..., d), wherever it is a number of their dtype itself."""
    xp = array_namespace(vectors)
    unit = unit_of(xp.max(xp.abs(constant(vectors)), axis=-1))
    return unit * xp.linalg.vector_norm(vectors / unit[..., None], axis=-1)


def unit_of(size):
    """What to divide by before squares of numbers up to ``size`` (...) are summed: 1 unless it is small or large."""
    xp = array_namespace(size)
    limits, one = xp.finfo(size.dtype), xp.ones_like(size)
    step = float(limits.eps)
    plain = (size > (float(limits.smallest_normal) / step) ** 0.5) & (size < (float(limits.max) * step) ** 0.5)
    return xp.where(plain | (size == 0), one, size)


def ratio(size, largest, none=0.0):
    """``size / largest`` (...); where ``largest`` is 0 it is ``none`` if ``size`` is 0 too, else infinity."""
    xp = array_namespace(largest)
    nothing = xp.where(size > 0, xp.full_like(largest, xp.inf), xp.full_like(largest, none))
    return xp.where(largest > 0, size / xp.where(largest > 0, largest, xp.ones_like(largest)), nothing)[()]

"""Newton's iteration for means on curved carriers: conjugate gradients for the step, plain descent where it fails."""

from array_api_compat import array_namespace

__all__ = []  # for the carriers here

INNER_ROUNDS = 40  # of conjugate gradients for one step; the curvatures met here need about ten


def minimise(start, look, step, *, axes, tolerance, max_rounds, name):
    """The point where the cost of a mean is least, of a batch of problems at once.

    ``look(point)`` gives what is known there: the cost (...), the way down as a tangent with ``axes`` axes after those
    of the batch, a bound (...) of the curvature, and the function that applies the curvature to a tangent.
    ``step(point, tangent)`` is the point that is reached by going along the geodesic. A step of the way down over the
    bound never raises the cost.

    Raises
    ------
    RuntimeError
        If the way down is longer than the tolerance after ``max_rounds`` in any of the problems.
    """
    xp = array_namespace(start)
    point, there = start, look(start)
    for _ in range(max_rounds):
        cost, down, bound, curvature = there
        length = _length(down, axes)
        moving = length > tolerance
        if not bool(xp.any(moving)):
            break
        newton = _solve(curvature, down, axes, xp.clip(length, min=1e-12, max=0.1))
        tried = step(point, _where(moving, newton, xp.zeros_like(newton), axes))
        found = look(tried)
        level = found[0] <= cost + 1e-12 * xp.abs(cost)  # near the end costs differ by less than their rounding
        better = (found[0] < cost) | (level & (_length(found[1], axes) < length / 2))
        worse = moving & ~better
        if bool(xp.any(worse)):
            plain = _spread(xp.where(moving, 1 / bound, xp.zeros_like(bound)), axes) * down
            tried = _where(worse, step(point, plain), tried, axes)
            found = look(tried)
        point, there = tried, found
    residual = xp.max(_length(there[1], axes) / tolerance).item()
    if not residual <= 1:
        raise RuntimeError(
            f"{name}: after {max_rounds} rounds the gradient is {residual:.3g} times the tolerance; the points may be "
            "too far apart or nearly singular, raise tolerance or max_rounds"
        )
    return point


def _solve(curvature, down, axes, share):
    """The tangent whose curvature is ``down``, to a share (...) of its length; as far as it leads uphill."""
    xp = array_namespace(down)
    found, left, way = xp.zeros_like(down), down, down
    square = first = _dot(down, down, axes)
    going = first > 0
    for round_ in range(INNER_ROUNDS):
        bent = curvature(way)
        bend = _dot(way, bent, axes)
        size = _dot(way, way, axes)
        flat = bend <= 1e-3 * size  # no minimum this way: what was found so far is a way down
        if round_ == 0:
            found = _where(flat & going, down, found, axes)
        going = going & ~flat
        pace = _spread(xp.where(going, square / xp.where(going, bend, xp.ones_like(bend)), xp.zeros_like(bend)), axes)
        found, left = found + pace * way, left - pace * bent
        before, square = square, _dot(left, left, axes)
        going = going & (square > share**2 * first)
        if not bool(xp.any(going)):
            break
        way = left + _spread(square / xp.where(before > 0, before, xp.ones_like(before)), axes) * way
    return found


def _dot(a, b, axes):
    return array_namespace(a).sum(a * b, axis=tuple(range(-axes, 0)))


def _length(tangent, axes):
    return array_namespace(tangent).sqrt(_dot(tangent, tangent, axes))


def _spread(numbers, axes):
    return numbers[(..., *([None] * axes))]


def _where(which, yes, no, axes):
    return array_namespace(yes).where(_spread(which, axes), yes, no)

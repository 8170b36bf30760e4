"""Newton's iteration for means on curved carriers: conjugate gradients for the step, plain descent where it fails."""

from array_api_compat import array_namespace

FORETOLD = 10.0  # times the square of the way down, at most, is what a last step leaves of it
INNER_ROUNDS = 40  # of conjugate gradients for one step; the curvatures met here need about ten


def minimise(start, look, step, *, axes, tolerance, max_rounds, name, rounding=0.0):
    """The point where the cost of a mean is least, of a batch of problems at once.

    ``look(point)`` gives what is known there: the cost (...), the way down as a tangent with ``axes`` axes after those
    of the batch, a bound (...) of the curvature, and the function that applies the curvature to a tangent.
    ``step(point, tangent)`` is the point that is reached by going along the geodesic. A step of the way down over the
    bound never raises the cost, but for rounding: where no step lowers it, a problem has come to its end.

    Raises
    ------
    RuntimeError
        If the way down is longer than the tolerance, and than ``rounding`` may leave of it, after ``max_rounds`` or at
        the end, in any of the problems.
    """
    xp = array_namespace(start)
    point, there = start, look(start)
    stuck = xp.zeros_like(there[0], dtype=xp.bool)
    for _ in range(max_rounds):
        length = _length(there[1], axes)
        moving = (length > tolerance) & ~stuck
        if not bool(xp.any(moving)):
            break
        newton = _solve(there[3], there[1], axes, xp.clip(length, min=1e-12, max=0.1))
        tried = step(point, _where(moving, newton, xp.zeros_like(newton), axes))
        if bool(xp.all(~moving | (FORETOLD * length**2 <= tolerance))) and not bool(xp.any(stuck)):
            return tried  # the way down that is left is the square of what it was, and need not be looked at
        found = look(tried)
        worse = moving & ~_better(found, there, axes)
        if bool(xp.any(worse)):
            plain = _spread(xp.where(moving, 1 / there[2], xp.zeros_like(length)), axes) * there[1]
            tried = _where(worse, step(point, plain), tried, axes)
            found = look(tried)
            ended = worse & ~_better(found, there, axes)
            if bool(xp.any(ended)):
                stuck, tried = stuck | ended, _where(ended, point, tried, axes)
                found = look(tried)
        point, there = tried, found
    residual = xp.max(_length(there[1], axes)).item()
    if not residual <= max(tolerance, rounding):
        raise RuntimeError(
            f"{name}: the gradient is {residual:.3g} after {max_rounds} rounds, above the tolerance {tolerance:.3g}; "
            "the points may be too far apart or nearly singular, raise tolerance or max_rounds"
        )
    return point


def _better(found, before, axes):
    level = found[0] <= before[0] * (1 + 1e-12)  # near the end costs differ by less than their rounding
    return (found[0] < before[0]) | (level & (_length(found[1], axes) < _length(before[1], axes) / 2))


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

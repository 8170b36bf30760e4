r"""Normal laws on the line under Fisher's metric: the hyperbolic half-plane of :math:`m / \sqrt2` and the deviation.

The metric is :math:`(dm^2 + 2\, ds^2) / s^2`. Tangents are pairs along the two axes, in units of the deviation there.
"""

from array_api_compat import array_namespace

from mixlib.carriers._lengths import length
from mixlib.carriers._newton import minimise

SCALE = 2**0.5  # of Fisher's distance, over that of the half-plane


def to_plane(means, variances):
    """Places (..., 2) of laws, from their means and variances (...)."""
    xp = array_namespace(means)
    return xp.stack([means / SCALE, xp.sqrt(variances)], axis=-1)


def to_laws(places):
    """Means and variances (...)."""
    return places[..., 0] * SCALE, places[..., 1] ** 2


def distance(a, b):
    """The half-plane's distance (...) of places."""
    xp = array_namespace(a)
    return 2 * xp.asinh(length(a - b) / (2 * xp.sqrt(a[..., 1]) * xp.sqrt(b[..., 1])))


def look(a, b):
    """The tangent (..., 2) at ``a`` that leads to ``b``."""
    xp = array_namespace(a)
    # the half-plane is moved until a is at i, and then onto the disk, where ways from the centre are straight
    x, y = (b[..., 0] - a[..., 0]) / a[..., 1], b[..., 1] / a[..., 1]
    way = xp.stack([2 * x, x**2 + (y - 1) * (y + 1)], axis=-1)
    length = xp.linalg.vector_norm(way, axis=-1)[..., None]
    return distance(a, b)[..., None] * way / xp.where(length > 0, length, xp.ones_like(length))


def move(a, tangent):
    """The place to which a tangent at ``a`` leads."""
    xp = array_namespace(a)
    length = xp.linalg.vector_norm(tangent, axis=-1)
    along = tangent / xp.where(length > 0, length, xp.ones_like(length))[..., None]
    aside, rise, sinh = along[..., 0], along[..., 1], xp.sinh(length)
    # 1 - rise without its cancellation near 1
    rest = xp.where(rise > 0, aside**2 / xp.where(rise > 0, 1 + rise, xp.ones_like(rise)), 1 - rise)
    y = 1 / (xp.exp(-length) + rest * sinh)
    return xp.stack([a[..., 0] + a[..., 1] * aside * sinh * y, a[..., 1] * y], axis=-1)


def karcher_mean(places, weights, tolerance, max_rounds):
    """The weighted mean (..., 2) of places (..., k, 2): the only one, since the plane is curved negatively."""
    xp = array_namespace(places)
    weights = xp.broadcast_to(weights, places.shape[:-1])

    def around(mean):
        ways = look(mean[..., None, :], places)
        length = xp.linalg.vector_norm(ways, axis=-1)
        safe = xp.where(length > 0, length, xp.ones_like(length))
        # curvature across the way to each point; along it the curvature is 1
        bend, towards = xp.where(length > 0, safe / xp.tanh(safe), safe), ways / safe[..., None]

        def curvature(tangent):
            along = xp.sum(towards * tangent[..., None, :], axis=-1)
            across = xp.sum(weights * bend, axis=-1)[..., None] * tangent
            return across + xp.sum((weights * (1 - bend) * along)[..., None] * towards, axis=-2)

        bound = 1 + 2 * xp.sum(weights * length, axis=-1)
        return xp.sum(weights * length**2, axis=-1) / 2, pull(mean, places, weights), bound, curvature

    x = xp.sum(weights * places[..., 0], axis=-1)
    start = xp.stack([x, xp.exp(xp.sum(weights * xp.log(places[..., 1]), axis=-1))], axis=-1)
    given = {"axes": 1, "tolerance": tolerance, "max_rounds": max_rounds, "name": "Gaussian.mean"}
    return minimise(start, around, move, **given)


def pull(mean, places, weights):
    """The weighted sum (..., 2) of the tangents that lead from a place to others; 0 at their mean."""
    return array_namespace(mean).sum(weights[..., None] * look(mean[..., None, :], places), axis=-2)


def widest_gap(mean, places):
    """The largest angle, over a half turn, between neighbouring places (..., k, 2) as they are seen from ``mean``.

    Inside of their hull it is 1 or less. It is 0 where one of them is at ``mean``, and seen in all directions.
    """
    xp = array_namespace(mean)
    ways = look(mean[..., None, :], places)
    length = xp.linalg.vector_norm(ways, axis=-1)
    angles = xp.sort(xp.atan2(ways[..., 1], ways[..., 0]), axis=-1)
    last = angles[..., :1] + 2 * xp.pi - angles[..., -1:]
    gaps = xp.concat([angles[..., 1:] - angles[..., :-1], last], axis=-1)
    at_place = xp.min(length, axis=-1) <= 1e3 * float(xp.finfo(mean.dtype).eps) * (1 + xp.max(length, axis=-1))
    widest = xp.max(gaps, axis=-1) / xp.pi
    return xp.where(at_place, xp.zeros_like(widest), widest)

"""How many parts of a mixture count: the effective number of parts, and the parts above the average share."""

from array_api_compat import array_namespace

from mixlib.arrays import floating, real
from mixlib.simplex import check_weights


def effective_number(weights, order=2.0):
    r"""The effective number of parts: how many equal parts would be as diverse as these shares (Hill number).

    .. math:: N_q = \Bigl( \sum_i w_i^q \Bigr)^{1 / (1 - q)}, \qquad N_1 = \exp\Bigl( - \sum_i w_i \ln w_i \Bigr)

    It goes from 1, where one part is everything, to n, where all are equal. Parts of weight zero do not count.

    Source: Hill 1973; order 2 is the inverse of Simpson's index, which Laakso & Taagepera (1979) count parties by.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex.
    order : float, default=2.0
        The q, positive: more of it counts the large parts alone, less of it counts small ones too.

    Returns
    -------
    array (...)

    Raises
    ------
    ValueError
        If weights are not on the simplex, or the order is not positive.

    Examples
    --------
    >>> from mixlib.instruments.effective import effective_number
    >>> effective_number([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.6, 0.3, 0.1]]).round(2)
    array([1.  , 2.  , 2.17])
    """
    weights = _shares(weights)
    order = real(order, "order")
    if not order > 0:
        raise ValueError(f"order: got {order!r}, expected a positive number; 2 is the inverse Simpson index")
    xp = array_namespace(weights)
    if order == 1:
        return xp.exp(-xp.sum(weights * xp.log(xp.where(weights > 0, weights, 1.0)), axis=-1))
    return xp.sum(weights**order, axis=-1) ** (1 / (1 - order))


def above_average(weights):
    """The number of parts whose share is at least the average one, 1 / n, of n parts that are there.

    Parameters
    ----------
    weights : array_like (..., n)
        On the simplex; parts of weight zero are not there.

    Returns
    -------
    int array (...)

    Raises
    ------
    ValueError
        If weights are not on the simplex.

    Examples
    --------
    >>> from mixlib.instruments.effective import above_average
    >>> above_average([[0.5, 0.5, 0.0], [0.6, 0.3, 0.1]])
    array([2, 1])
    """
    weights = _shares(weights)
    xp = array_namespace(weights)
    there = xp.sum(xp.astype(weights > 0, weights.dtype), axis=-1, keepdims=True)
    reach = 1 - 8 * xp.finfo(weights.dtype).eps  # equal shares reach the average in spite of rounding
    return xp.sum(xp.astype(weights * there >= reach, xp.int64), axis=-1)


def _shares(weights):
    weights = floating(weights, "weights", lists=True)
    return check_weights(weights, weights.shape[-1], like=weights)

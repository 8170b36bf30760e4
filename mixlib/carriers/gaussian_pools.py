"""Other ways to average Gaussian laws, in closed form: the logarithmic pool, Fisher-Rao.

Laws are pairs as in :class:`mixlib.carriers.Gaussian`: (means (..., k, d), covariances (..., k, d, d)).
"""

from array_api_compat import array_namespace

from mixlib.carriers.gaussian import Gaussian, GaussianPoints, read_laws, weighted_laws


def logarithmic_pool(points, weights=None):
    r"""Logarithmic pool of Gaussians, :math:`\propto \prod_i N(m_i, C_i)^{w_i}`, a Gaussian: precisions average.

    .. math:: C^{-1} = \sum_i w_i C_i^{-1}, \qquad m = C \sum_i w_i C_i^{-1} m_i

    Source: Genest & Zidek 1986.

    Parameters
    ----------
    points : pair of arrays (..., k, d) and (..., k, d, d)
        As for :func:`linear_pool_moments`.
    weights : None or array_like (k,) or (..., k), default=None
        As there.

    Returns
    -------
    GaussianPoints
        Mean (..., d) and covariance (..., d, d) of the pool.

    Raises
    ------
    ValueError
        If the weights are off the simplex.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import logarithmic_pool
    >>> logarithmic_pool((np.array([[0.0], [4.0]]), np.array([[[1.0]], [[1.0]]])))
    GaussianPoints(means=array([2.]), covariances=array([[1.]]))
    """
    (means, covariances), weights = weighted_laws(points, weights, read_laws)
    xp = array_namespace(means)
    precisions = weights[..., None, None] * xp.linalg.inv(covariances)
    covariance = xp.linalg.inv(xp.sum(precisions, axis=-3))
    pull = xp.sum((precisions @ means[..., None])[..., 0], axis=-2)
    return GaussianPoints((covariance @ pull[..., None])[..., 0], covariance)


def fisher_rao_geodesic(a, b, t):
    r"""Fisher-Rao geodesic of one-dimensional Gaussians: the law a fraction ``t`` of the way from ``a`` to ``b``.

    The Fisher metric :math:`(dm^2 + 2\, ds^2) / s^2` is that of the hyperbolic half-plane in
    :math:`(m / \sqrt2, s)`, up to a factor; its geodesics are half-circles, which are straight lines in
    :math:`(m,\; m^2 / 2 + s^2)`. The mean of more laws is that of ``Gaussian(metric="fisher-rao")``.

    Source: Amari 2016.

    Parameters
    ----------
    a : pair of arrays (..., 1) and (..., 1, 1)
        Mean and covariance of the first law.
    b : pair of arrays (..., 1) and (..., 1, 1)
        Mean and covariance of the second law.
    t : float
        0 gives ``a``, 1 gives ``b``, 0.5 the midpoint.

    Returns
    -------
    pair of arrays (..., 1) and (..., 1, 1)
        Mean and covariance of the law in between.

    Raises
    ------
    ValueError
        If a law is not one-dimensional or its variance is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import fisher_rao_geodesic
    >>> a, b = (np.array([0.0]), np.array([[1.0]])), (np.array([4.0]), np.array([[1.0]]))
    >>> mean, variance = fisher_rao_geodesic(a, b, 0.5)
    >>> mean.round(3), variance.round(3)  # the shortest way passes through wider laws
    (array([2.]), array([[3.]]))
    """
    return Gaussian(metric="fisher-rao").geodesic(a, b, t)

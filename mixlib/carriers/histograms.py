"""Wasserstein barycenters of histograms and images: fixed bins, exact or smoothed by entropy."""

import math

import numpy as np
from array_api_compat import array_namespace

from mixlib.arrays import as_numpy, finite, floating, log_sum_exp, whole
from mixlib.extras import needed_by
from mixlib.simplex import check_weights

METHODS = ("exact", "sinkhorn", "debiased")
LARGEST = 100.0  # logarithm of a mass
STEEPEST = 600.0  # largest cost over reg at which exp(-cost / reg) is above the smallest float64 with room to spare


def wasserstein_barycenter(
    histograms,
    weights=None,
    method="debiased",
    reg=None,
    cost=None,
    spacing=1.0,
    tolerance=1e-5,
    max_rounds=10_000,
):
    r"""Wasserstein barycenter of histograms on the same bins: of densities on a line, of images, or for a given cost.

    .. math:: \min_a \sum_i w_i\, \mathrm{OT}(a, h_i), \qquad
              \mathrm{OT}(a, h) = \min_P \sum_{xy} P_{xy} c_{xy} + \varepsilon\, \mathrm{KL}(P \,|\, 1)

    ``"exact"`` has :math:`\varepsilon = 0`, a linear programme that POT hands to a solver: for some hundred bins, since
    it has a variable for each pair of bins and each histogram; where several barycenters are equally good it returns
    any, often a ragged one. ``"sinkhorn"`` is fast and blurs, by :func:`entropic_width`. ``"debiased"`` takes the blur
    away: it minimises the sum of Sinkhorn divergences. Both run on logarithms in float64, so that a small ``reg``
    costs rounds, not accuracy; bins of mass 0 are allowed. Unlike POT's iterations on plain numbers they are right for
    unequal weights, and unlike its images, pixels are square whatever the shape of the picture.

    Source: Agueh & Carlier 2011; Benamou et al. 2015 for the iteration; Janati et al. 2020 for the debiased one;
    Flamary et al. 2021 for the linear programme.

    Parameters
    ----------
    histograms : array (k, n) or (k, n_1, n_2, ...)
        Masses of ``k`` histograms, each not negative and of sum 1; several axes are those of an image or a volume.
    weights : None or array_like (k,), default=None
        On the simplex; ``None`` means ``1 / k`` each.
    method : {"exact", "sinkhorn", "debiased"}, default="debiased"
        As above.
    reg : None or float, default=None
        The entropy's factor :math:`\varepsilon`, in the units of the cost; ``None`` is 1/500 of the largest cost.
        Rounding sets the smallest, some 1e-11 of the largest cost.
    cost : None or array (n, n), default=None
        Of moving mass from bin to bin, symmetric; ``None`` is the squared distance of their places. Only for (k, n).
    spacing : float or sequence of float, default=1.0
        Distance of neighbouring bins, one number or one for each axis.
    tolerance : float, default=1e-5
        Stop where all plans give the same barycenter up to this sum of absolute differences. A debiased barycenter of
        sharp peaks needs it: of two point masses a tenth of the mass is still beside the middle at 1e-3.
    max_rounds : int, default=10000
        Rounds after which the iteration gives up.

    Returns
    -------
    array (n,) or (n_1, n_2, ...)
        The barycenter's masses, of the kind and dtype of the histograms.

    Raises
    ------
    ValueError
        If masses are negative or do not sum to 1, shapes do not fit, or ``reg``, ``spacing`` or ``cost`` is unusable.
    RuntimeError
        If the iteration has not converged after ``max_rounds``, or the solver of the linear programme fails.
    ImportError
        If the method is exact and POT is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.carriers import wasserstein_barycenter
    >>> left, right = np.eye(9)[1], np.eye(9)[7]
    >>> wasserstein_barycenter(np.stack([left, right]), [0.5, 0.5], method="exact").round(6).tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    histograms, bins = _read_histograms(histograms)
    weights = as_numpy(check_weights(weights, histograms.shape[0], like=histograms), float)
    if weights.ndim != 1:
        raise ValueError(
            f"weights: expected shape ({histograms.shape[0]},), got {weights.shape}; there is no batch here"
        )
    if method not in METHODS:
        raise ValueError(f"method: got {method!r}, expected one of {', '.join(METHODS)}")
    costs = _axis_costs(bins, spacing) if cost is None else [_read_cost(cost, bins)]
    masses = as_numpy(histograms, float)
    masses = masses / masses.sum(axis=tuple(range(1, masses.ndim)), keepdims=True)
    if method == "exact":
        found = _linear_programme(masses, weights, costs)
    else:
        reg = _read_reg(reg, costs, tolerance)
        found = _sinkhorn(
            masses, weights, costs, reg, method == "debiased", tolerance, whole(max_rounds, "max_rounds", 1)
        )
    return array_namespace(histograms).asarray(found, dtype=histograms.dtype, device=histograms.device)


def entropic_width(reg):
    r"""Standard deviation, along each axis, of the blur that ``method="sinkhorn"`` adds to a point mass.

    .. math:: \sqrt{\varepsilon / 2}

    The kernel :math:`\exp(-|x - y|^2 / \varepsilon)` is a Gaussian of this deviation. For the eye it should stay below
    what the picture shows; below half a bin it has no effect but slowness.

    Source: Janati et al. 2020.

    Parameters
    ----------
    reg : float
        The entropy's factor, in the units of the squared distance.

    Returns
    -------
    float
        The deviation, in the units of the distance.

    Raises
    ------
    ValueError
        If ``reg`` is not positive.

    Examples
    --------
    >>> from mixlib.carriers import entropic_width
    >>> entropic_width(8.0)
    2.0
    """
    if not (isinstance(reg, (int, float, np.number)) and reg > 0 and math.isfinite(reg)):
        raise ValueError(f"reg: got {reg!r}, expected a positive number")
    return math.sqrt(reg / 2)


def _sinkhorn(masses, weights, costs, reg, debias, tolerance, max_rounds):
    """Iterative Bregman projections on logarithms; ``correction`` is the factor that takes the blur away."""
    used = weights > 0
    masses, weights = masses[used], weights[used].reshape(-1, *[1] * (masses.ndim - 1))
    with np.errstate(divide="ignore"):
        log_masses = np.log(masses)
    convolve = _log_convolution([cost / reg for cost in costs])
    potentials, correction = np.zeros_like(masses), np.zeros(masses.shape[1:])
    for _ in range(max_rounds):
        reached = convolve(log_masses - convolve(potentials))
        log_mean = (weights * reached).sum(axis=0) + correction
        mean, seen = _masses(log_mean), [_masses(potentials + reached)]
        potentials = log_mean - reached
        if debias:  # the barycenter's plan to itself agrees as well
            spread = convolve(correction[None])
            seen.append(_masses(correction + spread))
            correction = (correction + log_mean - spread[0]) / 2
        gap = max(np.abs(one - mean).sum(axis=tuple(range(1, masses.ndim))).max() for one in seen)
        if gap <= tolerance:
            return mean / mean.sum()
    raise RuntimeError(
        f"wasserstein_barycenter: the plans still differ by {gap:.3g} after {max_rounds} rounds, tolerance is "
        f"{tolerance:.3g}; raise reg (now {reg:.3g}), tolerance or max_rounds"
    )


def _masses(logs):
    """Masses, of which those that are far above 1 on the way need not be told apart."""
    return np.exp(np.minimum(logs, LARGEST))


def _log_convolution(exponents):
    """``log(K exp(x))`` for a kernel ``exp(-exponent)`` that is a product over axes; no value under- or overflows."""

    def along(x, exponent, axis):
        x = np.moveaxis(x, axis, -1)
        if exponent.max() > STEEPEST:  # a factor would be 0: add all in logarithms, which takes longer
            found = np.stack([log_sum_exp(x - row, axis=-1) for row in exponent], axis=-1)
        else:
            top = x.max(axis=-1, keepdims=True)
            top = np.where(np.isinf(top), 0.0, top)
            with np.errstate(divide="ignore"):
                found = np.log(np.exp(x - top) @ kernels[axis]) + top
        return np.moveaxis(found, -1, axis)

    kernels = {axis: np.exp(-exponent) for axis, exponent in enumerate(exponents, start=1)}

    def convolve(x):
        for axis, exponent in enumerate(exponents, start=1):
            x = along(x, exponent, axis)
        return x

    return convolve


def _linear_programme(masses, weights, costs):
    with needed_by("wasserstein_barycenter(method='exact')"):
        import ot  # takes a second, which nothing else here should cost

    shape, cost = masses.shape[1:], costs[0]
    for other in costs[1:]:  # the cost of a grid is the sum over its axes
        cost = (cost[:, None, :, None] + other[None, :, None, :]).reshape(len(cost) * len(other), -1)
    columns = masses.reshape(len(masses), -1).T
    found, solution = ot.lp.barycenter(columns, cost / (cost.max() or 1.0), weights, log=True)
    if found is None or not solution.success:
        raise RuntimeError(f"wasserstein_barycenter: the linear programme failed: {solution.message}")
    found = np.clip(found, 0, None)
    return (found / found.sum()).reshape(shape)


def _read_histograms(histograms):
    histograms = floating(histograms, "histograms")
    xp, shape = array_namespace(histograms), tuple(histograms.shape)
    if histograms.ndim < 2 or 0 in shape:
        raise ValueError(f"histograms: expected shape (k, n) or (k, n_1, n_2, ...), got {shape}")
    if xp.finfo(histograms.dtype).bits < 32:
        raise ValueError(f"histograms: {histograms.dtype} is too coarse for masses; convert to float32")
    flat = xp.reshape(histograms, (shape[0], -1))
    check_weights(flat, flat.shape[1], like=flat, name="histograms")
    return finite(histograms, "histograms"), shape[1:]


def _axis_costs(bins, spacing):
    steps = np.broadcast_to(np.asarray(spacing, dtype=float), len(bins)) if np.ndim(spacing) == 0 else spacing
    if len(steps) != len(bins) or not all(step > 0 and math.isfinite(step) for step in steps):
        raise ValueError(f"spacing: got {spacing!r}, expected a positive number, or {len(bins)}, one for each axis")
    places = [step * np.arange(n) for step, n in zip(steps, bins, strict=True)]
    return [(place[:, None] - place) ** 2 for place in places]


def _read_cost(cost, bins):
    cost = as_numpy(finite(floating(cost, "cost"), "cost"), float)
    if len(bins) != 1 or cost.shape != 2 * bins:
        raise ValueError(
            f"cost: shape {cost.shape} does not fit bins of shape {bins}; pass (n, n) for histograms (k, n)"
        )
    if cost.min() < 0 or np.abs(cost - cost.T).max() > 1e-6 * cost.max():
        raise ValueError("cost: is negative or not symmetric; the mass must cost the same both ways")
    return cost


def _read_reg(reg, costs, tolerance):
    largest = sum(cost.max() for cost in costs)
    reg = (largest or 1.0) / 500 if reg is None else reg
    entropic_width(reg)
    least = float(np.finfo(float).eps) * largest / max(tolerance, 1e-15)
    if reg < least:
        raise ValueError(
            f"reg: got {reg:.3g}, expected at least {least:.3g}, below which the rounding of cost / reg is above the "
            f"tolerance {tolerance:.3g}; raise reg, or use method='exact'"
        )
    return float(reg)

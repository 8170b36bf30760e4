"""Interaction share: how much of a kernel's variance no sum of functions of one part each can explain."""

import inspect
from dataclasses import dataclass

import numpy as np

from mixlib.arrays import generator, numbers, whole
from mixlib.instruments.sobol import scrambled_sobol

NO_VARIANCE = 1e-24  # of the mean square: less is rounding of a constant output

ROUNDING = 4 * np.finfo(float).eps  # an additive function's indices sum to 1 up to this each


@dataclass(frozen=True)
class InteractionShare:
    """Interaction share: how much of an output's variance is due to inputs acting together.

    Attributes
    ----------
    share : float
        One minus the sum of the first-order indices: 0 for additive functions.
    first_order : array (n,)
        Share of the variance that each input explains alone.
    standard_error : float
        Of ``share``, from independent scrambles of the points; for additive functions what rounding leaves.
    variance : float
        The output's variance, summed over its coordinates.

    Examples
    --------
    >>> from mixlib import interaction_share
    >>> result = interaction_share(lambda inputs: inputs[..., 0] * inputs[..., 1], points=64)
    >>> result.first_order.round(2), round(result.variance, 3)
    (array([0.42, 0.43]), 0.048)
    """

    share: float
    first_order: np.ndarray
    standard_error: float
    variance: float


def interaction_share(
    kernel, parts=None, *, weights=None, n_parts=2, n_coordinates=1, sampler=None, points=1024, scrambles=16, rng=None
):
    r"""Interaction share: the part of a kernel's variance that is due to interactions of its independent inputs.

    .. math::
        1 - \sum_i S_i, \qquad
        S_i = \frac{\sum_k \operatorname{Var} E[m_k \mid p_i]}{\sum_k \operatorname{Var} m_k}

    The inputs are the parts, at fixed weights; a part of several coordinates is one input, and coordinates :math:`k`
    of the output count by their variance. With two independent points :math:`A, B`, and :math:`A_i` the point
    :math:`A` with input :math:`i` of :math:`B`, the estimate

    .. math::
        V_i = E[m(B)\,(m(A_i) - m(A))], \quad V = E[m(B)\,(m(B) - m(A))], \quad
        V - \sum_i V_i = E\Bigl[m(B) \Bigl(m(B) - m(A) - \sum_i (m(A_i) - m(A))\Bigr)\Bigr]

    is 0 at every point for additive functions. The points are scrambled Sobol sequences.

    Source: Sobol 1993.

    Parameters
    ----------
    kernel : Kernel or callable
        Called as ``kernel(weights, parts)`` with parts (..., n, d). A callable of one argument is a function of the
        inputs (..., n), or (..., n, d) where a part has several coordinates, and returns (...) or (..., k).
    parts : None or array (T, n, d), default=None
        Samples of the parts: each input is drawn from its own ``T`` values, independently of the others.
    weights : None or array (n,), default=None
        On the simplex; ``None`` means ``1 / n`` each.
    n_parts : int, default=2
        How many inputs, where ``parts`` is not given.
    n_coordinates : int, default=1
        Coordinates of an input, where ``parts`` is not given.
    sampler : None or callable, default=None
        Makes inputs (..., n, d) of independent uniform numbers in (0, 1) of that shape, such as
        ``scipy.stats.norm.ppf``. With ``None`` they are the inputs.
    points : int, default=1024
        Points of a sequence, a power of 2. More give a smaller error; each costs ``n + 2`` evaluations.
    scrambles : int, default=16
        Independent sequences, from which the standard error comes; at least 2.
    rng : None, int or numpy.random.Generator, default=None
        Scrambles the sequences; ``None`` is seed 0. A kernel that draws should be wrapped so that it does not.

    Returns
    -------
    InteractionShare
        The share, its standard error, and what each input explains alone.

    Raises
    ------
    ValueError
        If the output is constant, NaN or infinite or has another number of points than the inputs, if ``points`` is
        no power of 2 or ``scrambles`` below 2, or if arguments contradict each other.

    Examples
    --------
    >>> from mixlib import interaction_share
    >>> from mixlib.kernels import Linear, Synergistic
    >>> print(f"{interaction_share(Linear()).share:.3f} {interaction_share(Synergistic(10.0)).share:.3f}")
    0.000 0.079
    """
    evaluate = _evaluator(kernel, weights)
    sampler, shape = _inputs(parts, sampler, n_parts, n_coordinates)
    _check_counts(points, scrambles)
    rngs = generator(rng).spawn(scrambles)
    moments = np.array([_variances(evaluate, sampler, shape, points, generator) for generator in rngs])
    variance = moments[:, 0].mean()
    indices = moments[:, 1:].mean(axis=0) / variance
    # the ratio's error to first order, by what each scramble leaves of the ratio of means
    residuals = (moments[:, 0] - moments[:, 1:].sum(axis=1)) - (1 - indices.sum()) * moments[:, 0]
    error = residuals.std(ddof=1) / np.sqrt(scrambles) / variance + ROUNDING * len(indices)
    return InteractionShare(float(1 - indices.sum()), indices, float(error), float(variance))


def _variances(evaluate, sampler, shape, points, rng):
    """The variance and those explained by one input alone, over one scrambled sequence: array (n + 1,)."""
    size = int(np.prod(shape))
    uniform = scrambled_sobol(points, 2 * size, rng).reshape(points, 2, *shape)
    uniform = np.clip(uniform, 2.0**-32, 1 - 2.0**-32)  # quantiles at 0 and 1 may be infinite
    first, second = (np.asarray(sampler(uniform[:, k])) for k in (0, 1))
    if first.shape[:2] != (points, shape[0]):
        raise ValueError(f"sampler: made {first.shape} of {(points, *shape)}; it must keep points and parts apart")
    at_first, at_second = evaluate(first), evaluate(second)
    centre = (at_first.mean(axis=0) + at_second.mean(axis=0)) / 2
    steps = [at_second - at_first]
    for i in range(shape[0]):
        swapped = first.copy()
        swapped[:, i] = second[:, i]
        steps.append(evaluate(swapped) - at_first)
    variances = np.array([np.mean((at_second - centre) * step, axis=0).sum() for step in steps])
    if variances[0] <= NO_VARIANCE * np.mean(at_first**2):
        raise ValueError("kernel: the output does not vary over the inputs, so its variance has no shares")
    return variances


def _evaluator(kernel, weights):
    """A function of inputs (points, n, d) that returns checked outputs (points, k)."""
    is_kernel = _n_arguments(kernel) == 2
    if not is_kernel and weights is not None:
        raise ValueError("weights: given for a function of the inputs alone; pass a kernel(weights, parts)")

    def evaluate(inputs):
        points = inputs[..., 0] if inputs.shape[-1] == 1 else inputs
        values = np.asarray(kernel(weights, inputs) if is_kernel else kernel(points), dtype=float)
        if values.ndim not in (1, 2) or len(values) != len(inputs):
            raise ValueError(
                f"kernel: {len(inputs)} points of inputs gave an output of shape {values.shape}; it must keep the "
                "points as its first axis and have at most one more"
            )
        if not np.isfinite(values).all():
            raise ValueError("kernel: gave NaN or infinity; choose a sampler whose inputs lie in its domain")
        return values.reshape(len(values), -1)

    return evaluate


def _n_arguments(function):
    try:
        arguments = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ValueError(
            f"kernel: cannot tell the arguments of {function!r}; pass a Kernel, or a Python function of "
            "(weights, parts) or of the inputs"
        ) from None
    required = [a for a in arguments if a.default is a.empty and a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)]
    if len(required) not in (1, 2):
        raise ValueError(
            f"kernel: has {len(required)} required arguments; expected two (weights, parts) or one, the inputs (..., n)"
        )
    return len(required)


def _inputs(parts, sampler, n_parts, n_coordinates):
    """The sampler and the shape (n, d) of a point of inputs."""
    if parts is None:
        whole(n_parts, "n_parts", 1)
        whole(n_coordinates, "n_coordinates", 1)
        return sampler or np.asarray, (n_parts, n_coordinates)
    parts = numbers(parts, "parts")
    if sampler is not None:
        raise ValueError("sampler: given together with parts, which are samples themselves; drop one")
    if parts.ndim != 3 or len(parts) < 2 or 0 in parts.shape or not np.isfinite(parts).all():
        raise ValueError(f"parts: expected finite samples (T, n, d) with T >= 2, got shape {parts.shape}")
    count, n, d = parts.shape

    def draw(uniform):
        rows = np.minimum((uniform[..., :1] * count).astype(int), count - 1)
        return np.take_along_axis(parts, rows, axis=0)

    return draw, (n, d)


def _check_counts(points, scrambles):
    whole(points, "points")
    if points < 2 or points & (points - 1):
        raise ValueError(f"points: expected a power of 2, got {points}; a Sobol sequence is balanced only there")
    whole(scrambles, "scrambles", 2)  # their spread gives the standard error

"""Logarithms of sums of exponentials."""

import numpy as np
from array_api_compat import array_namespace


def log_sum_exp(values, axis):
    """``log(sum(exp(values)))`` over an axis, with the maximum taken out first; of nothing but -inf it is -inf."""
    xp = array_namespace(values)
    top = xp.max(values, axis=axis, keepdims=True)
    top = xp.where(xp.isinf(top), xp.zeros_like(top), top)
    with np.errstate(divide="ignore"):
        return xp.squeeze(top, axis=axis) + xp.log(xp.sum(xp.exp(values - top), axis=axis))

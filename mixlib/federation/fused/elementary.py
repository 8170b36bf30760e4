"""Exponential and logarithm as polynomials, for float32 and float64, that a compiler turns into vector instructions.

Both take one number within compiled code. They do not branch and call nothing, which a loop over them needs.
"""

import math
from decimal import Context, Decimal

import numpy as np
from numba import types
from numba.extending import intrinsic, overload
from numpy.polynomial.chebyshev import cheb2poly, poly2cheb

FLAGS = {"fastmath": {"contract"}, "error_model": "numpy"}  # contract: a product and a sum become one instruction
LOWEST = {types.float32: -87.0, types.float64: -708.0}  # the exponential below is no normal number
HIGHEST = {types.float32: 80.0, types.float64: 700.0}  # leaves room to sum some thousand
DEGREES = {types.float32: (6, 3), types.float64: (11, 8)}  # of the exponential and the logarithm: one unit of rounding

TERMS = 20  # of the power series that the polynomials are made from


def exp(x):
    """The exponential of ``x``, which is first put within ``LOWEST`` and ``HIGHEST``; NaN stays NaN.

    ``x = n log 2 + r`` with ``|r| <= log(2) / 2``: a polynomial in ``r``, times ``2^n`` by way of its bits.
    """
    raise NotImplementedError("for compiled code only")


def log(x):
    """The logarithm of a positive, normal, finite ``x``.

    ``x = 2^n m`` with ``m`` within a factor of ``sqrt(2)`` of 1, and ``log m = 2 artanh((m - 1) / (m + 1))``.
    """
    raise NotImplementedError("for compiled code only")


@intrinsic
def bits(typing, x):
    """The bits of a float as an integer, or the other way round."""
    kinds = {types.float32: types.int32, types.float64: types.int64}
    other = (kinds | {v: k for k, v in kinds.items()})[x]
    return other(x), lambda context, builder, _, args: builder.bitcast(args[0], context.get_value_type(other))


def _coefficients(series, degree, reach, real):
    """Nearly the best polynomial up to ``reach`` on both sides of 0, lowest power first, from a power series."""
    powers = reach ** np.arange(len(series))
    chebyshev = poly2cheb(np.array(series) * powers)[: degree + 1]
    return tuple(real(c) for c in cheb2poly(chebyshev) / powers[: degree + 1])


def _log2_in_two(real):
    """The logarithm of 2: what half of the digits can hold, whose small multiples are exact, and the rest."""
    exact = Decimal(2).ln(Context(prec=50))
    half = 2 ** (np.finfo(real).nmant // 2)
    coarse = Decimal(int(exact * half)) / half
    return real(coarse), real(exact - coarse)


def _parts(kind):
    """The float and integer types, and how many bits are behind the point of a float's mantissa."""
    real, integer = (np.float32, np.int32) if kind == types.float32 else (np.float64, np.int64)
    return real, integer, integer(np.finfo(real).nmant)


@overload(exp, jit_options=FLAGS)
def _exp(x):
    real, integer, shift = _parts(x)
    c = _coefficients([1 / math.factorial(k) for k in range(TERMS)], DEGREES[x][0], math.log(2) / 2, real)
    first, rest = c[-1], c[-2::-1]
    low, high, inverse = real(LOWEST[x]), real(HIGHEST[x]), real(1 / math.log(2))
    log2, rest_of_log2 = _log2_in_two(real)
    # added to a small number it leaves the nearest integer, plus the bias of exponents, in the lowest bits
    rounding = real(1.5 * 2.0 ** int(shift) + np.finfo(real).maxexp - 1)

    def polynomial(x):
        x = low if x < low else x
        x = high if x > high else x
        shifted = x * inverse + rounding
        n = shifted - rounding
        r = x - n * log2 - n * rest_of_log2
        p = first
        for k in range(len(rest)):
            p = p * r + rest[k]
        return p * bits(integer(bits(shifted) << shift))

    return polynomial


@overload(log, jit_options=FLAGS)
def _log(x):
    real, integer, shift = _parts(x)
    farthest = ((math.sqrt(2) - 1) / (math.sqrt(2) + 1)) ** 2
    c = _coefficients([2 / (2 * k + 1) for k in range(TERMS)], DEGREES[x][1], farthest, real)  # in the square
    first, rest = c[-1], c[-2::-1]
    one, (log2, rest_of_log2) = real(1), _log2_in_two(real)
    root = integer(np.sqrt(real(0.5)).view(integer))

    def polynomial(x):
        exponent = integer(integer(bits(x) - root) >> shift)
        m = bits(integer(bits(x) - integer(exponent << shift)))
        z = (m - one) / (m + one)
        square = z * z
        p = first
        for k in range(len(rest)):
            p = p * square + rest[k]
        n = real(exponent)
        return (z * p + n * rest_of_log2) + n * log2

    return polynomial

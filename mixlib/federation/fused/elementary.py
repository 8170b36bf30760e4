"""Exponential and logarithm as polynomials, for float32 and float64: one number or a line of them, in compiled code.

They do not branch and call nothing, which vector instructions need.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numpy.polynomial.chebyshev import cheb2poly, poly2cheb

from mixlib.federation.fused.lanes import within

FLAGS = {"fastmath": {"contract"}, "error_model": "numpy"}  # contract: a product and a sum become one instruction
LOWEST = {types.float32: -87.0, types.float64: -708.0}  # the exponential below is no normal number
HIGHEST = {types.float32: 80.0, types.float64: 700.0}  # leaves room to sum some thousand
DEGREES = {types.float32: (5, 3), types.float64: (11, 8)}  # of the exponential and the logarithm

TERMS = 20  # of the power series that the polynomials are made from
PER_NAT = 1 / math.log(2)  # what turns nats into bits


def exp(x):
    """The exponential of ``x``, as :func:`exp2`: as exact as if ``x`` had been rounded once more.

    That is a relative error of ``(2 + |x|)`` units of rounding, and of one unit in what its logarithm is.
    """
    raise NotImplementedError("for compiled code only")


def exp2(x):
    """Two to the power of ``x``, which is first put within ``LOWEST`` and ``HIGHEST`` nats; NaN stays NaN.

    ``x = n + r`` with ``|r| <= 1/2``: a polynomial in ``r``, times ``2^n`` by way of its bits.
    """
    raise NotImplementedError("for compiled code only")


def log(x):
    """The logarithm of a positive, normal, finite ``x``.

    ``x = 2^n m`` with ``m`` within a factor of ``sqrt(2)`` of 1, and ``log m = 2 artanh((m - 1) / (m + 1))``.
    """
    raise NotImplementedError("for compiled code only")


def _coefficients(series, degree, reach, real):
    """Nearly the best polynomial up to ``reach`` on both sides of 0, lowest power first, from a power series."""
    powers = reach ** np.arange(len(series))
    chebyshev = poly2cheb(np.array(series) * powers)[: degree + 1]
    return tuple(real(c) for c in cheb2poly(chebyshev) / powers[: degree + 1])


def _real(kind):
    return np.float32 if getattr(kind, "dtype", kind) == types.float32 else np.float64


@overload(exp2, jit_options=FLAGS)
def _exp2(x):
    real, kind = _real(x), getattr(x, "dtype", x)
    c = _coefficients([math.log(2) ** k / math.factorial(k) for k in range(TERMS)], DEGREES[kind][0], 0.5, real)
    first, second, rest = c[-1], c[-2], (*c[-3:0:-1], real(1))  # of 0 it is exactly 1
    low, high = real(LOWEST[kind] * PER_NAT), real(HIGHEST[kind] * PER_NAT)
    # added to a small number it leaves the nearest integer, plus the bias of exponents, in the lowest bits
    rounding = real(1.5 * 2.0 ** np.finfo(real).nmant + np.finfo(real).maxexp - 1)

    def polynomial(x):
        x = within(x, low, high)
        shifted = x + rounding
        r = x - (shifted - rounding)
        p = r * first + second
        for k in range(len(rest)):
            p = p * r + rest[k]
        return p * _lowest_bits_as_power(shifted)

    return polynomial


@overload(exp, jit_options=FLAGS)
def _exp(x):
    rate = _real(x)(PER_NAT)
    return lambda x: exp2(x * rate)


@overload(log, jit_options=FLAGS)
def _log(x):
    real, kind = _real(x), getattr(x, "dtype", x)
    farthest = ((math.sqrt(2) - 1) / (math.sqrt(2) + 1)) ** 2
    c = _coefficients([2 / (2 * k + 1) for k in range(TERMS)], DEGREES[kind][1], farthest, real)  # in the square
    first, second, rest = c[-1], c[-2], c[-3::-1]
    one, log2 = real(1), real(math.log(2))

    def polynomial(x):
        m = _mantissa(x)
        z = (m - one) / (m + one)
        square = z * z
        p = square * first + second
        for k in range(len(rest)):
            p = p * square + rest[k]
        return z * p + _exponent(x) * log2

    return polynomial


def _on_bits(change):
    """An intrinsic of a number or a line: ``change`` builds its result from the integers that hold the bits."""

    @intrinsic
    def of_bits(typing, x):
        real = _real(x)
        bits = ir.IntType(8 * np.dtype(real).itemsize)

        def generate(context, builder, signature, args):
            kind = args[0].type
            many = isinstance(kind, ir.VectorType)
            kind_of_bits = ir.VectorType(bits, kind.count) if many else bits

            def constant(value):
                return ir.Constant(kind_of_bits, [int(value)] * kind.count if many else int(value))

            return change(builder, builder.bitcast(args[0], kind_of_bits), constant, real, kind)

        return x(x), generate

    return of_bits


@_on_bits
def _lowest_bits_as_power(builder, bits, constant, real, kind):
    return builder.bitcast(builder.shl(bits, constant(np.finfo(real).nmant)), kind)


def _powers(builder, bits, constant, real):
    """Exponents of numbers as integers, those of mantissas from ``sqrt(1/2)`` to ``sqrt(2)``."""
    root = np.sqrt(real(0.5)).view(np.int32 if real is np.float32 else np.int64)
    return builder.ashr(builder.sub(bits, constant(root)), constant(np.finfo(real).nmant))


@_on_bits
def _exponent(builder, bits, constant, real, kind):
    return builder.sitofp(_powers(builder, bits, constant, real), kind)


@_on_bits
def _mantissa(builder, bits, constant, real, kind):
    power = builder.shl(_powers(builder, bits, constant, real), constant(np.finfo(real).nmant))
    return builder.bitcast(builder.sub(bits, power), kind)

"""A cache line of numbers as one value of compiled code, for loops that fetch ahead and write past the caches.

A compiler makes vectors of plain loops by itself, but not of loops that also tell the memory what they will need.
"""

import operator

from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic, models, overload, register_model

LINE = 64  # bytes that memory moves at once; as wide as the widest vectors, of which others need two or four
CONTRACT = ("contract",)  # a product and a sum become one instruction


class Lanes(types.Type):
    """The type of a line of ``dtype``."""

    def __init__(self, dtype):
        self.dtype, self.count = dtype, 8 * LINE // dtype.bitwidth
        super().__init__(f"Lanes({dtype})")


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.VectorType(manager.lookup(kind.dtype).get_value_type(), kind.count))


def _spread(builder, value, to):
    """A scalar in every lane; lanes as they are."""
    if isinstance(value.type, ir.VectorType) or not isinstance(to, ir.VectorType):
        return value
    one = builder.insert_element(ir.Constant(to, ir.Undefined), value, ir.IntType(32)(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), to.count), None))


def _operator(operation, instruction):
    @intrinsic
    def of_lanes(typing, a, b):
        kind = a if isinstance(a, Lanes) else b

        def generate(context, builder, signature, args):
            to = context.get_value_type(kind)
            return getattr(builder, instruction)(*(_spread(builder, arg, to) for arg in args), flags=CONTRACT)

        return kind(a, b), generate

    def apply(a, b):
        return of_lanes(a, b)

    apply.__qualname__ = f"{instruction} of lanes"  # machine code from disk is linked by name: no two may share one

    @overload(operation)
    def choose(a, b):
        alike = getattr(a, "dtype", a) == getattr(b, "dtype", b)
        return apply if alike and (isinstance(a, Lanes) or isinstance(b, Lanes)) else None


for operation, instruction in [
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
]:
    _operator(operation, instruction)


def call(builder, name, *args):
    """Call a function of LLVM whose result is as its arguments."""
    kind = args[0].type
    many, scalar = (f"v{kind.count}", kind.element) if isinstance(kind, ir.VectorType) else ("", kind)
    suffix = many + ("f32" if scalar == ir.FloatType() else "f64")
    kinds = ir.FunctionType(kind, [arg.type for arg in args])
    return builder.call(get_or_insert_function(builder.module, kinds, f"llvm.{name}.{suffix}"), args)


@intrinsic
def within(typing, x, low, high):
    """``x``, one or lanes, but at least ``low`` and at most ``high``, which are numbers; NaN stays NaN."""

    def generate(context, builder, signature, args):
        low, high = (_spread(builder, arg, args[0].type) for arg in args[1:])
        return call(builder, "minimum", call(builder, "maximum", args[0], low), high)

    return x(x, low, high), generate


@intrinsic
def lesser(typing, a, b):
    """The smaller of two lines, lane by lane; ``b`` where ``a`` is NaN."""

    def generate(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return a(a, b), generate


def _folding(name, **options):
    """An intrinsic that folds a line into one number."""

    @intrinsic
    def fold(typing, line):
        def generate(context, builder, signature, args):
            kind = context.get_value_type(line.dtype)
            start = [ir.Constant(kind, -0.0)] if name == "fadd" else []
            kinds = ir.FunctionType(kind, [arg.type for arg in (*start, *args)])
            suffix = f"v{line.count}f{line.dtype.bitwidth}"
            function = get_or_insert_function(builder.module, kinds, f"llvm.vector.reduce.{name}.{suffix}")
            return builder.call(function, [*start, *args], **options)

        return line.dtype(line), generate

    return fold


sum_of = _folding("fadd", fastmath=("reassoc",))  # in any order
least_of = _folding("fmin")


@intrinsic
def line_of(typing, number):
    """A line of this number."""
    kind = Lanes(number)
    return kind(number), lambda context, builder, _, args: _spread(builder, args[0], context.get_value_type(kind))


@intrinsic
def load(typing, address, like):
    """The line at an address, of numbers as ``like``."""
    kind = Lanes(like)

    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], context.get_value_type(kind).as_pointer())
        return builder.load(pointer, align=like.bitwidth // 8)

    return kind(address, like), generate


@intrinsic
def store(typing, address, line):
    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], args[1].type.as_pointer())
        builder.store(args[1], pointer, align=line.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(address, line), generate


@intrinsic
def stream(typing, address, line):
    """Store a line at an address that is a multiple of ``LINE``, past the caches, which would read it first."""

    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(args[0], args[1].type.as_pointer())
        written = builder.store(args[1], pointer, align=LINE)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.IntType(32)(1)]))
        return context.get_dummy_value()

    return types.void(address, line), generate


@intrinsic
def settle(typing):
    """Wait until what was streamed can be seen by other threads."""

    def generate(context, builder, signature, args):
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def prefetch(typing, address):
    """Have the line at an address fetched."""

    def generate(context, builder, signature, args):
        pointer, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, flag, flag, flag])
        function = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        to_read, nearest_cache, data = flag(0), flag(3), flag(1)
        builder.call(function, [builder.inttoptr(args[0], pointer), to_read, nearest_cache, data])
        return context.get_dummy_value()

    return types.void(address), generate

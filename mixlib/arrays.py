"""The one reader of arrays and of whole numbers: what comes in is taken as it is meant, or refused by name.

`native` is enough for what goes on as it is; `floating`, `finite` and `integers` ask for more; `numbers` and `floats`
make NumPy arrays of anything.
"""

import operator
import sys
from numbers import Real

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_torch_array

EPS = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}  # from 1 to the next number


def native(value, name, kinds="biuf"):
    """``value``; of arrays what every computation can take: real, nothing masked, dense, in the machine's byte order.

    Anything but a NumPy array or torch tensor is returned as it is.

    Raises
    ------
    ValueError
        If entries are masked, text, objects or complex, the array is sparse, or its numbers are longer than float64.
    """
    if isinstance(value, np.ndarray):
        if isinstance(value, np.ma.MaskedArray):
            if np.ma.getmaskarray(value).any():
                count = int(np.ma.getmaskarray(value).sum())
                raise ValueError(f"{name}: {count} entries are masked; fill them with .filled(...), or drop them")
            value = value.data
        if value.dtype.kind not in kinds:
            found = sorted({type(entry).__name__ for entry in value.flat})[:3] or [str(value.dtype)]
            raise ValueError(f"{name}: expected real numbers, got {', '.join(found)}; convert them to float")
        if value.dtype.char in "gG":
            raise ValueError(f"{name}: {value.dtype} is longer than anything here computes in; use astype(float)")
        return value if value.dtype.isnative else value.astype(value.dtype.newbyteorder("="))
    if is_torch_array(value):
        if value.is_sparse or str(value.layout) != "torch.strided":
            raise ValueError(f"{name}: is a sparse tensor ({value.layout}); use .to_dense()")
        if value.is_complex() or value.is_quantized:
            raise ValueError(f"{name}: expected real numbers, got {value.dtype}; convert them to float")
    return value


def numbers(value, name):
    """``value`` as a NumPy array of real numbers in their own dtype; tensors, frames and lists too.

    Raises
    ------
    ValueError
        As :func:`native`, and if it holds text, objects, dates or complex numbers, or rows of different lengths.
    """
    value = native(value, name)
    if is_torch_array(value):
        value = as_numpy(value.float() if value.dtype == sys.modules["torch"].bfloat16 else value)
    if hasattr(value, "tocoo"):
        raise ValueError(f"{name}: is a sparse matrix; use .toarray()")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name}: cannot be read as an array of numbers ({error})") from None
    return native(array, name)


def floats(value, name):
    """``value`` as a NumPy array of float64, read as by :func:`numbers`; NaN and infinity pass."""
    return np.asarray(numbers(value, name), dtype=float)


def floating(value, name, fix="convert with astype(float)", lists=False):
    """``value``, a NumPy array or torch tensor of a real floating dtype; with ``lists`` anything else as by `floats`.

    Raises
    ------
    ValueError
        As :func:`native`, and if it is no array, or of another dtype, which the ``fix`` is for.
    """
    value = native(value, name) if is_array_api_obj(value) or not lists else floats(value, name)
    if not is_array_api_obj(value):
        raise ValueError(f"{name}: expected a NumPy array or torch tensor, got {type(value).__name__}; make it one")
    if not array_namespace(value).isdtype(value.dtype, "real floating"):
        dtype = str(value.dtype).removeprefix("torch.")
        raise ValueError(f"{name}: expected a floating dtype, got {dtype} of shape {tuple(value.shape)}; {fix}")
    return value


def finite(value, name):
    """``value``, an array or tensor, if all of its entries are finite.

    Raises
    ------
    ValueError
        If one is NaN or infinite; the message says where the first is.
    """
    fine = (xp := array_namespace(value)).isfinite(value)
    if not bool(xp.all(fine)):
        place = tuple(int(where[0]) for where in xp.nonzero(~fine)) if value.ndim else ()
        where = f"first {value[place].item()} at {place} of shape {tuple(value.shape)}" if place else "one number"
        raise ValueError(f"{name}: holds NaN or infinity, {where}; every entry must be finite")
    return value


def integers(value, name, below=None):
    """``value`` as a NumPy array of integers, read as by :func:`numbers`; with ``below`` from 0 to less than that.

    Raises
    ------
    ValueError
        As :func:`numbers`, and if an entry is none of these.
    """
    array = numbers(value, name)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name}: expected integers, got dtype {array.dtype} of shape {array.shape}; use astype(int)")
    if below is not None and array.size and not 0 <= array.min() <= array.max() < below:
        worst = array.max() if array.max() >= below else array.min()
        raise ValueError(f"{name}: holds {worst}, expected 0 .. {below - 1}; they count from 0")
    return array


def whole(value, name, least=None, most=None):
    """``value`` as an int.

    Raises
    ------
    ValueError
        If it is no whole number (2.0 and True are none), or outside ``least`` to ``most``.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    bounds = [] if least is None else [f"{least} or more"] if most is None else [f"from {least} to {most}"]
    outside = number is not None and ((least is not None and number < least) or (most is not None and number > most))
    if number is None or outside or isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: got {value!r}, expected {', '.join(['a whole number', *bounds])}")
    return number


def real(value, name, expected="a finite number", fits=None):
    """``value``, one finite number: Python's, NumPy's, or an array of no axes.

    Raises
    ------
    ValueError
        If it is none (text, None and True are none), or does not fit: the message says what is ``expected``.
    """
    plain = value.item() if getattr(value, "ndim", None) == 0 else value
    isreal = isinstance(plain, Real) and not isinstance(plain, bool | np.bool_)
    if not (isreal and -np.inf < plain < np.inf and (fits is None or fits(plain))):
        raise ValueError(f"{name}: got {plain!r}, expected {expected}")
    return value


def flag(value, name):
    """``value``, True or False.

    Raises
    ------
    ValueError
        If it is neither; 0, 1 and text are neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: got {value!r}, expected true or false")
    return value


def generator(rng, name="rng"):
    """The Generator that ``rng`` means everywhere: itself, one of an int seed, or for None that of seed 0.

    Raises
    ------
    ValueError
        If it is neither a Generator, a seed (whole numbers from 0), nor None.
    """
    try:
        if isinstance(rng, bool | np.bool_):
            raise TypeError
        return np.random.default_rng(0 if rng is None else rng)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {rng!r}, expected a numpy Generator or a seed, a whole number from 0") from None


def seed_of(rng, name="rng"):
    """An int seed for what takes no Generator: an int as it is, 0 for None, and one drawn from a Generator.

    Raises
    ------
    ValueError
        As :func:`generator`.
    """
    drawn = generator(rng, name)
    return int(drawn.integers(2**62)) if isinstance(rng, np.random.Generator) else int(rng or 0)


def one_kind(**arrays):
    """Raise a ValueError if some of these arrays are NumPy's and others torch's."""
    kinds = {name: "torch" if is_torch_array(array) else "NumPy" for name, array in arrays.items()}
    if len(set(kinds.values())) > 1:
        (first, kind), *others = kinds.items()
        name = next(name for name, other in others if other != kind)
        raise ValueError(f"{name}: is of {kinds[name]}, but {first} of {kind}; convert one of them")


def as_numpy(array, dtype=None):
    """An array or tensor as a contiguous NumPy array if ``dtype`` is given, else without a copy."""
    array = array.detach().cpu().numpy() if is_torch_array(array) else np.asarray(array)
    return array if dtype is None else np.ascontiguousarray(array, dtype=dtype)


def constant(array):
    """``array``, for torch a constant, through which no derivative is taken."""
    return array.detach() if is_torch_array(array) else array


def log_sum_exp(values, axis):
    """``log(sum(exp(values)))`` over an axis, with the maximum taken out first; of nothing but -inf it is -inf."""
    xp = array_namespace(values)
    top = xp.max(values, axis=axis, keepdims=True)
    top = xp.where(xp.isinf(top), xp.zeros_like(top), top)
    with np.errstate(divide="ignore"):
        return xp.squeeze(top, axis=axis) + xp.log(xp.sum(xp.exp(values - top), axis=axis))

"""What the fused paths are given: checked, flattened to rows, and the path that computes it.

That is a backend; or the plain formula of :mod:`mixlib.federation.fused.plain` where torch looks on, inside
``torch.func`` transforms, forward derivatives and graphs of ``torch.compile``: there values cannot be read from memory.
"""

import importlib
import importlib.util
import math
import os
import sys
from dataclasses import dataclass
from functools import cached_property, wraps
from types import ModuleType

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_torch_array

from mixlib.arrays import floating, floats, native, numbers
from mixlib.simplex import check_weights

BACKENDS = ("auto", "compiled", "torch", "triton")
MODULES = {"small": "small", "compiled": "compiled", "torch": "chunked", "triton": "on_gpu"}
SMALL = 2**15  # numbers that NumPy pools within a millisecond


@dataclass(frozen=True)
class Given:
    """Predictions of N specialists as rows: one array (N, T, V) or N arrays (T, V), with weights and temperatures.

    ``weights`` (N, T) or (N, 1) and ``temperatures`` (N,) have the dtype of the computation, which is at least float32.
    """

    arrays: tuple
    weights: object
    temperatures: object
    batch: tuple
    engine: ModuleType
    name: str

    @cached_property
    def parts(self):
        return split(self.arrays)

    @property
    def needs_gradient(self):
        """Whether torch records a graph that leads back to any of these."""
        if not is_torch_array(self.arrays[0]):
            return False
        import torch

        return torch.is_grad_enabled() and any(a.requires_grad for a in (*self.arrays, self.weights, self.temperatures))

    def position(self, t):
        """Row ``t`` as a position in the batch."""
        return tuple(int(k) for k in np.unravel_index(t, self.batch)) if self.batch else ()


def split(arrays):
    """The N arrays (T, V) of one array (N, T, V), or as they are."""
    return [arrays[0][i] for i in range(arrays[0].shape[0])] if arrays[0].ndim == 3 else list(arrays)


def read(predictions, weights, temperatures, backend, name):
    """Check what was given and return it as :class:`Given`; nothing is copied unless batch axes force it.

    Raises
    ------
    ValueError
        If the predictions are not floating arrays of one kind, dtype and shape ``(..., V)``, weights are not on the
        simplex or fit no position, temperatures are not positive, or the backend cannot serve them.
    """
    one = is_array_api_obj(predictions)
    arrays = (native(predictions, name),) if one else same_kind(predictions, name)
    shape = tuple(arrays[0].shape) if one else (len(arrays), *arrays[0].shape)
    check_floating(arrays[0], shape, name)
    n, *batch, v = shape
    flat = (n, math.prod(batch), v) if one else (math.prod(batch), v)
    xp = array_namespace(arrays[0])
    wide = xp.float32 if xp.finfo(arrays[0].dtype).bits < 32 else arrays[0].dtype
    like = xp.empty((0,), dtype=wide, device=device(arrays[0]))
    weights = check_weights(weights, n, like=like, axis=0)
    if weights.ndim > 1 and tuple(weights.shape) != (n, *batch):
        raise ValueError(
            f"weights: expected shape ({n},) or {(n, *batch)} for {name} of shape {shape}, got "
            f"{tuple(weights.shape)}; give one set of weights, or one for each position"
        )
    return Given(
        arrays=tuple(array.reshape(flat) for array in arrays),
        weights=weights.reshape((n, 1) if weights.ndim == 1 else (n, math.prod(batch))),
        temperatures=check_temperatures(temperatures, n, like),
        batch=tuple(batch),
        engine=choose(backend, arrays[0], n * math.prod(batch) * v),
        name=name,
    )


def same_kind(arrays, name):
    """The arrays of a sequence as a tuple, or a ValueError that names the one which differs from the first."""
    if not isinstance(arrays, list | tuple) or not arrays:
        raise ValueError(f"{name}: expected an array (N, ..., V) or a list of N arrays, got {type(arrays).__name__}")
    arrays = tuple(native(array, name) if is_array_api_obj(array) else numbers(array, name) for array in arrays)
    first = arrays[0]
    for i, array in enumerate(arrays):
        kinds = [(type(a), a.dtype, tuple(a.shape), str(device(a))) for a in (array, first)]
        if kinds[0] != kinds[1]:
            mine, others = (f"{kind.__name__} {dtype} {shape} on {where}" for kind, dtype, shape, where in kinds)
            raise ValueError(f"{name}: specialist {i} is {mine}, specialist 0 is {others}; all need to be alike")
    return arrays


def check_floating(array, shape, name):
    """A ValueError unless this is the shape (N, ..., V) of a floating array with a specialist and an outcome."""
    if len(shape) < 2 or shape[0] == 0 or shape[-1] == 0:
        raise ValueError(
            f"{name}: expected shape (N, ..., V) with at least one specialist and outcome, got shape {shape}; stack "
            f"the specialists along the first axis"
        )
    floating(array, name, "convert to float32")


def check_temperatures(temperatures, n, like):
    """One positive temperature for each of ``n`` specialists, an array like ``like``; 1 by default."""
    xp = array_namespace(like)
    if temperatures is None:
        return xp.ones((n,), dtype=like.dtype, device=device(like))
    if is_array_api_obj(temperatures) and array_namespace(temperatures) is xp:  # keeps torch's graph
        temperatures = xp.astype(native(temperatures, "temperatures"), like.dtype, device=device(like))
    else:
        temperatures = xp.asarray(floats(temperatures, "temperatures"), dtype=like.dtype, device=device(like))
    if tuple(temperatures.shape) != (n,):
        raise ValueError(
            f"temperatures: expected shape ({n},), one for each specialist, got {tuple(temperatures.shape)}"
        )
    with np.errstate(divide="ignore", over="ignore"):
        inverse = 1 / temperatures  # of the least numbers it is infinite
    if not bool(xp.all(xp.isfinite(temperatures) & (temperatures > 0) & xp.isfinite(inverse))):
        raise ValueError(f"temperatures: expected positive finite numbers, got {temperatures}; 1 changes nothing")
    return temperatures


def check_out(out, given):
    """``out`` as rows (T, V) that the pool can be written to, or a ValueError that says what does not fit."""
    first = given.arrays[0]
    shape = (*given.batch, first.shape[-1])
    if not is_array_api_obj(out) or is_torch_array(out) != is_torch_array(first):
        raise ValueError(f"out: expected {type(first).__name__} as {given.name}, got {type(out).__name__}")
    mine, wanted = (tuple(out.shape), out.dtype, str(device(out))), (shape, first.dtype, str(device(first)))
    if mine != wanted:
        raise ValueError(f"out: expected shape, dtype and device {wanted} for these {given.name}, got {mine}")
    if is_torch_array(out):
        fine, places = out.is_contiguous(), [a.untyped_storage().data_ptr() for a in (out, *given.arrays)]
        shared = places[0] in places[1:] and out.numel() > 0
        graph = given.needs_gradient or out.requires_grad
    else:
        fine, graph = out.flags.c_contiguous and out.flags.writeable and out.flags.aligned, False
        shared = any(np.may_share_memory(out, a) for a in given.arrays)
    if not fine:
        raise ValueError(f"out: an array of shape {shape} that is not contiguous or not writeable; allocate it anew")
    if shared:
        raise ValueError(f"out: shares memory with {given.name}, of shape {shape}; give it memory of its own")
    if graph:
        raise ValueError(f"out: of shape {shape}, cannot take part in gradients; leave it out, or use torch.no_grad()")
    return out.reshape((math.prod(given.batch), shape[-1]))


def no_out(out):
    """Raise a ValueError if there is an ``out`` where torch looks on."""
    if out is not None:
        raise ValueError("out: cannot take part in gradients or transforms of torch; leave it out")


def choose(backend, array, size=math.inf):
    """The module that computes for ``size`` numbers like ``array``, or a ValueError that says what it misses."""
    if backend not in BACKENDS:
        raise ValueError(f"backend: got {backend!r}, expected one of {', '.join(BACKENDS)}")
    where = array.device.type if is_torch_array(array) else "cpu"
    interpreted = os.environ.get("TRITON_INTERPRET") == "1"
    installed = importlib.util.find_spec("triton") is not None
    if backend == "auto":
        on_processor = "small" if size <= SMALL else "compiled"
        backend = on_processor if where == "cpu" else "triton" if where == "cuda" and installed else "torch"
    if backend == "compiled" and where != "cpu":
        raise ValueError(f"backend: 'compiled' runs on processors, got arrays on {where}; use 'auto' or .cpu()")
    if backend in ("torch", "triton") and not is_torch_array(array):
        raise ValueError(f"backend: {backend!r} takes torch tensors, got {type(array).__name__}; use 'compiled'")
    if backend == "triton" and not installed:
        raise ValueError("backend: 'triton' is not installed; pip install triton, or use 'torch'")
    if backend == "triton" and where != "cuda" and not interpreted:
        raise ValueError(f"backend: 'triton' runs on CUDA devices, got {where}; use 'auto', or set TRITON_INTERPRET=1")
    return importlib.import_module(f"mixlib.federation.fused.{MODULES[backend]}")


def transformed(*values):
    """Whether ``torch.func`` or a forward derivative follows one of these, or of the members of a list of them."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    flat = [member for value in values for member in (value if isinstance(value, list | tuple) else (value,))]
    tensors = [value for value in flat if isinstance(value, torch.Tensor)]
    return any(_wrapped(torch, tensor) or _dual(torch, tensor) for tensor in tensors)


def without_vmap(name, values):
    """Raise a ValueError if these are seen one at a time by ``torch.vmap``, which can't tell what they hold."""
    if transformed(values) and not askable(values):
        raise ValueError(
            f"{name}: torch.vmap does not let every row be checked; pass the batch as axes of its own, (N, ..., V)"
        )


def askable(values):
    """Whether conditions on these can be asked, which ``torch.vmap`` forbids."""
    try:
        for value in values if isinstance(values, list | tuple) else (values,):
            bool((value == value).any())  # torch says no by RuntimeError, and has no public question
    except RuntimeError:
        return False
    return True


def outside_graphs(function):
    """``function``, called by ``torch.compile`` between its graphs, as it is; with ``backend="torch"`` within them."""

    @wraps(function)
    def call(*args, **options):
        if not in_graph() or options.get("backend") == "torch":
            return function(*args, **options)
        import torch

        torch._dynamo.graph_break(msg='mixtures are compiled by other means; backend="torch" can be part of a graph')
        return torch.compiler.disable(function)(*args, **options)

    return call


def in_graph():
    torch = sys.modules.get("torch")
    return torch is not None and torch.compiler.is_compiling()


def traced(*values):
    """Whether the plain formula has to serve."""
    return in_graph() or transformed(*values)


def _wrapped(torch, tensor):
    return torch.func.debug_unwrap(tensor) is not tensor


def _dual(torch, tensor):
    return torch.autograd.forward_ad.unpack_dual(tensor).tangent is not None

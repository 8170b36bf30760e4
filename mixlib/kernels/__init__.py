"""The kernel zoo: one interface ``kernel(weights, parts) -> mixture``, one file a kernel."""

from mixlib.kernels.base import Kernel
from mixlib.kernels.linear import Linear
from mixlib.kernels.log_linear import LogLinear

__all__ = ["ZOO", "Kernel", "Linear", "LogLinear"]

ZOO = {
    "linear": Linear,
    "log-linear": LogLinear,
}

"""mixlib: mixtures as parts, weights and a kernel ``m = K(w, p)`` on a carrier, and the instruments that measure them.

Names load on first use, so importing mixlib is quick and a program depends only on the modules that it touches.
"""

import time

import lazy_loader

__version__ = "0.1.0"
IMPORTED = time.time_ns()  # sources that change later are not what runs, see mixlib.compiled

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "carriers",
        "claims",
        "federation",
        "information",
        "instruments",
        "kernels",
        "merging",
        "simplex",
    ],
    submod_attrs={
        "instruments": ["hull_escape", "interaction_share"],
        "information": ["o_information", "o_information_sweep"],
    },
)

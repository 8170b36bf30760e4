"""O-information: whether variables share information redundantly or synergistically."""

import lazy_loader

from mixlib.extras import hinting

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["membership", "sweeps", "systems"],
    submod_attrs={
        "decomposition": ["Decomposition", "williams_beer"],
        "exact": ["from_pmf"],
        "estimators.gaussian": ["from_covariance"],
        "result": ["Information"],
        "estimate": ["o_information"],
        "sweeps": ["Sweep", "o_information_sweep"],
    },
)
__getattr__ = hinting(__getattr__)

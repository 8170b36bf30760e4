"""O-information: whether variables share information redundantly or synergistically."""

import lazy_loader

from mixlib.extras import hinting

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["membership", "sweeps", "systems"],
    submod_attrs={
        "about_target": ["TargetInformation", "target_information", "target_sweep"],
        "decomposition": ["Decomposition", "williams_beer"],
        "dynamics": ["double_redundancy", "dynamic_o_information", "phi_id", "transfer_entropy"],
        "exact": ["from_pmf"],
        "estimators.gaussian": ["from_covariance"],
        "landscape": ["plot_landscape"],
        "interaction": ["co_information"],
        "local": ["LocalInformation", "local_o_information"],
        "result": ["Information"],
        "selector": ["OInformation"],
        "shared": ["mutual_information"],
        "estimate": ["o_information"],
        "sweeps": ["Sweep", "o_information_sweep"],
    },
)
__getattr__ = hinting(__getattr__)

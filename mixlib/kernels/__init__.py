"""The kernel zoo: one interface ``kernel(weights, parts) -> mixture``, one file a kernel.

``ZOO`` maps the names of all kernels to their classes. Names load on first use, so that importing one kernel leaves
the files of the others alone; asking for ``ZOO`` imports them all.
"""

import lazy_loader

_CLASSES = {
    "linear": "Linear",
    "log-linear": "LogLinear",
    "multiplicative-synergistic": "Synergistic",
    "masking-saturating": "CompetitiveBinding",
    "gated-routed": "Gated",
    "stochastic": "Stochastic",
    "reactive": "Reactive",
    "emergent": "Emergent",
    "time-resolved": "TimeResolved",
    "spatial": "Spatial",
}

_load, _, _names = lazy_loader.attach(
    __name__,
    submod_attrs={
        "base": ["Kernel"],
        "competitive_binding": ["CompetitiveBinding"],
        "emergent": ["Emergent", "Kuramoto", "simulate_kuramoto"],
        "gated": ["Gated", "softmax_gate", "top_k_gate"],
        "linear": ["Linear"],
        "log_linear": ["LogLinear"],
        "reactive": ["Equilibrium", "Reactive", "equilibrium"],
        "spatial": ["Spatial", "effective_conductivity", "hashin_shtrikman"],
        "stochastic": ["Stochastic"],
        "synergistic": ["Synergistic"],
        "time_resolved": ["TimeResolved"],
    },
)
__all__ = ["ZOO", *_names]


def __getattr__(name):
    if name == "ZOO":
        globals()["ZOO"] = {key: _load(cls) for key, cls in _CLASSES.items()}
        return globals()["ZOO"]
    return _load(name)


def __dir__():
    return list(__all__)

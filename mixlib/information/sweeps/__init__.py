"""O-information of many subsets at once."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "result": ["Sweep"],
        "sweep": ["o_information_sweep"],
    },
)

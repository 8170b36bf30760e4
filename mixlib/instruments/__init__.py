"""Instruments: what a mixture does that its parts do not."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "hull": ["HullEscape", "hull_escape"],
        "interaction": ["InteractionShare", "interaction_share"],
        "profiles": ["Profile", "profile"],
    },
)

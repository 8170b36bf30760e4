"""Seams between texts: the salient terms that two of them share, all pairs ranked, and what chance would share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "prose": ["prose_of", "read_prose"],
        "shared": ["Seams", "find_seams"],
        "null": ["NullModel", "shuffle_terms"],
    },
)

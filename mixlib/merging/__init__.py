"""Merging: one model from the weights of several."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"soups": ["along_line", "soup", "task_vectors"]},
)

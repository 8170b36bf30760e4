"""How good each way to pool is: on held-out text over seeds, on a given text, and whether differences are real."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["advice", "over_seeds", "result", "significance", "text_scores"],
)

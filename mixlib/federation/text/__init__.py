"""Text of several domains: where it comes from, its tokens, and specialists trained on it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["corpora", "specialists", "tokenizer"],
)

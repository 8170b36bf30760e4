"""Specialist models, how they are saved, and what a pool needs of one."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["blocks", "cache_model", "checkpoints", "gru", "hugging_face", "kneser_ney", "saved", "truncated"],
)

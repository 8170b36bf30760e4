"""Who carried each token: its account, the record of accounts, and where specialists err and differ."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["attribution", "disagreement", "mistakes", "trace", "trace_check", "trace_rules"],
)

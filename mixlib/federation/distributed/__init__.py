"""One specialist on each rank of ``torch.distributed``: their mixture, and what happens when a rank is lost."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["launching", "members", "mixture", "part", "traffic"],
    submod_attrs={
        "launching": ["launch"],
        "members": ["Members", "RankFailure"],
        "mixture": ["DistributedMixture"],
        "traffic": ["tcp_bytes_sent"],
    },
)

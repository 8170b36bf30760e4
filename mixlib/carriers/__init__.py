"""Carriers: the spaces that mixtures live on, each with its distance, mean, geodesic and failure statistic."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "base": ["Carrier"],
        "gaussian": ["Gaussian"],
        "gaussian_pools": ["fisher_rao_geodesic", "linear_pool_moments", "logarithmic_pool"],
        "quantile": ["Quantile", "from_density", "to_density"],
    },
)

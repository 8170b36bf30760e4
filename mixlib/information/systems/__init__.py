"""Systems whose information is known: discrete joint distributions and Gaussian covariances, and samples of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "discrete": [
            "agreeing_bits",
            "and_gate",
            "channel",
            "copy",
            "deterministic",
            "dyadic",
            "independent",
            "ising",
            "noisy_copy",
            "noisy_parity",
            "parity",
            "random_channel",
            "sample",
            "triadic",
        ],
        "gaussian": [
            "autoregressive",
            "common_cause",
            "equicorrelated",
            "mean_with_noise",
            "sample_gaussian",
            "sign_lift",
            "sum_with_noise",
            "synergistic",
        ],
    },
)

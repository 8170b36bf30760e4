"""Specialists that share a vocabulary, the rules that pool their predictions, and the audit of the pool."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "attribution",
        "combiners",
        "corpora",
        "evaluation",
        "examples",
        "kneser_ney",
        "pools",
        "specialists",
        "tokenizer",
    ],
    submod_attrs={
        "attribution": ["Attribution", "attribute"],
        "combiners": ["BayesPosterior", "Combiner", "EMWeights", "FixedShare", "weights_along"],
        "corpora": ["Document", "Split", "from_files", "installed", "split"],
        "evaluation": ["Evaluation", "PUBLISHED", "evaluate"],
        "kneser_ney": ["KneserNey"],
        "pools": ["log_linear_combine", "mixture_combine", "perplexity", "product_combine"],
        "specialists": ["Federation"],
        "tokenizer": ["Stream", "encode", "train_tokenizer"],
    },
)

"""Specialists that share a vocabulary, the rules that pool their predictions, and the audit of the pool."""

import lazy_loader

from mixlib.extras import hinting

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["audit", "combiners", "distributed", "evaluation", "fused", "models", "pools", "text"],
    submod_attrs={
        "evaluation.advice": ["Advice", "advise"],
        "audit.attribution": ["Attribution", "attribute", "attribute_targets"],
        "models.cache_model": ["CacheModel"],
        "combiners": [
            "BayesPosterior",
            "Combiner",
            "EMWeights",
            "EntropyWeights",
            "FixedShare",
            "GeometricMixing",
            "LearnedGate",
            "Predictions",
            "Router",
            "Stacked",
            "WeightedCombiner",
            "best_on",
            "log_probs_along",
            "weights_along",
        ],
        "distributed": ["DistributedMixture", "RankFailure"],
        "text.corpora": ["Document", "Split", "from_files", "installed", "split"],
        "evaluation.over_seeds": ["Evaluation", "evaluate"],
        "fused.mixtures": ["mixture_from_logits", "mixture_target_log_prob"],
        "models.hugging_face": ["CausalModel", "from_pretrained"],
        "models.kneser_ney": ["KneserNey"],
        "models.gru": ["GRULanguageModel"],
        "pools": ["log_linear_combine", "mixture_combine", "perplexity", "product_combine"],
        "models.saved": [
            "Specialist",
            "check_specialist",
            "check_tokenizers",
            "load_specialist",
            "save_federation",
            "save_specialist",
        ],
        "evaluation.text_scores": ["TextScores", "encode_text", "read_texts", "score_text"],
        "evaluation.significance": ["compare"],
        "text.specialists": ["Federation"],
        "audit.trace": ["TraceWriter", "read_trace", "write_trace"],
        "audit.trace_check": ["TraceCheck", "check_trace"],
        "models.truncated": ["MixtureBounds", "TopK", "mixture_bounds", "mixture_target_bounds"],
        "text.tokenizer": ["Stream", "encode", "train_tokenizer"],
    },
)
__getattr__ = hinting(__getattr__)

"""Rules that make one next-token distribution out of several, fitted on validation text or learning as they go.

All follow one protocol, :class:`Combiner`: ``predict`` from what is known before the outcome, ``update`` with what
each specialist gave to it, ``reset`` at a new document, ``fit`` on validation text, ``save`` and ``load``. Over a whole
text, ``log_probs_along`` gives the log-probabilities of what came and ``weights_along`` the weights of a mixture.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "along": ["best_on", "log_probs_along", "weights_along"],
        "base": ["Combiner", "WeightedCombiner"],
        "em": ["EMWeights"],
        "entropy_weights": ["EntropyWeights"],
        "fixed_share": ["BayesPosterior", "FixedShare"],
        "gate": ["LearnedGate"],
        "geometric": ["GeometricMixing"],
        "predictions": ["Predictions"],
        "router": ["Router"],
        "stacked": ["Stacked"],
    },
)

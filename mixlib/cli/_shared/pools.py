"""The pools that ``mixlib generate`` draws from: the rule of the weights by its name, and its parameters in words."""

from mixlib.cli._shared.specialists import say

CONSTANT = "mixture"
FITTED = ("em-weights", "learned-gate")  # of the combiners that are mixtures
FROM_WEIGHTS = (CONSTANT, "fixed-share", "bayes-posterior")  # whose weights can be given
RULES = ("fixed-share", CONSTANT, "bayes-posterior", "entropy-weights", "router", *FITTED)


def rule_of(arguments):
    """The name of the rule that the line asks for: fixed-share, or constant weights where weights are given."""
    return arguments.combiner or (CONSTANT if arguments.weights else "fixed-share")


def check_weights(weights):
    """Raise a ValueError that names the option unless the weights, if there are any, lie on the simplex."""
    import numpy as np

    from mixlib import simplex

    if weights:
        try:
            simplex.check_weights(weights, len(weights), like=np.zeros(1))
        except ValueError as error:
            raise ValueError(f"--{error}") from None


def pool(name, weights, models, validation):
    """The combiner of the rule ``name``, fitted where it learns; None for constant weights."""
    from mixlib.federation import Predictions
    from mixlib.federation.combiners import COMBINERS

    if weights and len(weights) != len(models):
        raise ValueError(f"--weights: got {len(weights)} for {len(models)} specialists ({', '.join(models)})")
    if name == CONSTANT:
        return None
    kind = COMBINERS[name]
    if name in FITTED:
        say(f"fitting {name} to {len(validation.tokens):,} tokens")
        return kind.for_comparison(len(models), Predictions.of(list(models.values()), validation))
    return kind(len(models), prior=weights) if weights else kind(len(models))


def parameters(combiner, weights, names):
    """What sets the weights, by name, as JSON can hold it; ``combiner`` and ``weights`` as `generate` takes them."""
    if combiner is None:
        return {"weights": _each(names, weights or [1 / len(names)] * len(names))}
    return _PARAMETERS[type(combiner).__name__](combiner, names)


_PARAMETERS = {
    "FixedShare": lambda c, names: {"switching_rate": c.share, "weights_at_the_start": _each(names, c.prior)},
    "BayesPosterior": lambda c, names: {"weights_at_the_start": _each(names, c.prior)},
    "EntropyWeights": lambda c, names: {"entropy_temperature": c.temperature},
    "Router": lambda c, names: {"asked_at_least": c.k, "doubt": c.doubt, "switching_rate": c.posterior.share},
    "EMWeights": lambda c, names: {"weights": _each(names, c.state)},
    "LearnedGate": lambda c, names: {
        "switching_rate": c.posterior.share,
        "coefficients": [float(value) for value in c.coefficients],
        "bias": _each(names, c.bias),
    },
}


def _each(names, values):
    return {name: float(value) for name, value in zip(names, values, strict=True)}

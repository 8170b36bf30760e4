"""Small exact cases of pooling: two specialists who disagree, random ones, and independent evidence."""

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from mixlib.arrays import generator
from mixlib.federation.pools import log_linear_combine, mixture_combine, perplexity, product_combine


def cat_and_dog(tail=0.0, spread=1):
    """Two specialists over cat, dog and ``spread`` further tokens, log-probabilities ``(2, V)``.

    The first gives cat 0.9, the second dog. Each gives ``tail`` to the further tokens, in equal parts, and what is
    left of its 0.1 to the other animal. Without a tail there are no further tokens.

    Raises
    ------
    ValueError
        If ``tail`` is outside ``[0, 0.1)`` or ``spread`` is below 1.
    """
    if not 0 <= tail < 0.1 or spread < 1:
        raise ValueError(f"tail, spread: expected a share of the 0.1 left and at least 1 token, got {tail}, {spread}")
    rest = np.full(spread if tail else 0, tail / spread)
    return np.log([[0.9, 0.1 - tail, *rest], [0.1 - tail, 0.9, *rest]])


def cat_and_dog_pooled(tail=0.0, spread=1):
    """What product and mixture make of :func:`cat_and_dog`: their probabilities of cat, dog and all others, a frame."""
    log_probs = cat_and_dog(tail, spread)
    pooled = {"product": product_combine(log_probs), "mixture": mixture_combine(log_probs)}
    rows = {name: (*np.exp(row[:2]), np.exp(row[2:]).sum()) for name, row in pooled.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["cat", "dog", "all others"])


def random_instances(instances=200, rng=0):
    """Perplexities of pools and specialists on random predictions, one row an instance.

    Each instance draws 2 to 8 specialists, 3 to 50 outcomes, 40 positions, how sharp each specialist is, and outcomes
    from one of the specialists.
    """
    rng = generator(rng)
    rows = []
    for _ in range(instances):
        n, v, t = rng.integers(2, 9), rng.integers(3, 51), 40
        sharpness = rng.uniform(0.2, 3, (n, 1, 1))
        log_probs = log_softmax(sharpness * rng.normal(size=(n, t, v)), axis=-1)
        truth = np.exp(log_probs[rng.integers(n)])
        targets = np.array([rng.choice(v, p=row / row.sum()) for row in truth])
        at = np.arange(t), targets
        singles = np.array([perplexity(row[at]) for row in log_probs])
        rows.append(
            {
                "n": n,
                "best": singles.min(),
                "worst": singles.max(),
                "geometric mean": np.exp(np.log(singles).mean()),
                "mixture": perplexity(mixture_combine(log_probs)[at]),
                "logarithmic pool": perplexity(log_linear_combine(log_probs)[at]),
                "product": perplexity(product_combine(log_probs)[at]),
            }
        )
    return pd.DataFrame(rows)


def independent_evidence(prior, specialists=3, signals=4, rng=0):
    r"""Specialists who each see a signal of their own, independent given the token: what they and all of them believe.

    Specialist ``i`` sees signal ``s_i`` with probability :math:`p(s_i \mid w)` and reports its posterior
    :math:`p_i(w) \propto \pi_w\, p(s_i \mid w)`. Who sees all signals believes
    :math:`p(w) \propto \pi_w \prod_i p(s_i \mid w)`, which is :math:`\prod_i p_i(w) / \pi_w^{N-1}`.

    Returns
    -------
    reports : array (N, S, V)
        Log-posteriors of the specialists for each of the ``S = signals ** N`` combinations of signals.
    exact : array (S, V)
        Log-posteriors given all signals, from the joint distribution by enumeration.
    chance : array (S,)
        Probability of each combination.
    """
    prior, rng = np.asarray(prior, dtype=float), generator(rng)
    channels = rng.dirichlet(np.ones(signals), size=(specialists, len(prior)))  # (N, V, signals)
    seen = np.indices((signals,) * specialists).reshape(specialists, -1)
    likelihoods = np.stack([channel[:, s].T for channel, s in zip(channels, seen, strict=True)])  # (N, S, V)
    joint = prior * likelihoods.prod(axis=0)
    alone = prior * likelihoods
    reports, exact = (np.log(p / p.sum(axis=-1, keepdims=True)) for p in (alone, joint))
    return reports, exact, joint.sum(axis=-1)


def product_errors(seeds=range(20), tokens=5):
    r"""How far products of independent reports are from the posterior given all signals, one row a seed.

    Each seed draws a skewed prior and the signals of :func:`independent_evidence`. The error is the largest total
    variation over all combinations of signals, of the product, of the product with the prior divided out,
    :math:`\prod_i p_i / \pi^{N-1}`, and of the product when the prior is uniform.
    """
    rows = {}
    for seed in seeds:
        skewed = np.random.default_rng(seed).dirichlet(np.ones(tokens))
        rows[seed] = {
            "product": _farthest(skewed, seed),
            "product, prior divided out": _farthest(skewed, seed, divide=True),
            "product, uniform prior": _farthest(np.full(tokens, 1 / tokens), seed),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _farthest(prior, rng, divide=False):
    reports, exact, _ = independent_evidence(prior, rng=rng)
    raw = reports.sum(axis=0)
    if divide:
        raw = raw - (len(reports) - 1) * np.log(prior)
    belief = np.exp(raw - np.logaddexp.reduce(raw, axis=-1)[:, None])
    return np.abs(belief - np.exp(exact)).sum(axis=-1).max() / 2


def extremes(frame):
    """Smallest, median and largest value of every column of ``frame``, one row a column."""
    return frame.agg(["min", "median", "max"]).T.set_axis(["smallest", "median", "largest"], axis=1)

"""Small exact cases of pooling: two specialists who disagree, random ones, and independent evidence."""

import itertools

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


def cat_and_dog_told(steps=11):
    """What the pools make of all numbers that round to those told: 0.9 for one's own animal, 0.1 for the other's.

    One's own has 0.85 to 0.95, the other's 0.05 to 0.15, and what is left is on one further token: the most that tokens
    other than cat and dog can get. A frame, one row a case, with the probability of these others in each pool, and the
    difference between cat and dog.
    """
    rows = []
    for own in np.linspace(0.85, 0.95, steps):
        for other in np.linspace(0.05, 0.15, steps):
            left = 1 - own - other
            if left > -1e-12:
                left = max(left, 1e-12)
                log_probs = np.log([[own, other, left], [other, own, left]])
                pooled = {"product": product_combine(log_probs), "mixture": mixture_combine(log_probs)}
                row = {f"others, {name}": np.exp(one[2]) for name, one in pooled.items()}
                uneven = {f"uneven, {name}": abs(np.exp(one[0]) - np.exp(one[1])) for name, one in pooled.items()}
                rows.append({"own": own, "other": other, **row, **uneven})
    return pd.DataFrame(rows)


def random_instances(instances=200, rng=0):
    """Perplexities of pools and specialists on random predictions, one row an instance.

    Each instance draws 2 to 8 specialists, 3 to 50 outcomes, 40 positions and how sharp each specialist is. The
    outcomes come from one of the specialists, or, in every second instance, from none: all are equally probable.
    """
    rng = generator(rng)
    rows = []
    for instance in range(instances):
        n, v, t = rng.integers(2, 9), rng.integers(3, 51), 40
        sharpness = rng.uniform(0.2, 3, (n, 1, 1))
        log_probs = log_softmax(sharpness * rng.normal(size=(n, t, v)), axis=-1)
        truth = np.exp(log_probs[rng.integers(n)]) if instance % 2 == 0 else np.ones((t, v))
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


def one_knows(n, right=0.99, wrong=1e-9):
    """Log-probabilities ``(n, 2)``: the first specialist gives the first token ``right``, the others ``wrong``."""
    first = np.r_[right, np.full(n - 1, wrong)]
    return np.log(np.stack([first, 1 - first], axis=-1))


def alone(log_probs, sure=0.5, others=0.01):
    """Tokens that one specialist expected alone: what each pool loses there, in nats, and how many there are.

    Parameters
    ----------
    log_probs : array (N, T)
        Of the tokens that came.
    sure, others : float
        The one gave at least ``sure``, every other one at most ``others``.

    Returns
    -------
    pandas.DataFrame
        One row a token: the loss of the one, of the mixture, and of the others in the mean.
    """
    order = np.sort(log_probs, axis=0)
    here = order[:, (order[-1] >= np.log(sure)) & (order[-2] <= np.log(others))]
    mixture = np.logaddexp.reduce(here, axis=0) - np.log(len(here))
    return pd.DataFrame({"the one": -here[-1], "mixture": -mixture, "the others": -here[:-1].mean(axis=0)})


def differing_favourites(log_probs, far=10):
    """Where two specialists favour different tokens: who gets what from their product and their mixture.

    Parameters
    ----------
    log_probs : array (N, T, V)
    far : int
        Tokens outside the first ``far`` of both specialists count as far down.

    Returns
    -------
    pandas.DataFrame
        One row a pair of specialists and position: ``sure``, the smaller of the two favourites' probabilities; what
        each pool gives to the favourite that it prefers, to the other one, and to tokens that are nobody's favourite;
        and what the product gives to those far down.
    """
    favourite, frames = log_probs.argmax(axis=-1), []
    for pair in itertools.combinations(range(len(log_probs)), 2):
        at = np.flatnonzero(favourite[pair[0]] != favourite[pair[1]])
        rows, chosen = log_probs[list(pair)][:, at], favourite[list(pair)][:, at]
        found = {"sure": np.exp(rows.max(axis=-1)).min(axis=0)}
        for name, pool in (("product", product_combine), ("mixture", mixture_combine)):
            pooled = np.exp(pool(rows))
            both = pooled[np.arange(len(at)), chosen]
            found[f"{name}, winner"], found[f"{name}, loser"] = both.max(axis=0), both.min(axis=0)
            found[f"{name}, nobody's"] = 1 - both.sum(axis=0)
            if name == "product":
                down = (rows < np.partition(rows, -far, axis=-1)[..., -far, None]).all(axis=0)
                found["product, far down"] = (pooled * down).sum(axis=-1)
        frames.append(pd.DataFrame(found))
    return pd.concat(frames, ignore_index=True)


def independent_evidence(prior, specialists=3, signals=4, rng=0, shared=False):
    r"""Specialists who each see a signal of their own, independent given the token: what they and all of them believe.

    The joint distribution of token and signals is written down whole. A specialist's report is what remains when the
    other signals are summed out; the exact belief is conditioned on all of them.

    Parameters
    ----------
    prior : array (V,)
    specialists, signals : int
    rng : Generator or int
        Draws :math:`p(s_i \mid w)`.
    shared : bool
        All see one and the same signal, so that nothing is independent.

    Returns
    -------
    reports : array (N, S, V)
        Log-posteriors of the specialists for each of the ``S`` possible combinations of signals.
    exact : array (S, V)
        Log-posteriors given all signals.
    chance : array (S,)
        Probability of each combination.
    likelihoods : array (N, S, V)
        Log-probability of each one's own signal, given the token.
    """
    prior, rng = np.asarray(prior, dtype=float), generator(rng)
    channels = rng.dirichlet(np.ones(signals), size=(specialists, len(prior)))  # (N, V, signals)
    table = prior  # (V, signals, ..., signals)
    if shared:
        channels = np.repeat(channels[:1], specialists, axis=0)
        diagonal = np.arange(signals)
        table = np.zeros((len(prior),) + (signals,) * specialists)
        table[(slice(None),) + (diagonal,) * specialists] = prior[:, None] * channels[0]
    else:
        for i, channel in enumerate(channels):
            table = table[..., None] * channel.reshape(len(prior), *(1,) * i, signals)
    seen = np.indices((signals,) * specialists).reshape(specialists, -1)
    others = [tuple(a for a in range(1, specialists + 1) if a != i + 1) for i in range(specialists)]
    joint = table.reshape(len(prior), -1).T
    possible = joint.sum(axis=-1) > 0
    one_signal = np.stack([table.sum(axis=axes).T[s] for axes, s in zip(others, seen, strict=True)])
    reports, exact = (np.log(p / p.sum(axis=-1, keepdims=True)) for p in (one_signal[:, possible], joint[possible]))
    likelihoods = np.log(one_signal[:, possible] / prior)
    return reports, exact, joint.sum(axis=-1)[possible], likelihoods


def product_errors(seeds=range(20), tokens=5, specialists=3):
    r"""How far products of reports are from the posterior given all signals, one row a seed.

    Each seed draws a skewed prior and the signals of :func:`independent_evidence`. The error is the largest total
    variation over all combinations of signals: of the product of the reports :math:`\prod_i p_i`, of that with the
    prior divided out, :math:`\prod_i p_i / \pi^{N-1}`, of the product of likelihoods and prior, of the product when
    the prior is uniform, and of the last when all see the same signal.
    """
    rows = {}
    for seed in seeds:
        skewed = np.random.default_rng(seed).dirichlet(np.ones(tokens))
        even = np.full(tokens, 1 / tokens)
        reports, exact, _, likelihoods = independent_evidence(skewed, specialists, rng=seed)
        flat, flat_exact, *_ = independent_evidence(even, specialists, rng=seed)
        same, same_exact, *_ = independent_evidence(even, specialists, rng=seed, shared=True)
        product = reports.sum(axis=0)
        rows[seed] = {
            "product": _farthest(product, exact),
            "product, prior divided out": _farthest(product - (specialists - 1) * np.log(skewed), exact),
            "likelihoods and prior": _farthest(likelihoods.sum(axis=0) + np.log(skewed), exact),
            "product, uniform prior": _farthest(flat.sum(axis=0), flat_exact),
            "product, uniform prior, one signal": _farthest(same.sum(axis=0), same_exact),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _farthest(raw, exact):
    """Largest total variation between rows of unnormalised log-probabilities and of exact ones."""
    belief = np.exp(raw - np.logaddexp.reduce(raw, axis=-1)[:, None])
    return np.abs(belief - np.exp(exact)).sum(axis=-1).max() / 2


def extremes(frame):
    """Smallest, median and largest value of every column of ``frame``, one row a column."""
    return frame.agg(["min", "median", "max"]).T.set_axis(["smallest", "median", "largest"], axis=1)

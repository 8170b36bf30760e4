"""Truly independent evidence: specialists who each catch one noisy trait of the same hidden token."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixbook.studies.federation.regimes.tempered import product_without_prior, smoothed, tempered_pools
from mixlib.arrays import generator
from mixlib.federation.pools import perplexity

TRAITS = {
    "first character": lambda text: text.strip()[:1] or text[:1],
    "last character": lambda text: text.strip()[-1:] or text[-1:],
    "length": lambda text: len(text),
}
PRODUCT, DIVIDED = "product", "product, prior divided out"


@dataclass(frozen=True)
class Witnesses:
    r"""A prior over tokens and one channel a witness; signals are independent given the token, by construction.

    Attributes
    ----------
    names : tuple of str
    prior : array (V,)
    channels : tuple of arrays (V, S_i)
        :math:`p(s_i \mid w)`, rows sum to 1.
    """

    names: tuple
    prior: np.ndarray
    channels: tuple

    @classmethod
    def of_tokens(cls, texts, prior, noise=0.1):
        """One witness each for a token's first character, last character and length (of its text, space included).

        With probability ``noise`` a witness mishears: any of the signals that it knows, all alike.

        Raises
        ------
        ValueError
            If ``texts`` and ``prior`` differ in length, the prior is not a positive distribution, or ``noise`` is
            outside ``(0, 1)``.
        """
        prior = np.asarray(prior, dtype=float)
        if prior.shape != (len(texts),) or not (prior > 0).all() or abs(prior.sum() - 1) > 1e-6:
            raise ValueError(f"prior: expected {len(texts)} positive probabilities that sum to 1, got {prior.shape}")
        if not 0 < noise < 1:
            raise ValueError(f"noise: expected a probability between 0 and 1, got {noise}; without noise use a table")
        channels = []
        for trait in TRAITS.values():
            signals, caught = np.unique([str(trait(text)) for text in texts], return_inverse=True)
            channels.append(noise / len(signals) + (1 - noise) * np.eye(len(signals))[caught])
        return cls(tuple(TRAITS), prior, tuple(channels))

    def with_prior(self, prior):
        """The same channels under another prior."""
        return Witnesses(self.names, np.asarray(prior, dtype=float), self.channels)

    def sample(self, size, rng=0):
        """Hidden tokens ``(size,)`` and what the witnesses caught of them, ``(N, size)``."""
        rng = generator(rng)
        tokens = rng.choice(len(self.prior), size, p=self.prior)
        edges = [channel.cumsum(axis=1) for channel in self.channels]
        caught = []
        for edge in edges:
            signals = np.empty(size, dtype=np.int64)
            draws = rng.random(size)
            order = np.argsort(tokens, kind="stable")
            for token, places in _runs(tokens, order):
                signals[places] = np.minimum(np.searchsorted(edge[token], draws[places]), edge.shape[1] - 1)
            caught.append(signals)
        return tokens, np.stack(caught)

    def reports(self, signals):
        """What each witness believes, log-probabilities ``(N, T, V)``: the exact posterior given its own signal."""
        joints = [self.prior * channel.T for channel in self.channels]
        tables = [np.log(joint / joint.sum(axis=1, keepdims=True)) for joint in joints]
        return np.stack([table[caught] for table, caught in zip(tables, signals, strict=True)])

    def posterior(self, signals):
        """What all signals together say, log-probabilities ``(T, V)``: Bayes' rule on the joint distribution."""
        joint = np.log(self.prior) + sum(np.log(c.T)[s] for c, s in zip(self.channels, signals, strict=True))
        return joint - np.logaddexp.reduce(joint, axis=-1)[:, None]


class CountedReports:
    r"""Witnesses who learned to report by counting, each on its own signal and the tokens behind it alone.

    :math:`\hat p_i(w \mid s) = (c(w, s) + d(s)\, \hat\pi_w) / (c(s) + d(s))` with ``d(s)`` the number of distinct
    tokens seen behind ``s``.

    Notes
    -----
    Source: Witten & Bell 1991.
    """

    def __init__(self, tokens, signals, vocabulary, alphabets):
        self.prior = smoothed(tokens, vocabulary)
        self.tables = []
        for caught, size in zip(signals, alphabets, strict=True):
            counts = np.bincount(caught * vocabulary + tokens, minlength=size * vocabulary).reshape(size, vocabulary)
            distinct = np.maximum((counts > 0).sum(axis=1, keepdims=True), 1)  # a signal never seen says the prior
            self.tables.append(
                np.log((counts + distinct * self.prior) / (counts.sum(axis=1, keepdims=True) + distinct))
            )

    def reports(self, signals):
        """What each witness believes, log-probabilities ``(N, T, V)``."""
        return np.stack([table[caught] for table, caught in zip(self.tables, signals, strict=True)])


def trial(witnesses, learned_from=(), size=1000, rng=0):
    """Perplexity of every rule on tokens that the witnesses heard of, one column for each kind of witness.

    Parameters
    ----------
    witnesses : Witnesses
    learned_from : sequence of int
        Sample sizes from which witnesses learn by counting; beside them stand witnesses who report exactly.
    size : int
        Tokens to test on.
    rng : Generator or int

    Returns
    -------
    pandas.DataFrame
    """
    rng = generator(rng)
    tokens, signals = witnesses.sample(size, rng)
    exact = perplexity(witnesses.posterior(signals)[np.arange(size), tokens])
    columns = {"exact": _scores(witnesses.reports(signals), tokens, witnesses.prior) | {"all signals": exact}}
    for count in learned_from:
        alphabets = [channel.shape[1] for channel in witnesses.channels]
        heard = CountedReports(*witnesses.sample(count, rng), len(witnesses.prior), alphabets)
        scores = _scores(heard.reports(signals), tokens, heard.prior)
        columns[f"{count:,} heard"] = scores | {"all signals": exact}
    return pd.DataFrame(columns)


def _scores(reports, tokens, prior):
    pooled = tempered_pools(reports, tokens, (1.0,))
    singles = [perplexity(row[0]) for row in pooled.singles]
    return {
        "best single": min(singles),
        "mixture": perplexity(pooled.mixture),
        "logarithmic pool": perplexity(pooled.log_pool),
        PRODUCT: perplexity(pooled.product),
        DIVIDED: perplexity(product_without_prior(reports, tokens, prior)),
    }


def _runs(values, order):
    """Each distinct value with the places where it stands."""
    ranked = values[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=-1))
    return zip(ranked[starts], np.split(order, starts[1:]), strict=True)

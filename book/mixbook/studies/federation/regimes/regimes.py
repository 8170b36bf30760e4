"""Where the product wins and where the mixture: pools of specialists by their confidence and by what they share."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from mixbook.studies.federation.regimes.tempered import CONFIDENCES, Pooled, by_voices, tempered_pools
from mixlib.federation.audit.disagreement import divergences, groups_of
from mixlib.federation.models.kneser_ney import KneserNey
from mixlib.federation.text.specialists import joined
from mixlib.federation.text.tokenizer import Stream

SHARES = (0.0, 0.05, 0.2, 0.4, 2 / 3)
POOLS = ("product", "logarithmic pool", "mixture")
RULES = (*POOLS, "best single", "worst single")


def exchanged(training, share):
    """Specialists' training streams after each has given ``share`` of its own away, in equal parts to the others.

    Nothing is read twice and nothing is left out, so the amount of text and the text as a whole stay the same. At
    ``1 - 1 / N`` every specialist has the same mix of domains.

    Raises
    ------
    ValueError
        If there are fewer than two streams or ``share`` is outside ``[0, 1 - 1 / N]``.
    """
    n = len(training)
    if n < 2 or not 0 <= share <= 1 - 1 / n + 1e-12:
        raise ValueError(f"training, share: expected two streams or more and a share of 0 to 1 - 1/N, got {n}, {share}")
    mixed = [[] for _ in training]
    for i, stream in enumerate(training):
        size = len(stream.tokens)
        kept = round((1 - share) * size)
        ends = np.concatenate([[0], np.linspace(kept, size, n).round().astype(int)])
        for j, (low, high) in enumerate(pairwise(ends)):
            if low < high:
                mixed[(i + j) % n].append(_part(stream, low, high))
    return tuple(joined(parts) for parts in mixed)


@dataclass(frozen=True)
class Regimes:
    """Scores of pools on the same mixed text, by seed, by share of foreign training text, and by confidence.

    Attributes
    ----------
    seeds, shares, confidences : tuple
    pooled : dict of (seed, share) to Pooled
    divergences : dict of (seed, share) to dict of tuple to array (T,)
        Jensen-Shannon divergence of every group of specialists, in nats.
    lengths : dict of seed to array
        Tokens of each document.
    """

    seeds: tuple
    shares: tuple
    confidences: tuple
    pooled: dict
    divergences: dict
    lengths: dict

    def losses(self, rule):
        """Mean log-loss ``(seeds, shares, confidences)`` in nats a token; ``rule`` is one of :data:`RULES`.

        Raises
        ------
        ValueError
            If there is no such rule.
        """
        if rule not in RULES:
            raise ValueError(f"rule: no {rule!r}; choose one of {', '.join(RULES)}")
        pick = {
            "product": lambda p: p.product.mean(-1),
            "logarithmic pool": lambda p: p.log_pool.mean(-1),
            "mixture": lambda p: p.mixture.mean(-1),
            "best single": lambda p: p.singles.mean(-1).max(0),
            "worst single": lambda p: p.singles.mean(-1).min(0),
        }[rule]
        return -np.array([[pick(self.pooled[seed, share]) for share in self.shares] for seed in self.seeds])

    def to_frame(self):
        """Perplexities, and the product's excess in nats split in two, means over seeds; rows (share, confidence)."""
        losses = {rule: self.losses(rule) for rule in RULES}
        columns = {rule: np.exp(loss).mean(axis=0).ravel() for rule, loss in losses.items()}
        columns["sharpening"] = (losses["product"] - losses["logarithmic pool"]).mean(axis=0).ravel()
        columns["disagreement"] = (losses["logarithmic pool"] - losses["mixture"]).mean(axis=0).ravel()
        index = pd.MultiIndex.from_product([self.shares, self.confidences], names=["foreign share", "confidence"])
        return pd.DataFrame(columns, index=index)

    def voices(self):
        """Mean log-loss over seeds by the number of voices counted, see :func:`by_voices`, a frame (m by share)."""
        curves = {
            share: sum(by_voices(self.pooled[seed, share], self.confidences) for seed in self.seeds) / len(self.seeds)
            for share in self.shares
        }
        return pd.DataFrame(curves)

    def tenths(self):
        """Tokens by how much the specialists disagree, in tenths, at confidence 1: a frame by (share, seed, tenth).

        Divergence and ``gain``, how far the mixture is ahead of the specialist that is best on those very tokens, and
        ``product``, the same of the product; means in nats a token.
        """
        plain, rows = self.confidences.index(1.0), {}
        for (seed, share), pooled in self.pooled.items():
            divergence = list(self.divergences[seed, share].values())[-1]  # of all specialists
            tenth = np.searchsorted(np.quantile(divergence, np.arange(1, 10) / 10), divergence)
            for number in range(10):
                here = tenth == number
                best = pooled.singles[:, plain][:, here].mean(axis=1).max()
                rows[share, seed, number + 1] = {
                    "divergence": divergence[here].mean(),
                    "gain": pooled.mixture[plain][here].mean() - best,
                    "product": pooled.product[plain][here].mean() - best,
                }
        return pd.DataFrame(rows).T.rename_axis(["share", "seed", "tenth"])

    def plot(self, axes):
        """Left, log of the product's perplexity over the mixture's, and where they are equal; right, the best rule.

        ``axes`` are two; rows are confidences and columns shares of foreign text. Means over seeds; returns ``axes``.
        """
        ratio = (self.losses("product") - self.losses("mixture")).mean(axis=0).T
        rivals = ("product", "logarithmic pool", "mixture", "best single")
        losses = np.stack([self.losses(rule).mean(axis=0).T for rule in rivals])
        winner = losses.argmin(axis=0)
        at = np.arange(len(self.shares)), np.arange(len(self.confidences))
        bound = np.abs(ratio).max()
        axes[0].pcolormesh(*at, ratio, cmap="RdBu_r", vmin=-bound, vmax=bound)
        if ratio.min() < 0 < ratio.max():
            axes[0].contour(*at, ratio, levels=[0], colors="black", linewidths=2)
        from matplotlib.colors import ListedColormap

        short = ("product", "log\npool", "mixture", "single")
        ink = axes[1].xaxis.label.get_color()
        axes[1].pcolormesh(*at, winner, cmap=ListedColormap(["C1", "C4", "C0", "C5"]), vmin=0, vmax=3, alpha=0.35)
        for (row, column), value in np.ndenumerate(ratio):
            dark = abs(value) > 0.6 * bound
            axes[0].text(column, row, f"{value:+.1f}", ha="center", va="center", color="white" if dark else "black")
            axes[1].text(column, row, short[winner[row, column]], ha="center", va="center", color=ink, fontsize=8)
        for ax in axes:
            ax.set_xticks(at[0], [f"{share:.0%}" for share in self.shares])
            ax.set_yticks(at[1], [f"{b:.2f}" for b in self.confidences])
            ax.grid(False)
            ax.set_xlabel("foreign text in training")
        axes[0].set_ylabel("confidence b")
        return axes


def survey(federations, shares=SHARES, confidences=CONFIDENCES, most=None):
    """Score every pool on the mixed text of each federation, for specialists that share more and more of their domains.

    Parameters
    ----------
    federations : dict of seed to Federation
    shares : sequence of float
        Shares of foreign text, see :func:`exchanged`; every share but 0 trains new specialists.
    confidences : sequence of float
        As for :func:`tempered_pools`.
    most : int, optional
        Tokens scored of each document; all by default.

    Returns
    -------
    Regimes

    Raises
    ------
    ValueError
        If there is no federation, ``most`` is below 1, or a share or multiplier is out of range.
    """
    if not federations or (most is not None and most < 1):
        raise ValueError(f"federations, most: expected at least one of each, got {len(federations)} and {most}")
    pooled, divergent, lengths = {}, {}, {}
    for seed, federation in federations.items():
        texts = [tokens[:most] for tokens in federation.test.documents()]
        lengths[seed] = np.array([len(tokens) for tokens in texts])
        for share in shares:
            specialists, key = with_foreign_text(federation, share), (seed, share)
            parts, apart = [], []
            for tokens in texts:
                rows = federation.log_probs(tokens, specialists=specialists)
                parts.append(tempered_pools(rows, tokens, confidences))
                apart.append(divergences(rows))
            names = ("singles", "product", "log_pool", "mixture")
            pooled[key] = Pooled(*(np.concatenate([getattr(p, name) for p in parts], axis=-1) for name in names))
            divergent[key] = dict(zip(groups_of(len(specialists)), np.concatenate(apart, axis=1), strict=True))
    return Regimes(tuple(federations), tuple(shares), tuple(confidences), pooled, divergent, lengths)


def with_foreign_text(federation, share):
    """The specialists of ``federation`` after an exchange of ``share`` of their training text."""
    if share == 0:
        return federation.specialists
    like = federation.specialists[0]
    streams = exchanged(federation.training, share)
    return tuple(KneserNey(like.vocabulary, like.order).fit(s.tokens, s.document_starts) for s in streams)


def _part(stream, low, high):
    inside = stream.document_starts[(stream.document_starts > low) & (stream.document_starts < high)]
    return Stream(stream.tokens[low:high], np.concatenate([[0], inside - low]))

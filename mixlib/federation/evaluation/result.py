"""The result of an evaluation over seeds: its tables, its figures, and what to use."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mixlib.federation.audit.trace import chained, write_trace
from mixlib.federation.combiners import COMBINERS
from mixlib.federation.evaluation.advice import advise
from mixlib.federation.evaluation.significance import compare
from mixlib.federation.pools import POOLS

__all__ = ["Evaluation"]

REFERENCES = "mixture", "mixture, fixed-share", "pooled data, one model"  # what every row is compared with

COMBINED = (
    "mixture",
    *(kind.row for kind in COMBINERS.values()),
    "pooled data, one model",
)  # what a user can choose from


@dataclass(frozen=True)
class Evaluation:
    """Evaluation of ways of pooling: perplexities, one value a seed, and the trace of the mixture.

    Attributes
    ----------
    seeds : tuple of int
        Each had its own split, specialists and text.
    perplexities : dict of str to list of float
        One list a row of the table, one value a seed.
    excess : dict of str to list of float
        Excess log-loss of the product over the mixture, in nats a token, split at the logarithmic pool into
        ``sharpening`` (product over logarithmic pool) and ``disagreement`` (logarithmic pool over mixture); the rows
        that end in ``, same domain`` are for specialists of disjoint shares of the pooled text.
    settings : dict
        Domains, tokens, documents and seconds of the run, and what validation text chose.
    log_probs : dict of str to list of array (T,)
        Log-probabilities of the test tokens behind each row, one array a seed.
    document_starts : list of array
        Where test documents begin, one array a seed.
    trace : list of dict
        One record a token and seed: position, target, joint, specialists, responsibilities, entropy, residual.

    Examples
    --------
    >>> from mixlib.federation import evaluate
    >>> result = evaluate({"sea": "sea", "land": "land"}, seeds=[0], vocabulary=300)  # folders of text
    >>> result.to_frame().loc[["best single", "mixture"], "mean"].round(1).to_dict()
    {'best single': 36.1, 'mixture': 4.9}
    >>> result.significance(rows=["product"]).round(2), result.excess_frame().shape, result.text_frame().shape
    (         difference   low  high    p
    product        0.31  0.23  0.37  0.0, (4, 3), (1, 9))
    >>> import matplotlib.pyplot as plt
    >>> _ = result.plot(plt.gca()), result.plot_significance(plt.subplots(1, 3)[1])
    >>> result.advice().use, sorted(result.to_dict())
    ('mixture, learned gate', ['advice', 'excess_log_loss', 'log_loss_differences', 'perplexity', 'seeds', 'settings'])
    >>> result.to_json("evaluation.json"), len(result.write_trace("trace.jsonl"))
    (None, 64)
    """

    seeds: tuple
    perplexities: dict
    excess: dict
    settings: dict
    log_probs: dict
    document_starts: list
    trace: list

    def to_frame(self):
        """Mean, sample standard deviation and per-seed perplexity of every row."""
        return _spread(self.perplexities, self.seeds)

    def excess_frame(self):
        """The split of the product's excess log-loss, in nats a token."""
        return _spread(self.excess, self.seeds)

    def significance(self, reference="mixture", rows=None, resamples=10_000):
        """Rows against ``reference``: difference in log-loss, interval and p-value, as :func:`compare` gives them.

        All rows by default, best first; or ``rows`` in their order, the reference left out.
        """
        frame = compare(self.log_probs, self.document_starts, reference, resamples=resamples)
        return frame.sort_values("difference") if rows is None else frame.loc[[r for r in rows if r != reference]]

    def plot_significance(self, axes, rows=COMBINED):
        """Differences of ``rows`` with their intervals, a panel for each reference; returns ``axes``."""
        for ax, reference in zip(axes, REFERENCES, strict=True):
            frame = self.significance(reference).reindex(rows)
            ends = np.abs(frame[["low", "high"]].sub(frame["difference"], axis=0)).to_numpy().T
            ax.errorbar(frame["difference"], range(len(rows)), xerr=ends, fmt="o", markersize=4, capsize=3)
            ax.axvline(0, color=ax.xaxis.label.get_color(), linewidth=1)
            short = reference.removeprefix("mixture, ").removesuffix(", one model")
            ax.set_title(f"against {short}", fontsize="small")
            ax.set_yticks(range(len(rows)), rows if ax is axes[0] else [""] * len(rows))
            ax.set_ylim(len(rows) - 0.5, -0.5)
            ax.set_xlabel("nats a token")
        return axes

    def text_frame(self):
        """The text behind the numbers, one row a seed: tokens, documents, and near-duplicates dropped."""
        runs = pd.DataFrame(self.settings["runs"]).set_index("seed")
        runs["training_tokens"] = [sum(tokens.values()) for tokens in runs["training_tokens"]]
        return runs.rename(columns=lambda name: name.replace("_", " "))

    def to_dict(self):
        """All but the trace and single tokens, ready for JSON."""
        return {
            "settings": self.settings | {"trace_seal": self.seal},
            "seeds": list(self.seeds),
            "perplexity": _summary(self.perplexities),
            "excess_log_loss": _summary(self.excess),
            "log_loss_differences": {r: self.significance(r).to_dict(orient="index") for r in REFERENCES},
            "advice": self.advice().to_dict(),
        }

    def to_json(self, path):
        """Write :meth:`to_dict` to ``path``."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.to_dict(), file, indent=2)
            file.write("\n")

    @cached_property
    def seal(self):
        """Of the trace, however it is written: published elsewhere, it shows later that no line is missing."""
        seal = ""
        for record in self.trace:
            seal = chained(seal, record)
        return seal

    def write_trace(self, path):
        """Write the trace to ``path`` and return its seal, as :func:`mixlib.federation.write_trace`."""
        return write_trace(path, self.trace)

    def advice(self):
        """What to use, from a paired bootstrap over documents within seeds: see :func:`mixlib.federation.advise`."""
        return advise({name: self.log_probs[name] for name in self.log_probs if _choice(name)}, self.document_starts)

    def plot(self, ax):
        """Mean perplexity and its spread over seeds, best first, on a logarithmic axis; returns ``ax``."""
        frame = self.to_frame().drop(index=["best single", "worst single"]).sort_values("mean")
        ink = ax.xaxis.label.get_color()
        for row, (name, mean, sd) in enumerate(frame[["mean", "sd"]].itertuples()):
            colour = "C1" if name.startswith("pooled") else "C2" if name == "true-domain specialist" else "C0"
            ax.errorbar(mean, row, xerr=None if np.isnan(sd) else sd, fmt="o", color=colour, capsize=3)
            ax.annotate(f"{mean:,.0f}", (mean, row), xytext=(0, 6), textcoords="offset points", ha="center", color=ink)
        ax.set_yticks(range(len(frame)), frame.index)
        ax.set_ylim(len(frame) - 0.5, -0.8)
        ax.set_xscale("log")
        ax.set_xlabel("perplexity on mixed text (lower is better)")
        return ax


def _choice(name):
    """Whether a row is something that the owner of the specialists can use: one of them, or a way to combine them."""
    return name.endswith(" alone") or name in POOLS or (name in COMBINED and not name.startswith("pooled data"))


def _summary(rows):
    return {
        name: {"mean": float(np.mean(v)), "sd": _deviation(v), "per_seed": [float(x) for x in v]}
        for name, v in rows.items()
    }


def _deviation(values):
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _spread(rows, seeds):
    frame = pd.DataFrame(rows, index=[f"seed {s}" for s in seeds]).T
    return pd.concat([pd.DataFrame({"mean": frame.mean(axis=1), "sd": frame.std(axis=1)}), frame], axis=1)

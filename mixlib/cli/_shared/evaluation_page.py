"""The page of ``mixlib evaluate --report``: which combiner to use, and what that rests on."""

import numpy as np
import pandas as pd

from mixlib.cli._shared.environment import environment
from mixlib.web import page as web

NORMAL = 1.96  # standard errors from the middle of a normal distribution to the end of its 95% interval
MOST_ROWS = 30  # of a figure


def trained_page(result):
    """The page of an :class:`Evaluation` over seeds."""
    frame = result.to_frame()
    parts = [web.answer(_sentence(result.advice().sentence)), web.heading("What was compared")]
    runs, domains = result.settings["runs"], result.settings["domains"]
    parts.append(
        web.paragraph(
            f"A specialist for each of {len(domains)} domains ({', '.join(domains)}), trained on that domain's text "
            f"alone, and every way to combine them, on {sum(run['test_tokens'] for run in runs):,} tokens of held-out "
            f"text in {sum(run['test_documents'] for run in runs)} documents, over {len(runs)} "
            f"seed{'s' * (len(runs) > 1)}. Perplexity is the number of equally likely tokens that would be as hard to "
            "foresee; lower is better."
        )
    )
    parts.append(_plot(frame["mean"], _seed_error(frame), "standard deviation over seeds"))
    parts.append(web.table(frame, caption="Perplexity on held-out mixed text", digits=1))
    parts += _differences(result.log_probs, result.document_starts, "mixture")
    parts += [web.heading("Disagreement"), web.paragraph(EXCESS)]
    parts.append(
        web.table(result.excess_frame(), caption="Excess of the product over the mixture, nats a token", digits=3)
    )
    of = [record["domain"] for record in result.trace]
    parts += _per_domain(result.log_probs, result.document_starts, _domains_of(result, of))
    plain = {name: value for name, value in result.settings.items() if name not in ("runs", "domains")}
    chosen = {name: value for name, value in runs[0].items() if isinstance(value, float)}
    parts += _settings({"domains": ", ".join(domains), **plain, **{f"{n} (first seed)": v for n, v in chosen.items()}})
    return web.page("Which combiner to use", parts)


def given_page(scores, record):
    """The page of :class:`TextScores` of given specialists, with the command's own record."""
    frame = scores.to_frame()
    parts = [web.answer(_sentence(record["advice"]["sentence"])), web.heading("What was compared")]
    kinds = ", ".join(f"{name} ({about['kind']})" for name, about in record["settings"]["specialists"].items())
    parts.append(
        web.paragraph(
            f"{len(scores.names)} specialists, {kinds}, and every way to combine them, on {scores.tokens:,} tokens in "
            f"{scores.documents:,} document{'s' * (scores.documents > 1)}. Perplexity is the number of equally likely "
            "tokens that would be as hard to foresee; lower is better."
        )
    )
    if bounds := record.get("mixture_bounds"):
        parts.append(web.paragraph(bounded(bounds)))
    errors = frame.get("standard error")
    parts.append(_plot(frame["perplexity"], errors, "95% interval, of documents drawn with replacement", NORMAL))
    shown = frame.copy()
    if errors is not None:
        shown["from"], shown["to"] = (frame["perplexity"] + side * NORMAL * errors for side in (-1, 1))
        parts.append(web.table(shown, caption="Perplexity, its standard error and 95% interval", digits=2))
    else:
        parts.append(web.table(shown, caption="Perplexity of one document, which gives no interval", digits=2))
    rows = {name: [row] for name, row in scores.log_probs.items()}
    if scores.documents > 1:
        parts += _differences(rows, [scores.document_starts], "mixture")
    parts += [web.heading("Disagreement"), web.paragraph(EXCESS)]
    parts.append(web.table(_excess(scores.perplexities), caption="Excess of the product over the mixture", digits=3))
    parts += _per_document(scores) if scores.documents > 1 else []
    plain = {name: value for name, value in record["settings"].items() if name != "specialists"}
    where = {f"specialist {name}": about["path"] for name, about in record["settings"]["specialists"].items()}
    parts += _settings(where | plain)
    return web.page("Which combiner to use", parts)


def bounded(bounds):
    """What is known of a mixture of which some specialists sent only their top k."""
    return (
        "Some specialists are served and send only their most probable tokens. The perplexity of the mixture lies "
        f"between {bounds[0]:,.2f} and {bounds[1]:,.2f}; all values here are at the estimate that spreads what was not "
        "sent in equal parts."
    )


EXCESS = (
    "The product of experts loses against the mixture where specialists disagree. The excess splits at the logarithmic "
    "pool: sharpening is what counting the specialists' evidence several times costs, disagreement what one specialist "
    "costs that excludes what another knows."
)


def _sentence(text):
    return text[:1].upper() + text[1:] + "."


def _seed_error(frame):
    return None if frame["sd"].isna().all() else frame["sd"]


def _plot(means, errors, what, times=1.0):
    """Perplexity of every row, best first, with whiskers."""
    finite = means[np.isfinite(means)].drop(index=["best single", "worst single"], errors="ignore")
    best = finite.sort_values().iloc[:MOST_ROWS]

    def draw(ax):
        for row, (name, mean) in enumerate(best.items()):
            error = None if errors is None or not np.isfinite(errors[name]) else times * errors[name]
            if error is not None:
                error = [[min(error, 0.99 * mean)], [error]]  # nothing is below 0 on this axis
            alone = str(name).endswith(" alone")
            ax.errorbar(mean, row, xerr=error, fmt="s" if alone else "o", color="C1" if alone else "C0", capsize=3)
        ax.set_yticks(range(len(best)), [_plain(name) for name in best.index])
        ax.set_ylim(len(best) - 0.5, -0.5)
        ax.set_xscale("log")
        ax.set_xlabel("perplexity (lower is better)")
        ax.grid(axis="x")

    low, high = best.index[0], best.index[-1]
    return web.figure(
        draw,
        alt=f"Perplexity of {len(best)} rows on a logarithmic axis, from {best.iloc[0]:,.1f} ({low}) to "
        f"{best.iloc[-1]:,.1f} ({high}).",
        caption=f"Perplexity of every specialist (squares) and every way to combine them (dots), best first"
        f"{'; bars: ' + what if errors is not None else ''}",
        size=(7, 1 + 0.26 * len(best)),
    )


def _plain(name):
    """A name for matplotlib, which reads formulas between dollar signs and breaks lines."""
    return " ".join(str(name).split()).replace("$", r"\$")


def _differences(log_probs, starts, reference):
    from mixlib.federation import compare

    finite = {n: values for n, values in log_probs.items() if all(np.isfinite(v).all() for v in values)}
    if reference not in finite or len(finite) < 2 or min(map(len, starts)) < 2:
        return []
    found = compare(finite, starts, reference).sort_values("difference")
    note = (
        f"Difference in log-loss to the {reference} of equal weights, in nats a token, below 0 better; 95% interval "
        "and p from whole documents drawn with replacement, both rows on the same draws."
    )
    heading = web.heading("Are the differences real?")
    return [heading, web.paragraph(note), web.table(found, caption=f"Against the {reference}", digits=3)]


def _excess(perplexities):
    loss = {name: np.log(perplexities[name]) for name in ("product", "logarithmic pool", "mixture")}
    split = {
        "sharpening": loss["product"] - loss["logarithmic pool"],
        "disagreement": loss["logarithmic pool"] - loss["mixture"],
    }
    return pd.DataFrame({"nats a token": split})


def _domains_of(result, of):
    """The domain of every test document of every seed, from the trace, which has one record a token."""
    domains, at = [], 0
    for starts, rows in zip(result.document_starts, result.log_probs["mixture"], strict=True):
        domains.append([of[at + start] for start in starts])
        at += len(rows)
    return domains


def _per_domain(log_probs, starts, domains):
    """Perplexity of every row on the documents of each domain, over all seeds."""
    names = sorted({name for of_seed in domains for name in of_seed})
    columns = {}
    for domain in names:
        masks = [
            np.repeat([name == domain for name in of], np.diff(begin, append=len(row)))
            for of, begin, row in zip(domains, starts, log_probs["mixture"], strict=True)
        ]
        columns[domain] = {
            row: float(np.exp(-np.concatenate([v[m] for v, m in zip(values, masks, strict=True)]).mean()))
            for row, values in log_probs.items()
        }
    table = web.table(
        pd.DataFrame(columns), caption="Perplexity by the domain of the document, over all seeds", digits=1
    )
    return [web.heading("By domain"), table]


def _per_document(scores):
    """Which specialist is the best in each document, and what the mixture makes of it."""
    ends = [*scores.document_starts[1:], scores.tokens]
    spans = list(zip(scores.document_starts.tolist(), map(int, ends), strict=True))[:100]
    rows = [f"{name} alone" for name in scores.names] + ["mixture", "mixture, fixed-share"]
    values = {row: [float(np.exp(-scores.log_probs[row][a:b].mean())) for a, b in spans] for row in rows}
    frame = pd.DataFrame({"tokens": [b - a for a, b in spans]} | values)
    frame.index = [f"document {number}" for number in range(1, len(spans) + 1)]
    more = f", the first {len(spans)} of {scores.documents:,}" if scores.documents > len(spans) else ""
    return [web.heading("By document"), web.table(frame, caption=f"Perplexity by document{more}", digits=1)]


def _settings(values):
    shown = {
        name.replace("_", " "): ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in values.items()
        if value is not None
    }
    parts = [web.heading("Settings"), web.settings(shown), web.heading("Environment"), web.settings(environment())]
    return [*parts, web.foot("Made by mixlib evaluate. This page is one file; it loads nothing.")]

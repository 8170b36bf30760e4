"""The page of ``mixlib evaluate --report``: which combiner to use, and what that rests on."""

import inspect
import re

import numpy as np
import pandas as pd

from mixlib.cli._shared.environment import environment
from mixlib.federation.evaluation.significance import NORMAL, compare, perplexity_errors
from mixlib.web import page as web

MOST_ROWS = 30  # of a figure


def trained_page(result):
    """The page of an :class:`Evaluation` over seeds."""
    frame, advice = result.to_frame(), result.advice()
    parts = [_answer(advice, result.log_probs, result.document_starts), web.heading("What was compared")]
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
    shown = _with_intervals(frame, "mean", result.log_probs, result.document_starts)
    parts.append(_plot(shown, "mean"))
    parts.append(web.table(shown, caption="Perplexity on held-out mixed text, and its 95% interval", digits=1))
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
    rows, starts = {name: [row] for name, row in scores.log_probs.items()}, [scores.document_starts]
    parts = [_answer(scores.advice(), rows, starts), web.heading("What was compared")]
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
    shown = _with_intervals(pd.DataFrame({"perplexity": scores.perplexities}), "perplexity", rows, starts)
    parts.append(_plot(shown, "perplexity"))
    of = "Perplexity, and its 95% interval" if "to" in shown else "Perplexity of one document, which has no interval"
    parts.append(web.table(shown, caption=of, digits=2))
    parts += _differences(rows, starts, "mixture")
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


def _answer(advice, log_probs, starts):
    """What to use, how much it gains on the plain mixture, and what it is."""
    said = [_sentence(advice.sentence)]
    gain = _compared(log_probs, starts, "mixture")
    if gain is not None and advice.use in gain.index:
        row = gain.loc[advice.use]
        said.append(
            f"Against the mixture of equal weights its log-loss differs by {web.shown(row['difference'], 3)} nats a "
            f"token (95% interval {web.shown(row['low'], 3)} to {web.shown(row['high'], 3)}; below 0 is better)."
        )
    if about := _about(advice.use):
        said.append(f"What it is: {about}")
    return web.answer(*said)


def _about(row):
    """The first line of what a way to combine says of itself."""
    from mixlib.federation.combiners import COMBINERS
    from mixlib.federation.pools import POOLS

    kinds = POOLS | {kind.row: kind for kind in COMBINERS.values()}
    line = (inspect.getdoc(kinds[row]) or "").partition("\n")[0] if row in kinds else ""
    return re.sub(r":\w+:`~?([^`]*)`", lambda role: role[1].replace("\\log", "log"), line)


def _with_intervals(frame, column, log_probs, starts):
    """With the ends of the 95% interval: whole documents, and whole seeds, drawn with replacement."""
    if min(map(len, starts)) < 2:
        return frame
    errors = perplexity_errors(log_probs, starts)
    same = {frame[column][name]: name for name in errors if name in frame.index}  # best and worst single are rows too
    relative = {name: errors[same[v]] / v if v in same else np.nan for name, v in frame[column].items()}
    sides = {"from": -NORMAL, "to": NORMAL}
    ends = {end: frame[column] * np.exp(side * pd.Series(relative)) for end, side in sides.items()}
    return pd.concat([frame[[column]], pd.DataFrame(ends), frame.drop(columns=column)], axis=1)


def _plot(frame, column):
    """Perplexity of every row, best first, with its interval."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    finite = frame[np.isfinite(frame[column])].drop(index=["best single", "worst single"], errors="ignore")
    best = finite.sort_values(column).iloc[:MOST_ROWS]
    ends = {"from", "to"} <= {*best.columns}

    def draw(ax):
        for row, (name, values) in enumerate(best.iterrows()):
            mean = values[column]
            error = [[mean - values["from"]], [values["to"] - mean]] if ends and np.isfinite(values["to"]) else None
            alone = str(name).endswith(" alone")
            ax.errorbar(mean, row, xerr=error, fmt="s" if alone else "o", color="C1" if alone else "C0", capsize=3)
        ax.set_yticks(range(len(best)), [" ".join(str(name).split()) for name in best.index])
        ax.set_ylim(len(best) - 0.5, -0.5)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("perplexity (lower is better)")
        ax.grid(axis="x")

    if best.empty:
        return web.paragraph("Every row excludes a token that came: all perplexities are infinite.")
    low, high = best.index[0], best.index[-1]
    return web.figure(
        draw,
        alt=f"Perplexity of {len(best)} rows on a logarithmic axis, from {best[column].iloc[0]:,.1f} ({low}) to "
        f"{best[column].iloc[-1]:,.1f} ({high}).",
        caption="Perplexity of every specialist (squares) and every way to combine them (dots), best first"
        + ("; bars: 95% interval, of whole documents drawn with replacement" if ends else ""),
        size=(7, 1 + 0.26 * len(best)),
    )


def _compared(log_probs, starts, reference):
    """Every row against ``reference``, best first; None where a bootstrap has nothing to draw."""
    finite = {n: values for n, values in log_probs.items() if all(np.isfinite(v).all() for v in values)}
    if reference not in finite or len(finite) < 2 or min(map(len, starts)) < 2:
        return None
    return compare(finite, starts, reference).sort_values("difference")


def _differences(log_probs, starts, reference):
    found = _compared(log_probs, starts, reference)
    if found is None:
        return []
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


def _written(value):
    return f"{value:.4g}" if isinstance(value, float) else value


def _settings(values):
    shown = {
        name.replace("_", " "): ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else _written(value)
        for name, value in values.items()
        if value is not None
    }
    parts = [web.heading("Settings"), web.settings(shown), web.heading("Environment"), web.settings(environment())]
    return [*parts, web.foot("Made by mixlib evaluate. This page is one file; it loads nothing.")]

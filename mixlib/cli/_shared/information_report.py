"""The report of ``mixlib o-information``: what was found, the landscape of all subsets, and the settings."""

import re
import warnings

import numpy as np
import pandas as pd

from mixlib import __version__
from mixlib.cli._shared import signs
from mixlib.information import o_information_sweep, plot_landscape
from mixlib.web import page as web

MOST = 2**21  # subsets, up to which a sweep is done again to keep all of them for the landscape
PATIENCE = 5.0  # seconds that this may take
NAMED = 3  # subsets of either sign in the picture
MOST_BARS = 40
COLUMNS = {
    "variables": "Variables",
    "omega": "Ω",
    "standard_error": "±",
    "certain": "≠ 0",
    "tc": "TC",
    "dtc": "DTC",
    "p_value": "p",
    "q_value": "q",
}
SMALL = {"p": ".2g", "q": ".2g"}
DIGITS = dict.fromkeys(("Ω", "±", "TC", "DTC", "Value", "Bias", "Mean", "SD", "Lowest", "Highest", "∂Ω"), 4)


def write_report(path, frame, result, *, data, top, settings, remarks):
    """Write the page.

    Parameters
    ----------
    path : str
    frame : pandas DataFrame (T, N)
        What was measured.
    result : Sweep or Information
    data : str
        What to call the table.
    top : int
        Of a sweep, how many subsets of either sign are listed.
    settings : dict
        Options that the result depends on.
    remarks : list of str
        What was assumed, and what was left out.
    """
    sweep = hasattr(result, "search")
    parts = _of_sweep(frame, result, top, settings) if sweep else _of_one(frame, result)
    facts = {"Data": data, "Samples": f"{len(frame):,}", "Variables": list(map(str, frame.columns))}
    facts |= {"Estimator": result.estimator, "Units": result.units}
    if sweep:
        facts |= {"Orders": "{} to {}".format(*result.orders), "Search": result.search}
        facts |= {"Subsets": f"{result.n_subsets:,}", "Standard errors": settings["error"] or "none"}
    else:
        facts |= {"Standard errors": result.error_method}
    facts |= {"Shuffles": settings["null"], "Seed": settings["rng"]}
    facts |= {name: settings[name] for name in ("bins", "k") if name in settings}
    parts += [web.heading("Settings"), web.settings(facts)]
    for remark in [*remarks, *filter(None, [result.note])]:
        parts.append(web.paragraph(remark[:1].upper() + remark[1:] + ("" if remark.endswith(".") else ".")))
    parts.append(web.foot(f"Made by mixlib o-information {__version__}. This page is one file; it loads nothing."))
    web.write_page(path, web.page(f"O-information of {data}", parts))


def _of_sweep(frame, sweep, top, settings):
    lowest, highest = sweep.orders
    sizes = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
    found = "were looked at" if sweep.search == "exhaustive" else f"were measured by a {sweep.search} search"
    sides = {"synergistic": sweep.synergistic(top), "redundant": sweep.redundant(top)}
    every = _everything(frame, sweep, settings)
    parts = [
        web.paragraph(
            f"{sweep.n_subsets:,} subsets of {sizes} among {frame.shape[1]} variables {found}, in {len(frame):,} "
            "samples. Ω above zero: the variables share information redundantly. Ω below zero: synergistically."
        ),
        *([web.answer(said.replace("Omega", "Ω"))] if (said := signs.of_all(sweep, sides)) else []),
        web.heading("Landscape"),
        web.figure(
            lambda ax: plot_landscape(sweep, ax, count=NAMED, every=every),
            alt=_in_words(sweep),
            caption=_caption(sweep, every),
            size=(7.5, 4.8),
        ),
    ]
    for side, best in sides.items():
        parts.append(web.heading(signs.of_best(side, best).replace("Omega", "Ω")))
        if best.empty:
            continue
        table = best[[name for name in COLUMNS if name in best]].reset_index(drop=True)
        if "certain" in table:
            table["certain"] = np.where(table["certain"], "yes", "no")
        caption = f"The {len(table)} subsets of {'lowest' if side == 'synergistic' else 'highest'} Ω, in {sweep.units}"
        parts.append(web.table(table.rename(columns=COLUMNS), caption=caption, digits=DIGITS | SMALL))
    if sweep.search == "exhaustive":
        rows = sweep.by_order().reset_index()
        rows.columns = ["Size", "Subsets", "Synergistic", "Mean", "SD", "Lowest", "Highest"]
        caption = f"Ω of all subsets, in {sweep.units}"
        digits = DIGITS | {"Synergistic": ".1%"}
        parts += [web.heading("All subsets by size"), web.table(rows, caption=caption, digits=digits)]
    return parts


def _of_one(frame, result):
    names = {"tc": "Total correlation", "dtc": "Dual total correlation", "omega": "O-information"}
    names |= {"s_information": "S-information"}
    rows = pd.DataFrame(
        {
            "Measure": list(names.values()),
            "Value": [float(getattr(result, name)) for name in names],
            "±": [result.errors.get(name, np.nan) for name in names],
            "Bias": [result.bias.get(name, np.nan) for name in names],
        }
    )
    parts = [
        web.paragraph(
            f"{len(frame):,} samples of {frame.shape[1]} variables: Ω is {web.shown(float(result.omega), 4)} "
            f"{result.units}, {signs.of_one(result)}."
        ),
        web.heading("Measures"),
        web.table(rows, caption=f"Of all variables together, in {result.units}", digits=DIGITS),
    ]
    if result.p_value is not None:
        parts.append(web.paragraph(f"Variables without any dependence give such an Ω with p = {result.p_value:.3g}."))
    parts.append(web.heading("What each variable adds"))
    gradient = pd.DataFrame({"Variable": list(map(str, frame.columns)), "∂Ω": result.gradient})
    gradient = gradient.sort_values("∂Ω", kind="stable", ignore_index=True)
    if len(gradient) <= MOST_BARS:
        parts.append(
            web.figure(
                lambda ax: _bars(ax, gradient, result.units),
                alt=f"A bar for each variable, from {gradient['Variable'].iloc[0]} ({gradient['∂Ω'].iloc[0]:.3f}) to "
                f"{gradient['Variable'].iloc[-1]} ({gradient['∂Ω'].iloc[-1]:.3f}).",
                caption="By how much Ω is higher with a variable than without it: above zero it adds redundancy, below "
                "synergy.",
                size=(7.5, 1.0 + 0.28 * len(gradient)),
            )
        )
    caption = f"Ω with the variable less Ω without it, in {result.units}"
    return [*parts, web.table(gradient, caption=caption, digits=DIGITS)]


def _everything(frame, sweep, settings):
    """The sweep with all of its subsets kept, if that is quickly done."""
    from mixlib.information.sweeps.duration import expected_seconds

    if sweep.search != "exhaustive" or sweep.n_subsets > MOST:
        return None
    options = {name: settings[name] for name in ("bins", "k", "rng") if name in settings}
    options |= {"orders": sweep.orders, "estimator": sweep.estimator}
    if expected_seconds(frame, **options)[0] > PATIENCE:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said before
        return o_information_sweep(frame, units=sweep.units, progress=False, **options)


def _in_words(sweep):
    said = ["O-information of the subsets, a column for each of their sizes."]
    for best, what in ((sweep.synergistic(1), "lowest"), (sweep.redundant(1), "highest")):
        for names, omega in zip(best["variables"], best["omega"], strict=True):
            known = "" if "certain" not in best or best["certain"].all() else ", not distinguishable from zero"
            said.append(f"The {what} is {', '.join(map(str, names))} with {omega:.3f} {sweep.units}{known}.")
    return " ".join(said)


def _caption(sweep, every):
    named = " Those named are distinguishable from zero." if sweep.standard_error is not None else ""
    if every is not None:
        return (
            "A column for each size. Its width is the logarithm of the number of subsets of that Ω; blue is redundant, "
            "orange synergistic. The line goes from the lowest to the highest." + named
        )
    if sweep.search == "exhaustive":
        return f"A column for each size: mean and standard deviation of Ω, and a line from lowest to highest.{named}"
    return f"The subsets that the search found, by size.{named}"


def _bars(ax, gradient, units):
    values = gradient["∂Ω"].to_numpy()
    ax.barh(range(len(values)), values, color=["C0" if value > 0 else "C1" for value in values])
    names = [re.sub(r"\s", " ", web.plain(name)) for name in gradient["Variable"]]
    ax.set_yticks(range(len(values)), [name if len(name) <= 24 else name[:23] + "…" for name in names])
    ax.axvline(0, color=ax.xaxis.label.get_color(), linewidth=0.8)
    ax.set_xlabel(f"what it adds to the O-information ({units})")

"""The report of ``mixlib o-information``: what was found, the landscape of all subsets, and the settings."""

import re
import warnings

import numpy as np
import pandas as pd

from mixlib.cli._shared.report import Report
from mixlib.web.page import plain

MOST = 2**21  # subsets, up to which a sweep is done again to keep all of them for the landscape
PATIENCE = 5.0  # seconds that this may take
NAMED = 3  # subsets of either sign in the picture
MOST_BARS = 40
COLUMNS = {
    "variables": "Variables",
    "omega": "Ω",
    "standard_error": "±",
    "tc": "TC",
    "dtc": "DTC",
    "p_value": "p",
    "q_value": "q",
}
DIGITS = dict.fromkeys(("Ω", "±", "TC", "DTC", "Value", "Bias", "Mean", "SD", "Lowest", "Highest", "∂Ω"), ".4f")


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
    report = (_of_sweep if sweep else _of_one)(frame, result, data, top, settings)
    report.section("Settings")
    facts = {"Data": data, "Samples": len(frame), "Variables": list(map(str, frame.columns))}
    facts |= {"Estimator": result.estimator, "Units": result.units}
    if sweep:
        facts |= {"Orders": "{} to {}".format(*result.orders), "Search": result.search, "Subsets": result.n_subsets}
        facts |= {"Standard errors": settings["error"] or "none"}
    else:
        facts |= {"Standard errors": result.error_method}
    facts |= {"Shuffles": settings["null"], "Seed": settings["rng"]}
    facts |= {name: settings[name] for name in ("bins", "k") if name in settings}
    report.facts(facts)
    for remark in [*remarks, *filter(None, [result.note])]:
        report.text(remark[:1].upper() + remark[1:] + ("" if remark.endswith(".") else "."))
    report.write(path)


def _of_sweep(frame, sweep, data, top, settings):
    lowest, highest = sweep.orders
    sizes = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
    found = "were looked at" if sweep.search == "exhaustive" else f"were measured by a {sweep.search} search"
    report = Report(
        f"O-information of {data}",
        f"{sweep.n_subsets:,} subsets of {sizes} among {frame.shape[1]} variables {found}, in {len(frame):,} samples. "
        "Ω above zero: the variables share information redundantly. Ω below zero: synergistically.",
    )
    report.section("Landscape")
    every = _everything(frame, sweep, settings)
    report.figure(
        lambda figure: _landscape(figure, sweep, every),
        alt=_in_words(sweep),
        caption=_caption(sweep, every),
        size=(8.0, 4.8),
    )
    for title, best in (("synergistic", sweep.synergistic(top)), ("redundant", sweep.redundant(top))):
        report.section(f"Most {title}")
        if best.empty:
            report.text(f"No subset is {title}.")
            continue
        table = best[[name for name in COLUMNS if name in best]].rename(columns=COLUMNS)
        formats = DIGITS | {"p": ".2g", "q": ".2g"}
        report.table(table, caption=f"The {len(table)} most {title} subsets, in {sweep.units}", formats=formats)
    if sweep.search == "exhaustive":
        report.section("All subsets by size")
        rows = sweep.by_order().reset_index()
        rows.columns = ["Size", "Subsets", "Synergistic", "Mean", "SD", "Lowest", "Highest"]
        report.table(rows, caption=f"Ω of all subsets, in {sweep.units}", formats=DIGITS | {"Synergistic": ".1%"})
    return report


def _balance(result, variables):
    """What the sign of Ω says, if it says something."""
    if variables == 2:
        return "as of any two variables"
    if abs(result.omega) <= 2 * result.standard_error:  # false where there is no error
        return "less than two standard errors from zero"
    return ("redundant" if result.omega > 0 else "synergistic") + " on balance"


def _of_one(frame, result, data, top, settings):
    report = Report(
        f"O-information of {data}",
        f"{len(frame):,} samples of {frame.shape[1]} variables: Ω is {result.omega:.4f} {result.units}, "
        f"{_balance(result, frame.shape[1])}.",
    )
    report.section("Measures")
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
    report.table(rows, caption=f"Of all variables together, in {result.units}", formats=DIGITS)
    if result.p_value is not None:
        report.text(f"Variables without any dependence give such an Ω with p = {result.p_value:.3g}.")
    report.section("What each variable adds")
    gradient = pd.DataFrame({"Variable": list(map(str, frame.columns)), "∂Ω": result.gradient})
    gradient = gradient.sort_values("∂Ω", kind="stable", ignore_index=True)
    if len(gradient) <= MOST_BARS:
        report.figure(
            lambda figure: _bars(figure, gradient, result.units),
            alt=f"A bar for each variable, from {gradient['Variable'].iloc[0]} ({gradient['∂Ω'].iloc[0]:.3f}) to "
            f"{gradient['Variable'].iloc[-1]} ({gradient['∂Ω'].iloc[-1]:.3f}).",
            caption="By how much Ω is higher with a variable than without it: above zero it adds redundancy, below "
            "synergy.",
            size=(8.0, 1.0 + 0.28 * len(gradient)),
        )
    report.table(gradient, caption=f"Ω with the variable less Ω without it, in {result.units}", formats=DIGITS)
    return report


def _everything(frame, sweep, settings):
    """The sweep with all of its subsets kept, if that is quickly done."""
    from mixlib.information import o_information_sweep
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


def _landscape(figure, sweep, every):
    from mixlib.information import plot_landscape

    plot_landscape(sweep, figure.subplots(), count=NAMED, every=every)


def _in_words(sweep):
    ends = []
    for frame, what in ((sweep.synergistic(1), "most synergistic"), (sweep.redundant(1), "most redundant")):
        for names, omega in zip(frame["variables"], frame["omega"], strict=True):
            ends.append(f"The {what} is {', '.join(map(str, names))} with {omega:.3f} {sweep.units}.")
    return " ".join(["O-information of the subsets, a column for each of their sizes.", *ends])


def _caption(sweep, every):
    if every is not None:
        return (
            "A column for each size. Its width is the logarithm of the number of subsets of that Ω; blue is redundant, "
            "orange synergistic. The line goes from the lowest to the highest."
        )
    if sweep.search == "exhaustive":
        return "A column for each size: mean and standard deviation of Ω, and a line from the lowest to the highest."
    return "The subsets that the search found, by size."


def _bars(figure, gradient, units):
    ax = figure.subplots()
    values = gradient["∂Ω"].to_numpy()
    ax.barh(range(len(values)), values, color=["C0" if value > 0 else "C1" for value in values])
    names = [re.sub(r"\s", " ", plain(name)) for name in gradient["Variable"]]
    ax.set_yticks(range(len(values)), [name if len(name) <= 24 else name[:23] + "…" for name in names])
    ax.axvline(0, color=ax.xaxis.label.get_color(), linewidth=0.8)
    ax.set_xlabel(f"what it adds to the O-information ({units})")

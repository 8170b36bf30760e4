"""The colours of figures and pages in both themes, and the settings of matplotlib."""

from pathlib import Path

from cycler import cycler

# Every colour has a contrast of at least 3:1 on its page; each cycle is told apart by its lightness as well as its hue.
PALETTE = {
    "light": {
        "page": "#fdfcfa",
        "ink": "#1d2430",
        "faint": "#d5dae1",
        "cycle": ("#0f5fa8", "#c8500b", "#0b7f65", "#8d3b8f", "#9a7200", "#55606e"),
        "synergy": "#c8500b",
        "redundancy": "#0f5fa8",
        "neutral": "#55606e",
        "accent": "#8d3b8f",
        "muted": "#7c8694",
        "holds": "#0b7f65",
        "corrected": "#9a7200",
        "fails": "#c0283c",
        "not-reproduced": "#8d3b8f",
        "open": "#0f5fa8",
        "pending": "#66707e",
    },
    "dark": {
        "page": "#14181f",
        "ink": "#e4e8ee",
        "faint": "#39424f",
        "cycle": ("#6db3f2", "#f0965c", "#45c9a5", "#d795d8", "#e0bd4a", "#aab4c1"),
        "synergy": "#f0965c",
        "redundancy": "#6db3f2",
        "neutral": "#aab4c1",
        "accent": "#d795d8",
        "muted": "#8591a1",
        "holds": "#45c9a5",
        "corrected": "#e0bd4a",
        "fails": "#f5808c",
        "not-reproduced": "#d795d8",
        "open": "#6db3f2",
        "pending": "#9aa5b3",
    },
}
STYLE = str(Path(__file__).with_name("figures.mplstyle"))
CYCLE = [f"figure-c{i}" for i in range(6)]


def colours_of(theme):
    """What a theme adds to the style."""
    colours = PALETTE[theme]
    by_colour = {
        "page": ("figure.facecolor", "legend.facecolor"),
        "ink": (
            "axes.labelcolor",
            "axes.titlecolor",
            "xtick.labelcolor",
            "ytick.labelcolor",
            "text.color",
            "legend.labelcolor",
        ),
        "muted": ("axes.edgecolor", "xtick.color", "ytick.color"),
        "faint": ("grid.color",),
    }
    plain = {setting: colours[name] for name, settings in by_colour.items() for setting in settings}
    return plain | {"axes.prop_cycle": cycler(color=colours["cycle"])}


def variables(theme):
    """The colours of a theme as CSS variables, by name."""
    colours = PALETTE[theme]
    of_figures = {f"figure-{name}": colours[name] for name in ("page", "ink", "faint", "muted", "fails", "pending")}
    page = {"paper": colours["page"], "ink": colours["ink"], "link": colours["redundancy"]}
    return page | dict(zip(CYCLE, colours["cycle"], strict=True)) | of_figures

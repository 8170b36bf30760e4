"""A network to walk through: places joined by lines, each of which the keyboard and the pointer can visit."""

import html

import numpy as np

from mixbook.show.display import sentence

WIDTH, HEIGHT, RADIUS = 720, 370, 9
SIDE, TOP = 215, 142  # half axes of the ellipse on which the places stand
KINDS = ("strong", "plain", "faint")


def network(places, lines, *, alt, caption, kinds):
    """Places on an ellipse, in their order, and the lines between them.

    Every place takes the focus: Tab goes through them in order, an arrow key goes to the next one in its direction, and
    Enter opens the place's page. The lines of the place that has the focus stand out, and what it says is read aloud.
    Without a script the places are links with a description.

    Parameters
    ----------
    places : dict
        What each place says, a sentence of three words or more, and the address of its page or None, by its name:
        ``{"taste": ("A broth.", "taste.html")}``.
    lines : dict
        ``{("taste", "alloys"): "strong"}``; kinds are "strong", "plain" and "faint".
    alt, caption : str
        As for :func:`mixbook.show.display.figure`.
    kinds : dict
        What each kind of line that is drawn means, for the legend.

    Returns
    -------
    Network
        Shown by a notebook.

    Raises
    ------
    ValueError
        If there are fewer than two places, a line ends at none or has a kind without a meaning, or a text is missing
        or too short.

    Examples
    --------
    >>> places = {"a": ("The first place.", None), "b": ("The second place.", None)}
    >>> shown = network(places, {("a", "b"): "strong"}, alt="Two places joined by a line.",
    ...                 caption="Two joined places", kinds={"strong": "joined"})
    """
    alt, caption = sentence("alt", alt, 5), sentence("caption", caption, 3)
    if len(places) < 2:
        raise ValueError(f"places: got {len(places)}, expected two or more; one has nowhere to go")
    for name, (says, _) in places.items():
        sentence(f"places[{name!r}]", says, 3)
    for ends, kind in lines.items():
        if missing := [end for end in ends if end not in places]:
            raise ValueError(f"lines: no place {missing[0]!r}; the places are {', '.join(places)}")
        if kind not in KINDS or kind not in kinds:
            raise ValueError(f"lines: {kind!r} is no kind of {', '.join(KINDS)} with a meaning in kinds")
    return Network(dict(places), dict(lines), alt, caption, dict(kinds))


class Network:
    """What `network` returns: places, lines and their texts."""

    def __init__(self, places, lines, alt, caption, kinds):
        self.places, self.lines, self.alt, self.caption, self.kinds = places, lines, alt, caption, kinds

    def positions(self):
        """Where each place stands, (x, y) in units of the picture."""
        turns = 2 * np.pi * (np.arange(len(self.places)) / len(self.places) - 0.25)
        return {
            name: (WIDTH / 2 + SIDE * np.cos(turn), HEIGHT / 2 + TOP * np.sin(turn))
            for name, turn in zip(self.places, turns, strict=True)
        }

    def _repr_html_(self):
        at = self.positions()
        drawn = "".join(self._line(ends, kind, at) for ends, kind in self.lines.items())
        drawn += "".join(self._place(name, at[name]) for name in self.places)
        legend = "".join(
            f'<li><svg viewBox="0 0 40 10" width="40" height="10" aria-hidden="true"><line x1="0" y1="5" x2="40" '
            f'y2="5" class="mx-network__line mx-network__line--{kind}"/></svg> {html.escape(text)}</li>'
            for kind, text in self.kinds.items()
        )
        return (
            f'<figure class="mx-figure mx-network" style="--width: {WIDTH}px"><div>'
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{html.escape(self.alt)}">{drawn}</svg></div>'
            f'<ul class="mx-network__legend">{legend}</ul>'
            '<p class="mx-network__says" aria-live="polite">Go through it with Tab and the arrow keys; Enter opens a '
            f"page.</p><figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )

    def _line(self, ends, kind, at):
        (x1, y1), (x2, y2) = (at[end] for end in ends)
        return (
            f'<line class="mx-network__line mx-network__line--{kind}" data-from="{html.escape(ends[0])}" '
            f'data-to="{html.escape(ends[1])}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )

    def _place(self, name, at):
        says, link = self.places[name]
        x, y = at
        side = np.sign(round(x - WIDTH / 2))
        anchor = {1: "start", -1: "end", 0: "middle"}[int(side)]
        up = 0 if side else 22 * np.sign(y - HEIGHT / 2)
        label = html.escape(name.replace("-", " "))
        tag, target = ("a", f'href="{html.escape(link)}"') if link else ("g", 'tabindex="0" role="img"')
        return (
            f'<{tag} {target} class="mx-network__place" data-name="{html.escape(name)}" '
            f'aria-label="{label}: {html.escape(says)}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>'
            f'<text x="{x + 16 * side:.1f}" y="{y + up + 6:.1f}" text-anchor="{anchor}">{label}</text></{tag}>'
        )

    def __repr__(self):
        return f"Network of {len(self.places)} places and {len(self.lines)} lines: {self.caption}\n{self.alt}"

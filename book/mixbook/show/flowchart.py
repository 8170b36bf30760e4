"""A flowchart on matplotlib axes: boxes at given places, joined by arrows."""

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from mixbook.show.display import colour


def flowchart(ax, boxes, arrows, *, width=1.6, height=0.7):
    """Draw boxes and the arrows between them; use it inside the ``draw`` function of `mixbook.show.display.figure`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its frame is taken away and its limits are set around the boxes.
    boxes : dict
        ``{name: (x, y, text)}`` or ``{name: (x, y, text, tone)}``: the centre of the box, what it says (``\\n`` starts
        a new line), and the name of its colour (see `mixbook.show.display.colour`; by default ``"neutral"``).
    arrows : sequence
        ``(from, to)`` or ``(from, to, label)``, by the names of the boxes.
    width, height : float
        Size of every box, in the units of ``x`` and ``y``.

    Raises
    ------
    ValueError
        If there is no box, or an arrow starts or ends at a box that is not there.
    """
    if not boxes:
        raise ValueError("boxes: got none; give at least one as {name: (x, y, text)}")
    if missing := [name for arrow in arrows for name in arrow[:2] if name not in boxes]:
        raise ValueError(f"arrows: no box {missing[0]!r}; the boxes are {', '.join(map(repr, boxes))}")
    ax.set_axis_off()
    xs, ys = zip(*(box[:2] for box in boxes.values()), strict=True)
    ax.set_xlim(min(xs) - 0.55 * width, max(xs) + 0.55 * width)
    ax.set_ylim(min(ys) - 0.6 * height, max(ys) + 0.6 * height)
    drawn = {name: _box(ax, *box, width=width, height=height) for name, box in boxes.items()}
    for start, end, *label in arrows:
        _arrow(ax, boxes[start][:2], boxes[end][:2], drawn[start], drawn[end], *label)


def _box(ax, x, y, text, tone="neutral", *, width, height):
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle=f"round,pad=0,rounding_size={0.18 * height}",
        facecolor=(colour(tone), 0.12),
        edgecolor=colour(tone),
        linewidth=1.4,
    )
    ax.add_patch(box)
    ax.text(x, y, text, ha="center", va="center", fontsize=9.5, linespacing=1.35)
    return box


def _arrow(ax, start, end, leaves, meets, label=None):
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            patchA=leaves,
            patchB=meets,
            arrowstyle="-|>",
            mutation_scale=11,
            shrinkA=2,
            shrinkB=3,
            linewidth=1.3,
            color=colour("muted"),
        )
    )
    if label:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        ax.annotate(label, middle, (0, 5), textcoords="offset points", ha="center", fontsize=9)

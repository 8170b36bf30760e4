"""A drawn matplotlib figure, still or moving: where its axes stand, where its columns part."""


def places_of(canvas):
    """Where the axes of a drawn figure stand, for `svg` of the same picture in other colours or of another frame."""
    return [ax.get_position(original=True) for ax in canvas.axes]


def columns(canvas, count, sharey=False, **subplots):
    """Where the ``count`` columns of a drawn figure part, as shares of its width, so that a phone may stack them.

    Empty where one column can't stand without the others: they share an axis or a legend, or overlap.
    """
    if count == 1 or sharey not in (False, "none", "col") or canvas.legends or canvas.texts:
        return []
    begins, ends = [1.0] * count, [0.0] * count
    for ax in sorted(canvas.axes, key=lambda ax: ax.get_subplotspec() is None):  # colour bars last: they have no place
        box, place = ax.get_tightbbox().transformed(canvas.transFigure.inverted()), ax.get_subplotspec()
        column = place.colspan.start if place else sum(begin <= box.x0 for begin in begins) - 1
        begins[column], ends[column] = min(begins[column], box.x0), max(ends[column], box.x1)
    gaps = list(zip(ends[:-1], begins[1:], strict=True))
    return [round((end + begin) / 2, 4) for end, begin in gaps] if all(end < begin for end, begin in gaps) else []


def data_columns(shares):
    """These columns as an attribute of HTML, for the script that stacks them."""
    return f' data-columns="{" ".join(map(str, shares))}"' if shares else ""

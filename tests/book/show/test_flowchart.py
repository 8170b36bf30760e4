"""The flowchart: boxes where they were put, arrows between them, and errors that say what is missing."""

import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from mixbook.show.display import figure
from mixbook.show.flowchart import flowchart

BOXES = {"parts": (0, 0, "parts"), "kernel": (3, 0, "kernel", "accent"), "mixture": (6, 1, "mixture")}
ARROWS = [("parts", "kernel"), ("kernel", "mixture", "K(w, p)")]


def drawn(boxes, arrows):
    axes = []
    figure(
        lambda ax: (flowchart(ax, boxes, arrows), axes.append(ax)),
        alt="Three boxes joined by two arrows.",
        caption="Parts to mixture.",
    )
    return axes[0]


def test_boxes_and_arrows_are_drawn():
    ax = drawn(BOXES, ARROWS)
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert [(box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2) for box in boxes] == [
        pytest.approx(box[:2]) for box in BOXES.values()
    ]
    assert sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches) == 2
    assert {text.get_text() for text in ax.texts} == {"parts", "kernel", "mixture", "K(w, p)"}


def test_bad_charts_say_what_is_missing():
    with pytest.raises(ValueError, match="boxes: got none"):
        drawn({}, [])
    with pytest.raises(ValueError, match="arrows: no box 'kernle'; the boxes are 'parts'"):
        drawn(BOXES, [("parts", "kernle")])

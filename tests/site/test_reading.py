"""What the reading extension demands of a page, on its own."""

import pytest

from mixbook.build.reading import card_problems, image_problems

GOOD = {"l0_lines": 5, "l0_characters": 400}


def test_a_good_page_has_no_problems():
    assert list(card_problems(GOOD)) == []
    assert list(image_problems('<img src="data:," alt="A line that rises."><p>text</p>')) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"l0_lines": None}, "no L0 card: add ```{l0}"),
        ({"l0_lines": 0}, "has 0 lines: write 1 to 5"),
        ({"l0_lines": 6}, "has 6 lines: write 1 to 5"),
        ({"l0_characters": 401}, "has 401 characters: shorten it: five lines hold 400"),
    ],
)
def test_what_a_page_lacks_is_said(change, said):
    (problem,) = card_problems(GOOD | change)
    assert said in ": ".join(problem)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("<img src='plot.svg'>", "no alt text (plot.svg)"),
        ("<img src='plot.svg' alt=' '>", "no alt text"),
        ("<p><img src='plot.svg' alt></p>", "no alt text"),
        ("<img src='plot.svg' alt='_images/plot.svg'>", "no alt text"),
        (f"<img src='../_images/{'0f' * 32}.png' alt='A line that rises.'>", "mixbook.show.display"),
    ],
)
def test_a_picture_that_says_nothing_is_named(image, said):
    (problem,) = image_problems(image)
    assert said in ": ".join(problem)

"""Figures that move: every slider moves its picture, and without a script the starting frame stands."""

import pytest

from mixbook.build.pages import table_of_contents

MOVING = [
    f"{page.name}.html" for page in table_of_contents() if "moving_figure(" in page.path.read_text(encoding="utf-8")
]


def test_every_kernel_has_a_figure_that_moves():
    kernels = {page.name for page in table_of_contents() if page.name.startswith("kernels/")} - {"kernels/design"}
    assert len(kernels) == 11
    assert {f"{name}.html" for name in kernels} <= set(MOVING)


@pytest.mark.parametrize("path", MOVING)
def test_every_slider_moves_its_picture(desk, path):
    desk.open(path)
    for figure in desk.tab.locator("figure.mx-moving").all():
        picture, says = figure.locator("svg"), figure.locator(".mx-moving__says")
        for slider in figure.locator("input[type=range]").all():
            ends = []
            for key in ("Home", "End"):
                slider.press(key)
                ends.append((picture.inner_html(), slider.get_attribute("aria-valuetext")))
                assert figure.locator("output").all_inner_texts().count(ends[-1][1]) >= 1
            assert ends[0][0] != ends[1][0], "the picture stands still"
            assert ends[0][1] != ends[1][1]
        assert says.count() == 0 or says.inner_text()
    assert not desk.visit.errors


def test_without_a_script_the_starting_frame_stands(browser, base_url):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{base_url}/{MOVING[0]}")
    figure = tab.locator("figure.mx-moving").first
    assert figure.locator("svg[role=img]").is_visible()
    assert not figure.locator("input").first.is_visible()
    assert figure.locator("figcaption").inner_text()
    context.close()

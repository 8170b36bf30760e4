"""Figures that move: each kernel has one, and without a script its starting frame stands."""

from mixbook.build.pages import table_of_contents

MOVING = [
    f"{page.name}.html" for page in table_of_contents() if "moving_figure(" in page.path.read_text(encoding="utf-8")
]


def test_every_kernel_has_a_figure_that_moves():
    kernels = {page.name for page in table_of_contents() if page.name.startswith("kernels/")} - {"kernels/design"}
    assert len(kernels) == 13
    assert {f"{name}.html" for name in kernels} <= set(MOVING)


def test_without_a_script_the_starting_frame_stands(browser, base_url):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{base_url}/{MOVING[0]}")
    figure = tab.locator("figure.mx-moving").first
    assert figure.locator("svg[role=img]").is_visible()
    assert not figure.locator("input").first.is_visible()
    assert figure.locator("figcaption").inner_text()
    context.close()

"""The panels of a wide figure stand side by side on a desk and below each other on a phone."""

from browsing import Reader

PAGE = "kernels/linear.html"  # has a moving figure and images of two panels
PANELS = """figure => [...figure.querySelectorAll("img, svg")]
  .filter(part => part.getClientRects().length > 0)
  .map(part => (part.closest(".mx-panel") ?? part).getBoundingClientRect())
  .map(box => [box.left, box.top + scrollY, box.width, box.height])"""


def figures(reader):
    reader.open(PAGE)
    return reader.tab.locator("figure[data-columns]").all()


def test_a_desk_shows_one_picture(desk):
    wide = figures(desk)
    assert len(wide) == 3
    for figure in wide:
        (box,) = figure.evaluate(PANELS)
        assert box[2] > 600


def test_a_phone_shows_one_panel_below_the_other_and_nothing_scrolls(browser, base_url):
    for theme in ("light", "dark"):
        phone = Reader(browser, base_url, theme, 390)
        for figure in figures(phone):
            upper, lower = figure.evaluate(PANELS)
            assert lower[1] >= upper[1] + upper[3]
            assert min(upper[2], lower[2]) > 200
            assert max(upper[0] + upper[2], lower[0] + lower[2]) <= 390
            assert figure.evaluate("f => [...f.children].every(box => box.scrollWidth <= box.clientWidth + 1)")
        assert phone.look()["faulty_figures"] == []
        phone.context.close()


def test_a_slider_moves_both_panels_and_a_wider_window_puts_them_together(browser, base_url):
    phone = Reader(browser, base_url, "light", 390)
    phone.open(PAGE)
    figure = phone.tab.locator("figure.mx-moving[data-columns]").first
    second = figure.locator("svg.mx-panel")
    pictures = []
    for key in ("Home", "End"):
        figure.locator("input").first.press(key)
        pictures.append(second.screenshot())
    assert pictures[0] != pictures[1]
    phone.tab.set_viewport_size({"width": 1400, "height": 1000})
    ((_, _, width, _),) = figure.evaluate(PANELS)
    assert width > 600
    phone.context.close()

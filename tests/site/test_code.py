"""Code is open on a desk and folded on a phone until the reader says otherwise, for all pages; cells open alone."""

from browsing import Reader

PAGE, OTHER = "kernels/linear.html", "kernels/log-linear.html"
CODE = "div.cell > div.cell_input"  # that no author has folded


def shown(tab):
    return tab.locator(f"{CODE}:visible").count()


def test_the_switch_folds_code_on_every_page_and_is_remembered(desk):
    desk.open(PAGE)
    tab, switch = desk.tab, desk.tab.get_by_role("button", name="Show code on all pages")
    cells = tab.locator(CODE).count()
    assert shown(tab) == cells > 3
    assert tab.locator(".mx-unfold:visible").count() == 0
    assert switch.get_attribute("aria-pressed") == "true"
    switch.press("Enter")
    assert (shown(tab), switch.get_attribute("aria-pressed")) == (0, "false")
    desk.open(OTHER)
    assert shown(tab) == 0
    assert switch.get_attribute("aria-pressed") == "false"
    switch.press("Space")
    assert shown(tab) == tab.locator(CODE).count() > 3
    desk.open(PAGE)
    assert shown(tab) == cells
    assert not desk.visit.errors


def test_a_phone_starts_folded_and_each_cell_opens_alone(browser, base_url):
    phone = Reader(browser, base_url, "light", 390)
    phone.open(PAGE)
    assert shown(phone.tab) == 0
    first = phone.tab.locator(".mx-unfold").first
    assert (first.inner_text(), first.get_attribute("aria-expanded")) == ("Show code", "false")
    first.press("Enter")
    assert (first.inner_text(), first.get_attribute("aria-expanded")) == ("Hide code", "true")
    assert phone.tab.locator(f"#{first.get_attribute('aria-controls')}").is_visible()
    assert shown(phone.tab) == 1
    assert phone.look()["unreachable"] == []
    first.press("Enter")
    assert shown(phone.tab) == 0
    phone.context.close()


def test_without_a_script_code_is_shown(browser, base_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.goto(f"{base_url}/{PAGE}")
    assert shown(tab) == tab.locator(CODE).count() > 3
    context.close()

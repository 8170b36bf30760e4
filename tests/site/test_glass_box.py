"""The glass box in a browser: a click and the keyboard choose a token; without a script the table unfolds."""

import pytest

from mixbook.build.pages import table_of_contents

WITH_ONE = [
    f"{page.name}.html" for page in table_of_contents() if "glass_box(" in page.path.read_text(encoding="utf-8")
]


def test_there_is_one():
    assert "federation/audit.html" in WITH_ONE


@pytest.mark.parametrize("path", WITH_ONE)
def test_a_click_shows_the_account_of_its_token(desk, path):
    desk.open(path)
    box = desk.tab.locator("figure.mx-glass").first
    tokens, account = box.locator(".mx-glass__text .mx-token"), box.locator(".mx-glass__account")
    for number in (0, 17, tokens.count() - 1):
        tokens.nth(number).click(position={"x": 2, "y": 8})
        assert f"Token {number + 1} of {tokens.count()}" in account.inner_text()
        assert box.locator(".mx-token[aria-current=true]").count() == 1
        assert tokens.nth(number).get_attribute("aria-current") == "true"
        seen = box.locator(".mx-glass__reader").bounding_box()
        assert seen["y"] >= 0
        assert seen["y"] + seen["height"] <= desk.tab.viewport_size["height"], "the account is out of sight"
        row = box.locator("tbody").last.locator("tr").nth(number)
        cells = row.locator("td").all_text_contents()
        shown = account.inner_text()
        assert all(cell in shown for cell in cells), "the account differs from the table"
    assert not desk.visit.errors


@pytest.mark.parametrize("path", WITH_ONE)
def test_the_keyboard_walks_through_the_tokens(desk, path):
    desk.open(path)
    box = desk.tab.locator("figure.mx-glass").first
    slider, account = box.locator("input[type=range]"), box.locator(".mx-glass__account")
    total = box.locator(".mx-glass__text .mx-token").count()
    for key, number in (("Home", 1), ("ArrowRight", 2), ("End", total), ("ArrowLeft", total - 1)):
        slider.press(key)
        assert f"Token {number} of {total}" in account.inner_text()
        assert slider.get_attribute("aria-valuetext").startswith(f"{number}, ")


@pytest.mark.parametrize("path", WITH_ONE)
def test_without_a_script_the_accounts_can_be_unfolded(browser, base_url, path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{base_url}/{path}")
    box = tab.locator("figure.mx-glass").first
    assert not box.locator("input").is_visible()
    assert not box.locator("table").is_visible()
    box.locator("summary").click()
    assert box.locator("table").is_visible()
    assert box.locator("tbody tr").count() == box.locator(".mx-glass__text .mx-token").count()
    context.close()

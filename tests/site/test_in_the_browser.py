"""The site as a reader sees it: every page, in light and dark, on a desk and on a phone."""

import pytest

from browsing import EACH_LOOK, Reader, browser_path


def test_nothing_comes_from_another_host(visit):
    assert visit.elsewhere == []


def test_everything_loads_and_the_console_is_silent(visit):
    assert visit.failed + visit.errors == []


def test_axe_core_finds_nothing(visit):  # the theme's own nodes included
    assert not visit.violations, "\n".join(f"{rule} at {node}: {message}" for rule, node, message in visit.violations)


def test_the_page_does_not_scroll_sideways(visit):
    assert visit.look["width"] <= visit.width


def test_nothing_is_cut_off_at_the_edge(visit):
    assert visit.look["cut_off"] == []


def test_boxes_that_scroll_can_be_reached_by_keyboard(visit):
    assert visit.look["unreachable"] == []


def test_each_theme_shows_its_own_pictures(visit):
    assert visit.look["theme"] == visit.theme
    assert visit.look["faulty_figures"] == []


def test_mathematics_is_set(visit):
    assert visit.look["bare_formulas"] == []
    assert visit.look["wrong_formulas"] == []
    assert visit.look["math_fonts"] > 0 or visit.look["formulas"] == 0


def test_every_slider_moves_its_picture(visit, reader_in):  # the last one of a visit: it changes the page
    tab = reader_in(visit.theme, visit.width).tab
    for figure in tab.locator("figure.mx-moving").all():
        picture, says = figure.locator("svg[role=img]"), figure.locator(".mx-moving__says")
        for slider in figure.locator("input[type=range]").all():
            ends = []
            for key in ("Home", "End"):
                slider.press(key)
                ends.append((picture.inner_html(), slider.get_attribute("aria-valuetext")))
                assert figure.locator("output").all_inner_texts().count(ends[-1][1]) >= 1
            assert ends[0][0] != ends[1][0], "the picture stands still"
            assert ends[0][1] != ends[1][1]
        assert says.count() == 0 or says.inner_text()
    assert not visit.errors


def test_there_is_something_to_look_at(browser, base_url):
    phone = Reader(browser, base_url, "light", 390)
    phone.open("measure/o-information.html")
    look = phone.look()
    phone.context.close()
    assert look["figures"] >= 3
    assert look["formulas"] >= 10
    assert look["boxes"] >= 1  # code is folded there


def test_search_finds_pages(desk):
    desk.open("index.html")
    desk.tab.locator("button.search-button-field").click()
    field = desk.tab.locator("#pst-search-dialog input[name=q]")
    field.fill("mixture")
    field.press("Enter")
    results = desk.tab.locator("#search-results li a")
    results.nth(2).wait_for()  # they come one by one

    desk.tab.wait_for_load_state("networkidle")  # the excerpts below the results
    desk.tab.goto(f"{desk.base}/search.html?q=xylophonequartz")
    desk.tab.locator("#search-results .search-summary", has_text="did not match").wait_for()
    assert results.count() == 0
    failed = [what for what in desk.visit.failed if "ERR_ABORTED" not in what]  # excerpts of the page that was left
    assert not desk.visit.elsewhere + failed + desk.visit.errors


def shown_rows(tab):
    return tab.locator(".mx-ledger .mx-row:visible")


def test_ledger_filters_by_verdict_and_part(desk):
    desk.open("ledger.html")
    tab, rows = desk.tab, shown_rows(desk.tab)
    for later in tab.locator(".mx-ledger__pending > summary").all():  # none, where each claim has its verdict
        later.click()
    total = rows.count()
    assert tab.locator(".mx-ledger__count").inner_text() == f"{total} of {total} claims"
    for name in ("verdict", "part"):
        select = tab.locator(f"select[data-filter={name}]")
        words = [word for word in select.locator("option").evaluate_all("all => all.map(o => o.value)") if word]
        counts = []
        for word in words:
            select.select_option(word)
            assert set(rows.evaluate_all(f"all => all.map(row => row.dataset.{name})")) == {word}
            counts.append(rows.count())
            assert tab.locator(".mx-ledger__count").inner_text() == f"{rows.count()} of {total} claims"
        assert sum(counts) == total
        assert len(words) > 1
        select.select_option("")
    assert rows.count() == total


def test_a_link_can_open_the_ledger_filtered(desk):
    desk.open("ledger.html?verdict=holds")
    assert set(shown_rows(desk.tab).evaluate_all("all => all.map(row => row.dataset.verdict)")) == {"holds"}


def test_the_ledger_is_searched_by_keyboard_and_a_link_to_a_row_undoes_it(desk):
    desk.open("ledger.html")
    tab, rows = desk.tab, shown_rows(desk.tab)
    for later in tab.locator(".mx-ledger__pending > summary").all():  # none, where each claim has its verdict
        later.click()
    total, field = rows.count(), tab.locator("input[data-filter=text]")
    tab.locator("select[data-filter=part]").focus()
    tab.keyboard.press("Tab")
    tab.keyboard.type("mixture perplexity")
    assert 0 < rows.count() < total
    for text in rows.all_text_contents():
        assert "mixture" in text.lower()
        assert "perplexity" in text.lower()
    field.fill("no such words anywhere")
    assert rows.count() == 0
    assert tab.locator(".mx-ledger__none").is_visible()
    tab.evaluate("location.hash = '#fed.jensen'")
    tab.wait_for_function("document.getElementById('fed.jensen').querySelector('details').open")
    assert rows.count() == total
    assert tab.locator("[id='fed.jensen'] .mx-cite__address").text_content().endswith("/ledger.html#fed.jensen")


@pytest.mark.parametrize("path", ["nowhere.html", "seam/no/such/page.html"])
def test_an_address_that_leads_nowhere_shows_a_page_that_is_whole(desk, path):
    visit = desk.read(path)
    assert visit.failed == [f"404 {desk.base}/{path}"]  # the page alone: its style and scripts are there
    assert visit.violations == visit.elsewhere == []
    assert desk.tab.get_by_role("heading", name="There is no such page").is_visible()
    desk.tab.get_by_role("link", name="The ledger of all claims").click()
    desk.tab.wait_for_url(f"{desk.base}/ledger.html")


FAULTS = r"""<!doctype html><html lang="en" data-theme="light" data-settled><title>Faults</title><main><h1>Faults</h1>
<script src="http://localhost:9/elsewhere.js"></script><script src="/missing.js"></script>
<script>console.error("a complaint")</script><div style="width: 2000px">wide</div><img src="data:,">
<figure class="mx-figure"><img class="only-light" alt="a"><img class="only-dark" alt="b"></figure>
<span class="math">\(x\)</span><div class="bd-article"><p style="width: 900px">cut</p>
<pre style="overflow: auto; width: 50px">far too long</pre>
<pre>dark PALE</pre></div></main></html>""".replace("PALE", 5 * '<span style="color: #ccc">pale</span> ')


def test_a_page_with_every_fault_fails_every_check(browser, base_url):
    reader = Reader(browser, base_url, "light", 390)
    reader.tab.route("**/faults.html", lambda route: route.fulfill(body=FAULTS, content_type="text/html"))
    visit = reader.read("faults.html")
    reader.context.close()
    assert visit.elsewhere == ["http://localhost:9/elsewhere.js"]
    assert any("missing.js" in failure for failure in visit.failed)
    assert "a complaint" in visit.errors
    assert "image-alt" in {rule for rule, _, _ in visit.violations}
    pale = [node for rule, node, _ in visit.violations if rule == "color-contrast"]
    assert len(pale) == EACH_LOOK < 5, "a few of the words of the same colour"
    assert visit.look["width"] >= 2000
    assert visit.look["cut_off"] == ['<p style="width: 900px">cut</p>']
    assert visit.look["unreachable"] == ['<pre style="overflow: auto; width: 50px">far too long</pre>']
    assert len(visit.look["faulty_figures"]) == 1
    assert visit.look["bare_formulas"] == [r"\(x\)"]


def test_a_missing_browser_is_a_failure_where_one_is_required():
    def nothing(name):
        return None

    with pytest.raises(pytest.skip.Exception, match="install Chromium"):
        browser_path({}, nothing)
    for environment in ({"CI": "true"}, {"MIXLIB_REQUIRE_BROWSER": "1"}):
        with pytest.raises(pytest.fail.Exception, match="install Chromium"):
            browser_path(environment, nothing)

"""Visit a page of the built site in a browser and note all that a reader could stumble over."""

import dataclasses
import os
import shutil

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
THEMES = ("light", "dark")
WIDTHS = {1400: 1000, 390: 844}
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}  # preloading asks for style sheets at wrong addresses

# axe-core takes milliseconds for the contrast of one element with text, and a page has thousands: a few of each look,
# which are the same in all that contrast is computed from, stand for the others
EACH_LOOK = 3
MARK_LOOKS = """(most) => {
  const [behind, counts] = [new Map([[null, ""]]), new Map()];
  const around = (box) => {
    if (!behind.has(box)) {
      const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(box);
      behind.set(box, [backgroundColor, backgroundImage, opacity, position, around(box.parentElement)].join("|"));
    }
    return behind.get(box);
  };
  const says = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  for (const element of document.body.querySelectorAll("*")) {
    if (!says(element) && !element.matches("input, select, textarea, button")) continue;
    const { visibility, color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    if (visibility !== "visible" || !element.getClientRects().length) continue;
    const look = [element.localName, color, fontSize, fontWeight, textShadow, around(element)].join("|");
    counts.set(look, (counts.get(look) ?? 0) + 1);
    if (counts.get(look) <= most) element.dataset.look = counts.size;
  }
}"""
CONTRAST_OF_THE_MARKED = "axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-look]' }] });"

LOOK = """() => {
  const seen = (element) => element.getClientRects().length > 0;
  const faulty = [...document.querySelectorAll("figure.mx-figure")].filter((figure) => {
    const shown = [...figure.querySelectorAll("img:not([aria-hidden]), svg[role=img], svg[role=group]")].filter(seen);
    const here = `svg, .only-${document.documentElement.dataset.theme}`;  // a drawing in the page follows the theme
    return shown.length !== 1 || !shown[0].matches(here);
  });
  const held = (element) => {  // in a box that scrolls, or not meant to be seen
    for (let box = element; box && !box.matches(".bd-article"); box = box.parentElement) {
      const style = getComputedStyle(box);
      const hidden = style.clipPath !== "none" || style.clip !== "auto";
      if (hidden || ["auto", "scroll"].includes(style.overflowX)) return true;
    }
    return false;
  };
  const scrolls = (box) =>
    box.clientWidth > 0 &&
    box.scrollWidth > box.clientWidth + 1 &&
    ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
  const boxes = [...document.querySelectorAll(".bd-article *")].filter(scrolls);
  const beyond = (element) => element.getBoundingClientRect().right > innerWidth + 1;
  const formulas = [...document.querySelectorAll(".math")];
  return {
    theme: document.documentElement.dataset.theme,
    width: document.documentElement.scrollWidth,
    cut_off: [...document.querySelectorAll(".bd-article *")]
      .filter((element) => beyond(element) && !held(element))
      .map((element) => element.outerHTML.slice(0, 120)),
    boxes: boxes.length,
    unreachable: boxes
      .filter((box) => box.tabIndex < 0 && !box.querySelector("a, button, [tabindex]"))
      .map((box) => box.outerHTML.slice(0, 120)),
    figures: document.querySelectorAll("figure.mx-figure").length,
    faulty_figures: faulty.map((figure) => figure.textContent.trim()),
    formulas: formulas.length,
    bare_formulas: formulas.filter((e) => !e.querySelector("mjx-container")).map((e) => e.textContent),
    wrong_formulas: [...document.querySelectorAll("mjx-merror")].map((e) => e.getAttribute("data-mjx-error")),
    math_fonts: [...document.fonts].filter((f) => f.family.startsWith("MJX") && f.status === "loaded").length,
  };
}"""


@dataclasses.dataclass
class Visit:
    """One page in one theme at one width."""

    page: str
    theme: str
    width: int
    elsewhere: list = dataclasses.field(default_factory=list)  # addresses on other hosts that the page asked for
    failed: list = dataclasses.field(default_factory=list)  # local requests without a good answer
    errors: list = dataclasses.field(default_factory=list)  # what the console reported
    violations: list = dataclasses.field(default_factory=list)  # (rule, node, what axe says), from axe-core
    look: dict = dataclasses.field(default_factory=dict)  # what LOOK returned

    def __str__(self):
        return f"{self.page}, {self.theme}, {self.width} px"


class Reader:
    """A browser tab in one theme and at one width, which notes what happens on each page that it visits."""

    def __init__(self, browser, base, theme, width):
        self.base, self.theme, self.width = base, theme, width
        self.context = browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": WIDTHS[width]}, service_workers="block"
        )
        self.tab = self.context.new_page()
        self.axe = Axe(f"{AXE_SCRIPT};{CONTRAST_OF_THE_MARKED}")
        self.visit = None
        self.tab.on("request", self._requested)
        self.tab.on("response", lambda r: r.status >= 400 and self.visit.failed.append(f"{r.status} {r.url}"))
        self.tab.on("requestfailed", lambda r: self.visit.failed.append(f"{r.failure} {r.url}"))
        self.tab.on("console", lambda m: m.type == "error" and self.visit.errors.append(m.text))
        self.tab.on("pageerror", lambda error: self.visit.errors.append(str(error)))

    def open(self, path):
        """Load a page and wait until its fonts, formulas and scripts are done."""
        self.visit = Visit(path, self.theme, self.width)
        self.tab.goto(f"{self.base}/{path}")
        self.tab.wait_for_selector("html[data-settled]", state="attached")
        return self.visit

    def look(self):
        """What LOOK finds on the open page."""
        return self.tab.evaluate(LOOK)

    def read(self, path):
        """Load a page, look at it and run axe-core on it."""
        visit = self.open(path)
        visit.look = self.look()
        self.tab.evaluate(MARK_LOOKS, EACH_LOOK)
        found = self.axe.run(self.tab, options=AXE_OPTIONS).response["violations"]
        visit.violations = [
            (rule["id"], " ".join(map(str, node["target"])), node["failureSummary"])
            for rule in found
            for node in rule["nodes"]
        ]
        return visit

    def _requested(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.visit.elsewhere.append(request.url)


def browser_path(environment=os.environ, which=shutil.which):
    """The browser to drive; without one, a skip on a user's machine and a failure where one is required."""
    found = next(filter(None, map(which, BROWSERS)), None)
    if found is None:
        missing = f"no browser: install Chromium or Chrome (looked for {', '.join(BROWSERS)})"
        if environment.get("CI") or environment.get("MIXLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(missing, pytrace=False)
        pytest.skip(f"{missing} to check the site as a reader sees it")
    return found

// Boxes that scroll sideways take part in the tab order, so that a keyboard can scroll them too.
"use strict";

const SCROLLING = {
  "div.math": "Formula",
  "mjx-container[display]": "Formula",
  "div.highlight pre": "Code",
  ".cell_output pre": "Output",
  ".mx-figure > div": "Figure",
  ".mx-table-scroll": "Table",
  ".bd-article table": "Table",
};

function makeFocusable() {
  for (const [selector, name] of Object.entries(SCROLLING)) {
    for (const box of document.querySelectorAll(selector)) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
      if (scrolls && !box.hasAttribute("tabindex")) {
        box.tabIndex = 0;
        box.title = `${name}: scrolls sideways`;
      }
    }
  }
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  makeFocusable();
  document.documentElement.dataset.settled = "";
  window.addEventListener("resize", makeFocusable);
});

// Boxes that scroll sideways take part in the tab order, so that a keyboard can scroll them too; a formula within a line
// becomes such a box where the line is too short for it. The arrows that unfold the contents get a name.
"use strict";

const SCROLLING = {
  "div.math": "Formula",
  "mjx-container[display]": "Formula",
  "span.math.mx-wide": "Formula",
  "div.highlight pre": "Code",
  ".cell_output pre": "Output",
  ".mx-figure > div": "Figure",
  ".mx-table-scroll": "Table",
  ".bd-article table": "Table",
};

function boxWideFormulas() {
  for (const formula of document.querySelectorAll("span.math > mjx-container")) {
    formula.parentElement.classList.remove("mx-wide");
    const block = formula.closest("p, li, dd, dt, td, th, h1, h2, h3, h4, figcaption") ?? formula.parentElement;
    const end = block.getBoundingClientRect().right + 1;
    if (formula.getBoundingClientRect().right > end) formula.parentElement.classList.add("mx-wide");
  }
}

function makeFocusable() {
  for (const [selector, name] of Object.entries(SCROLLING)) {
    for (const box of document.querySelectorAll(selector)) {
      const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
      if (scrolls && box.tabIndex < 0) {
        box.tabIndex = 0;
        box.title = `${name}: scrolls sideways`;
      }
    }
  }
}

function nameTheArrows() {
  for (const summary of document.querySelectorAll("li.has-children > details > summary")) {
    const page = summary.closest("li").querySelector(":scope > a");
    summary.setAttribute("aria-label", `Pages below ${page.textContent.trim()}`);
  }
}

document.addEventListener("DOMContentLoaded", nameTheArrows);
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  const adapt = () => {
    boxWideFormulas();
    makeFocusable();
  };
  adapt();
  document.documentElement.dataset.settled = "";
  window.addEventListener("resize", adapt);
});

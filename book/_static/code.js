// Code is open or folded on all pages, as the reader last chose with the switch in the header: at first open where there
// is room for it, folded on a phone. Where it is folded each cell can be opened alone. Without scripts it is shown.
"use strict";

(() => {
  const KEY = "mixing-book-code";
  const root = document.documentElement;
  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // a reader may forbid storage
    }
  };
  const remember = (state) => {
    try {
      localStorage.setItem(KEY, state);
    } catch {} // then the choice holds for this page
  };

  root.dataset.code = remembered() ?? (matchMedia("(min-width: 40rem)").matches ? "open" : "folded");

  function button(kind, ...content) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.append(...content);
    return made;
  }

  // every cell whose code the page shows gets a button, which is there while code is folded
  function unfolder(code, number) {
    const unfold = button("mx-unfold", "Show code");
    const set = (open) => {
      unfold.setAttribute("aria-expanded", open);
      unfold.textContent = open ? "Hide code" : "Show code";
      code.classList.toggle("mx-open", open);
    };
    code.id ||= `code-${number}`;
    unfold.setAttribute("aria-controls", code.id);
    unfold.addEventListener("click", () => {
      set(unfold.getAttribute("aria-expanded") === "false");
      window.dispatchEvent(new Event("resize")); // what scrolls now is found anew
    });
    set(false);
    code.before(unfold);
    return () => set(false);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const cells = document.querySelectorAll("div.cell:not(.tag_failed) > div.cell_input");
    const close = [...cells].map(unfolder);
    const place = document.querySelector(".bd-header-article .article-header-buttons");
    if (!cells.length || !place) return;
    const sign = document.createElement("span");
    sign.textContent = "</>";
    sign.ariaHidden = "true";
    const toggle = button("btn btn-sm pst-navbar-icon mx-code-switch", sign);
    toggle.ariaLabel = "Show code on all pages";
    const show = () => {
      const open = root.dataset.code === "open";
      toggle.setAttribute("aria-pressed", open);
      toggle.title = open ? "Fold code" : "Show code";
    };
    toggle.addEventListener("click", () => {
      root.dataset.code = root.dataset.code === "open" ? "folded" : "open";
      remember(root.dataset.code);
      close.forEach((fold) => fold());
      show();
      window.dispatchEvent(new Event("resize"));
    });
    show();
    place.prepend(toggle);
  });
})();

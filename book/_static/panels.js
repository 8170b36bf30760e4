// On a phone the panels of a wide figure stand below each other: the same picture is shown once for each column.
"use strict";

(() => {
  const narrow = matchMedia("(max-width: 40rem)");
  const SVG = "http://www.w3.org/2000/svg";

  // a column is [where it begins, how wide it is], as shares of the picture
  function columnsOf(figure) {
    const edges = [0, ...figure.dataset.columns.split(" ").map(Number), 1];
    return edges.slice(1).map((edge, i) => [edges[i], edge - edges[i]]);
  }

  function stackImages(figure, columns, widest) {
    const scroller = figure.firstElementChild;
    const stacked = document.createElement("div");
    stacked.className = "mx-stacked";
    for (const [i, [left, width]] of columns.entries()) {
      const panel = document.createElement("div");
      panel.className = "mx-panel";
      panel.style.width = `${(100 * width) / widest}%`;
      for (const image of scroller.children) {
        const part = image.cloneNode();
        part.style.width = `${100 / width}%`;
        part.style.marginLeft = `${(-100 * left) / width}%`;
        if (i > 0) part.ariaHidden = "true"; // what the whole picture shows is said once
        if (i > 0) part.alt = "";
        panel.append(part);
      }
      stacked.append(panel);
    }
    scroller.after(stacked);
  }

  function stackDrawing(figure, columns, widest, number) {
    const drawing = figure.querySelector("svg");
    const whole = drawing.getAttribute("viewBox");
    const [x, y, width, height] = whole.split(/[ ,]+/).map(Number);
    const content = drawing.querySelector(":scope > g");
    content.id ||= `drawing-${number}`;
    const part = ([left, share]) => `${x + left * width} ${y} ${share * width} ${height}`;
    for (const column of columns.slice(1)) {
      const panel = document.createElementNS(SVG, "svg");
      panel.setAttribute("class", "mx-panel");
      panel.setAttribute("viewBox", part(column));
      panel.setAttribute("aria-hidden", "true");
      panel.style.width = `${(100 * column[1]) / widest}%`;
      const use = document.createElementNS(SVG, "use"); // follows what the sliders change
      use.setAttribute("href", `#${content.id}`);
      panel.append(use);
      drawing.parentElement.append(panel);
    }
    const share = columns[0][1];
    const adapt = () => {
      drawing.setAttribute("viewBox", narrow.matches ? part(columns[0]) : whole);
      drawing.style.width = narrow.matches ? `${(100 * share) / widest}%` : "";
      drawing.style.aspectRatio = narrow.matches ? (share * width) / height : "";
    };
    narrow.addEventListener("change", adapt);
    adapt();
  }

  function stack() {
    if (!narrow.matches) return;
    narrow.removeEventListener("change", stack);
    for (const [number, figure] of document.querySelectorAll("figure[data-columns]").entries()) {
      const columns = columnsOf(figure);
      const widest = Math.max(...columns.map(([, width]) => width));
      if (figure.querySelector(":scope > div > svg")) stackDrawing(figure, columns, widest, number);
      else stackImages(figure, columns, widest);
      figure.classList.add("mx-stacks");
    }
  }

  narrow.addEventListener("change", stack);
  document.addEventListener("DOMContentLoaded", stack);
})();

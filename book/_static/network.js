// Networks: the focus walks from place to place, and the lines of the place that has it stand out.
"use strict";

function setUpNetwork(figure) {
  const says = figure.querySelector(".mx-network__says");
  const places = [...figure.querySelectorAll(".mx-network__place")];
  const lines = [...figure.querySelectorAll("line[data-from]")];
  const middle = (place) => {
    const circle = place.querySelector("circle");
    return [circle.cx.baseVal.value, circle.cy.baseVal.value];
  };

  const show = (place) => {
    const name = place.dataset.name;
    figure.classList.add("mx-network--asked");
    const ends = lines.filter((line) => [line.dataset.from, line.dataset.to].includes(name));
    const near = new Set([name, ...ends.flatMap((line) => [line.dataset.from, line.dataset.to])]);
    for (const line of lines) line.classList.toggle("mx-network__line--asked", ends.includes(line));
    for (const other of places) other.classList.toggle("mx-network__place--near", near.has(other.dataset.name));
    says.textContent = place.getAttribute("aria-label");
  };

  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const towards = (from, [right, down]) => {
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    for (const place of places) {
      const [dx, dy] = [middle(place)[0] - x, middle(place)[1] - y];
      const along = dx * right + dy * down;
      if (place === from || along <= 1) continue;
      const cost = along + 2 * Math.abs(dx * down - dy * right); // nearly straight on comes before near
      if (cost < least) [best, least] = [place, cost];
    }
    return best;
  };

  for (const place of places) {
    place.addEventListener("focus", () => show(place));
    place.addEventListener("mouseenter", () => show(place));
    place.addEventListener("keydown", (event) => {
      const direction = ARROWS[event.key];
      if (!direction) return;
      event.preventDefault(); // the page stays where it is
      towards(place, direction)?.focus();
    });
  }
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mx-network").forEach(setUpNetwork));

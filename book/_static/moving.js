// Figures that move: a slider picks a frame, and what differs between frames is put into the picture.
"use strict";

function setUpMovingFigure(figure) {
  const { changes, sentences } = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const says = figure.querySelector(".mx-moving__says");
  const controls = figure.querySelector(".mx-moving__controls");
  const sliders = [...controls.querySelectorAll("input")].map((input) => {
    return { input, output: input.parentElement.querySelector("output"), values: JSON.parse(input.dataset.values) };
  });
  const moving = changes.map(([mark, name, values, of]) => {
    return { node: figure.querySelector(`[data-moves="${mark}"]`), name, values, of };
  });

  const show = () => {
    let frame = 0;
    for (const { input, output, values } of sliders) {
      output.textContent = values[input.value];
      input.setAttribute("aria-valuetext", values[input.value]);
      frame = frame * values.length + Number(input.value);
    }
    for (const { node, name, values, of } of moving) {
      const value = values[of[frame]];
      if (name === "") node.innerHTML = value;
      else if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, value);
    }
    if (says) says.textContent = sentences[frame] ?? "";
  };

  for (const { input } of sliders) input.addEventListener("input", show);
  controls.hidden = false;
  show(); // a reload may have kept the sliders where they were
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mx-moving").forEach(setUpMovingFigure));

// The glass box: slider or click chooses a token, and its row of the table is laid out as an account.
"use strict";

function setUpGlassBox(box) {
  const names = JSON.parse(box.dataset.names);
  const tokens = [...box.querySelectorAll(".mx-glass__text .mx-token")];
  const rows = [...box.querySelectorAll("tbody tr")];
  const reader = box.querySelector(".mx-glass__reader");
  const slider = reader.querySelector("input");
  const account = reader.querySelector(".mx-glass__account");

  const element = (tag, content, className = "") => {
    const made = document.createElement(tag);
    made.append(...[content].flat());
    if (className) made.className = className;
    return made;
  };

  const share = (text, number) => {
    const bar = element("span", "", `mx-glass__bar mx-token--${number}`);
    bar.style.setProperty("--share", Number.parseFloat(text)); // bounds may follow
    return element("td", [text, bar]);
  };

  const show = () => {
    const chosen = Number(slider.value);
    tokens.forEach((token, number) => token.toggleAttribute("aria-current", number === chosen));
    tokens[chosen].setAttribute("aria-current", "true");
    const [carrier, joint, ...rest] = [...rows[chosen].querySelectorAll("td")].map((cell) => cell.textContent);
    const weights = box.dataset.weighted ? rest.splice(0, names.length) : [];
    const logs = rest.slice(0, names.length);
    const shares = rest.slice(names.length, 2 * names.length);
    const [entropy, residual] = rest.slice(2 * names.length);
    const piece = rows[chosen].querySelector("code").textContent;

    const head = element("tr", ["specialist", ...(weights.length ? ["weight"] : []), "log p", "share"].map((title) => element("th", title)));
    head.querySelectorAll("th").forEach((cell) => (cell.scope = "col"));
    const lines = names.map((name, number) => {
      const first = element("th", name);
      first.scope = "row";
      const before = weights.slice(number, number + 1).map((weight) => element("td", weight));
      return element("tr", [first, ...before, element("td", logs[number]), share(shares[number], number)]);
    });
    const table = element("table", [element("thead", head), element("tbody", lines)]);
    const what = element("p", [
      `Token ${chosen + 1} of ${tokens.length}, `,
      element("code", piece),
      `, was carried by ${carrier}.`,
    ]);
    const sums = element("p", `Joint log-probability ${joint}, entropy of the shares ${entropy}, residual ${residual}.`);
    account.replaceChildren(what, table, sums);
    slider.setAttribute("aria-valuetext", `${chosen + 1}, ${piece}, carried by ${carrier}`);
  };

  slider.addEventListener("input", show);
  for (const [number, token] of tokens.entries()) {
    token.addEventListener("click", () => {
      slider.value = number;
      box.classList.add("mx-glass--asked"); // from now on the account stays in view
      show();
    });
  }
  box.classList.add("mx-glass--moves");
  reader.hidden = false;
  show(); // a reload may have kept the slider where it was
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mx-glass").forEach(setUpGlassBox));

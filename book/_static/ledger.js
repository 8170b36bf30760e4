// The ledger's filters: each [data-filter="x"] keeps the rows whose data-x it names, data-filter="text" those that hold
// all of its words. "ledger.html?verdict=holds&text=mixture" opens the ledger filtered; "ledger.html#id" shows a row in any case.
"use strict";

function setUpLedger(ledger) {
  const filters = [...ledger.querySelectorAll("[data-filter]")];
  const rows = [...ledger.querySelectorAll(".mx-row")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const count = ledger.querySelector(".mx-ledger__count");
  const none = ledger.querySelector(".mx-ledger__none");
  const pending = ledger.querySelector(".mx-ledger__pending");

  const keeps = (filter, row) => {
    if (filter.dataset.filter !== "text") return row.dataset[filter.dataset.filter] === filter.value;
    return filter.value.toLowerCase().split(/\s+/).every((word) => texts.get(row).includes(word));
  };
  const apply = () => {
    for (const row of rows) row.hidden = filters.some((filter) => filter.value && !keeps(filter, row));
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = `${shown} of ${rows.length} claims`;
    none.hidden = shown > 0;
    if (!pending) return;
    const filtered = filters.some((filter) => filter.value);
    pending.hidden = ![...pending.querySelectorAll(".mx-row")].some((row) => !row.hidden);
    if (filtered) pending.open = true;
  };
  const showLinked = () => {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row || !rows.includes(row)) return;
    if (row.hidden) {
      for (const filter of filters) filter.value = "";
      apply();
    }
    if (pending && pending.contains(row)) pending.open = true;
    const more = row.querySelector(".mx-verdict__more");
    if (more) more.open = true;
    row.scrollIntoView();
  };

  const asked = new URLSearchParams(location.search);
  for (const filter of filters) {
    const wanted = asked.get(filter.dataset.filter);
    if (wanted && (!filter.options || [...filter.options].some((option) => option.value === wanted))) filter.value = wanted;
    filter.addEventListener("input", apply);
  }
  for (const address of ledger.querySelectorAll(".mx-cite__address")) {
    address.textContent = new URL(address.textContent, location.href).href;
  }
  apply();
  showLinked();
  addEventListener("hashchange", showLinked);
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mx-ledger").forEach(setUpLedger));

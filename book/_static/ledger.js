// The ledger's filters: each <select data-filter="x"> keeps the rows whose data-x it names.
// "ledger.html?verdict=fails" opens the ledger with that filter set.
"use strict";

function setUpLedger(ledger) {
  const filters = [...ledger.querySelectorAll("select[data-filter]")];
  const rows = [...ledger.querySelectorAll("tbody tr")];
  const count = ledger.querySelector(".mx-ledger__count");

  const apply = () => {
    for (const row of rows) {
      row.hidden = filters.some((select) => select.value && row.dataset[select.dataset.filter] !== select.value);
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = `${shown} of ${rows.length} claims`;
  };

  const asked = new URLSearchParams(location.search);
  for (const select of filters) {
    const wanted = asked.get(select.dataset.filter);
    if ([...select.options].some((option) => option.value === wanted)) select.value = wanted;
    select.addEventListener("change", apply);
  }
  apply();
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mx-ledger").forEach(setUpLedger));

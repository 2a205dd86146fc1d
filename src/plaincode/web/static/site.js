// The box as you type (the ARIA combobox pattern with a listbox) and the copy buttons.
// Without this script the box is a form and the texts can be selected by hand.
"use strict";
(() => {
  const box = document.querySelector("input[data-suggest]");
  if (box) suggest(box);
  for (const button of document.querySelectorAll("button[data-copy]")) copying(button);

  function copying(button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    const words = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Could not copy";
      }
      setTimeout(() => { button.textContent = words; }, 1600);
    });
  }

  function suggest(input) {
    const status = document.getElementById("q-status");
    const list = document.createElement("ul");
    list.id = "q-options";
    list.className = "options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Codes found so far");
    input.parentElement.append(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    let at = -1;
    let asked = "";
    let running = null;
    const known = new Map();

    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(next) {
      const rows = list.children;
      if (!rows.length) return;
      if (at >= 0) rows[at].setAttribute("aria-selected", "false");
      at = next < -1 ? rows.length - 1 : next >= rows.length ? -1 : next;
      if (at < 0) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      rows[at].setAttribute("aria-selected", "true");
      rows[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", rows[at].id);
    }

    function piece(tag, text) {
      const made = document.createElement(tag);
      made.textContent = text;
      return made;
    }

    function show(found) {
      list.replaceChildren(...found.hits.map((hit, n) => {
        const row = document.createElement("li");
        row.id = "q-option-" + n;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        row.dataset.address = hit.address;
        row.append(
          piece("code", hit.code),
          piece("span", hit.name || "No words loaded for this number"),
          piece("small", hit.label + (hit.own ? " · our own title" : "") + (hit.ended ? " · ended" : "")),
        );
        return row;
      }));
      at = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !found.hits.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const total = found.total.toLocaleString("en-US");
      status.textContent = found.hits.length
        ? `${total} ${found.total === 1 ? "code" : "codes"} found; ${found.hits.length} shown. Use the arrow keys.`
        : found.message || "No code found.";
    }

    async function ask() {
      const text = input.value.trim();
      if (text === asked && !list.hidden) return;
      asked = text;
      if (running) running.abort();
      if (!text) {
        status.textContent = "";
        close();
        return;
      }
      if (known.has(text)) {
        show(known.get(text));
        return;
      }
      running = new AbortController();
      try {
        const answer = await fetch(input.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: running.signal });
        if (!answer.ok) return;
        const found = await answer.json();
        if (known.size > 200) known.clear();
        known.set(text, found);
        if (text === asked && document.activeElement === input) show(found);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    input.addEventListener("input", () => { ask(); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { asked = ""; ask(); return; }
        choose(at + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        location.href = list.children[at].dataset.address;
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Tab") {
        close();
      }
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (row) location.href = row.dataset.address;
    });
    input.addEventListener("blur", () => setTimeout(close, 100));
  }
})();

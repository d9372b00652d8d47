// The search box of every page: a combobox over what find.js finds, from http and from file://.
(() => {
  "use strict";
  const input = document.getElementById("search");
  const list = document.getElementById("search-results");
  const status = document.getElementById("search-count");
  let choice = -1;

  const close = () => {
    list.hidden = true;
    choice = -1;
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (step) => {
    const options = [...list.querySelectorAll("[data-url]")];
    if (!options.length) return;
    choice = choice < 0 && step < 0 ? options.length - 1 : (choice + step + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === choice)));
    input.setAttribute("aria-activedescendant", options[choice].id);
    options[choice].scrollIntoView({ block: "nearest" });
  };
  const option = ({ title, more, address }, i) => {
    const item = document.createElement("li");
    item.id = `found-${i}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.url = address;
    const name = document.createElement("strong");
    name.textContent = title;
    const line = document.createElement("span");
    line.textContent = more;
    item.append(name, line);
    return item;
  };
  const note = (text) => {
    const item = document.createElement("li");
    item.className = "search__none";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = text;
    return item;
  };
  const count = ({ count: all, hits: { length: shown } }) => {
    if (!all) return lensSay("Nothing found");
    const results = lensMany("{n} result", "{n} results", all);
    return all > shown ? lensSay("{results}, the first {shown} shown", { results, shown }) : results;
  };
  const show = (entries, told) => {
    list.replaceChildren(...(entries.length ? entries : [note(told)]));
    list.hidden = false;
    list.scrollTop = 0;
    choice = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", "true");
    status.textContent = told;
  };
  // Shows what is found; nothing where the words have changed meanwhile.
  const find = async () => {
    const query = input.value.trim();
    if (!query) return close();
    const finder = await lensFind().catch(() => null);
    if (query !== input.value.trim()) return;
    if (!finder) return show([], lensSay("The search could not be loaded"));
    const found = finder(query);
    show(found.hits.map(option), count(found));
  };
  const ask = (words) => {
    input.value = words;
    input.focus();
    find();
  };

  input.addEventListener("focus", () => lensFind().catch(() => {}));
  input.addEventListener("input", find);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      input.value = "";
      close();
      input.blur();
    }
  });
  // Enter opens the marked entry, else the first.
  input.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (list.hidden) await find();
    const options = list.querySelectorAll("[data-url]");
    const chosen = options[Math.max(choice, 0)];
    if (chosen) location.href = chosen.dataset.url;
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps its focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-url]");
    if (item) location.href = item.dataset.url;
  });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input:not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
  // A form that asks for the same, and an address that does: its words go into the box.
  for (const form of document.querySelectorAll("form[data-search]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(new FormData(form).get("q"));
    });
  }
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) ask(asked);
})();

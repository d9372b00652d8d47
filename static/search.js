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
  const nothing = () => {
    const item = document.createElement("li");
    item.className = "search__none";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = "Nothing found";
    return item;
  };
  const count = (all, shown) =>
    all ? `${all} ${all === 1 ? "result" : "results"}${all > shown ? `, the first ${shown} shown` : ""}` : "Nothing found";
  // Shows what is found; nothing where the words have changed meanwhile.
  const find = async () => {
    const query = input.value.trim();
    if (!query) return close();
    const finder = await lensFind();
    if (query !== input.value.trim()) return;
    const found = finder(query);
    list.replaceChildren(...(found.hits.length ? found.hits.map(option) : [nothing()]));
    list.scrollTop = 0;
    choice = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = count(found.count, found.hits.length);
  };
  const quietly = (promise) => promise.catch(() => {});

  input.addEventListener("focus", () => quietly(lensFind()));
  input.addEventListener("input", () => quietly(find()));
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
  // Enter opens the marked entry, else the first; without an index the home page's list is filtered.
  input.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if (list.hidden) await find();
    } catch {
      return input.form.submit();
    }
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
  // A form on a page that asks for the same: its words go into the box.
  for (const form of document.querySelectorAll("form[data-search]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      input.value = new FormData(form).get("q");
      input.focus();
      find().catch(() => form.submit());
    });
  }
})();

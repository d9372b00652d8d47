// Search: Pagefind over http; from file:// the form leads to the gallery's filter instead.
(() => {
  "use strict";
  const root = new URL(document.documentElement.dataset.root || "./", location.href);
  const input = document.getElementById("search");
  const list = document.getElementById("search-results");
  let pagefind = null;
  let choice = -1;

  const load = () => {
    if (pagefind === null && location.protocol.startsWith("http")) {
      pagefind = import(new URL("pagefind/pagefind.js", root).href).then(async (engine) => {
        await engine.options({ baseUrl: root.pathname });
        return engine;
      }).catch(() => null);
    }
    return pagefind;
  };
  const close = () => {
    list.hidden = true;
    choice = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (step) => {
    const options = [...list.querySelectorAll("[role=option]")];
    if (!options.length) return;
    choice = (choice + step + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === choice)));
    input.setAttribute("aria-activedescendant", options[choice].id);
    options[choice].scrollIntoView({ block: "nearest" });
  };
  const option = (url, title, text, i) => {
    const item = document.createElement("li");
    item.id = `found-${i}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.url = url;
    const name = document.createElement("strong");
    name.textContent = title;
    const more = document.createElement("span");
    more.textContent = text;
    item.append(name, more);
    return item;
  };
  const nothing = () => {
    const item = document.createElement("li");
    item.className = "search__none";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = "No class found";
    return item;
  };
  const find = async () => {
    const query = input.value.trim();
    if (!query) return close();
    const engine = await load();
    if (!engine) return;
    const answer = await engine.debouncedSearch(query, {}, 120);
    if (!answer) return;
    const pages = await Promise.all(answer.results.slice(0, 8).map((hit) => hit.data()));
    const options = pages.map((page, i) =>
      option(page.url, page.meta.title, page.content.replace(page.meta.title, "").replace(/^[\s.]+/, ""), i));
    list.replaceChildren(...(options.length ? options : [nothing()]));
    choice = -1;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  input.addEventListener("focus", load);
  input.addEventListener("input", find);
  input.addEventListener("blur", () => setTimeout(close, 150));
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
  input.form.addEventListener("submit", (event) => {
    const options = list.hidden ? [] : [...list.querySelectorAll("[data-url]")];
    const chosen = options[Math.max(choice, 0)];
    if (chosen) {
      event.preventDefault();
      location.href = chosen.dataset.url;
    }
  });
  list.addEventListener("pointerdown", (event) => {
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
})();

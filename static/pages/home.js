// The gallery of the home page: filter by name or synonym, sort by name, kind or a figure, open any
// class. What was asked for stands in the address, so that a link or the way back keeps it.
(() => {
  "use strict";
  const PLACE = "#classes";
  const MANY = 40; // classes from which on the list has headings

  const gallery = document.getElementById("gallery");
  const filter = document.getElementById("filter");
  const sort = document.getElementById("sort");
  const status = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const letters = document.getElementById("letters");
  const cards = [...gallery.children];
  const names = new Map(cards.map((card) => [card, card.querySelector("strong").textContent.toLowerCase()]));

  const byName = (a, b) => names.get(a).localeCompare(names.get(b));
  const figure = (key) => (card) => Number(card.dataset[key] ?? -Infinity);
  const byFigure = (key) => (a, b) => figure(key)(b) - figure(key)(a) || byName(a, b);
  const kind = (card) => card.dataset.kind ?? "";
  const byKind = (a, b) => !kind(a) - !kind(b) || kind(a).localeCompare(kind(b)) || byName(a, b);
  const letter = (card) => {
    const first = names.get(card).normalize("NFD")[0].toUpperCase();
    return /\p{L}/u.test(first) ? first : "#";
  };

  const heading = (text) => {
    const item = document.createElement("li");
    const title = document.createElement("h3");
    item.className = "gallery__heading";
    title.tabIndex = -1;
    title.textContent = text;
    item.append(title);
    return item;
  };
  const jump = (item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = item.textContent;
    button.addEventListener("click", () => {
      item.scrollIntoView();
      item.firstChild.focus({ preventScroll: true });
    });
    return button;
  };

  // Cards that match, in their order, under headings where there are many.
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (card) => words.every((word) => names.get(card).includes(word) || card.dataset.also.includes(word));
    const shown = cards.filter(matches);
    const order = sort.value === "name" ? byName : sort.value === "kind" ? byKind : byFigure(sort.value);
    const group = { name: letter, kind: (card) => kind(card) || lensSay("other") }[sort.value];
    shown.sort(order);
    const headings = [];
    const items = [];
    for (const card of shown) {
      const text = group && shown.length > MANY ? group(card) : "";
      if (text && text !== headings.at(-1)?.textContent) items.push(headings[headings.push(heading(text)) - 1]);
      items.push(card);
    }
    gallery.replaceChildren(...items);
    letters.hidden = headings.length < 2;
    letters.replaceChildren(...headings.map(jump));
    nothing.hidden = shown.length > 0 || cards.length === 0;
    status.textContent = words.length ? lensSay("{count} of {all} classes", { count: shown.length, all: cards.length }) : "";
  };

  const keep = () => {
    const asked = new URLSearchParams();
    if (filter.value) asked.set("q", filter.value);
    if (sort.value !== "name") asked.set("sort", sort.value);
    const text = String(asked);
    if (text || location.hash.startsWith(`${PLACE}?`)) history.replaceState(null, "", text ? `${PLACE}?${text}` : PLACE);
  };
  const change = () => {
    show();
    keep();
  };
  const take = () => {
    if (!location.hash.startsWith(`${PLACE}?`)) return;
    const asked = new URLSearchParams(location.hash.slice(PLACE.length + 1));
    filter.value = asked.get("q") ?? "";
    sort.value = asked.get("sort") ?? "name";
    if (!sort.value) sort.value = "name";
  };

  filter.addEventListener("input", change);
  sort.addEventListener("change", change);
  addEventListener("hashchange", () => {
    take();
    show();
  });
  take();
  show();
  const [visit] = performance.getEntriesByType("navigation");
  if (location.hash.startsWith(`${PLACE}?`) && visit?.type === "navigate") document.querySelector(PLACE).scrollIntoView();

  document.getElementById("random")?.addEventListener("click", (event) => {
    const links = cards.map((card) => card.querySelector("a"));
    event.preventDefault();
    location.href = links[Math.floor(Math.random() * links.length)].href;
  });
})();

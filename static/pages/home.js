// The gallery of the home page: filter by name or synonym, sort by a figure, open any class.
(() => {
  "use strict";
  const gallery = document.getElementById("gallery");
  const filter = document.getElementById("filter");
  const sort = document.getElementById("sort");
  const status = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const cards = [...gallery.children];
  const names = new Map(cards.map((card) => [card, card.querySelector("strong").textContent.toLowerCase()]));

  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const match = words.every((word) => names.get(card).includes(word) || card.dataset.also.includes(word));
      card.hidden = !match;
      count += match;
    }
    nothing.hidden = count > 0 || cards.length === 0;
    status.textContent = words.length ? lensSay("{count} of {all} classes", { count, all: cards.length }) : "";
  };
  const order = () => {
    const key = sort.value;
    const byName = (a, b) => names.get(a).localeCompare(names.get(b));
    const value = (card) => Number(card.dataset[key] ?? -Infinity);
    const by = key === "name" ? byName : (a, b) => value(b) - value(a) || byName(a, b);
    gallery.append(...cards.sort(by));
  };
  filter.addEventListener("input", show);
  sort.addEventListener("change", order);

  document.getElementById("random")?.addEventListener("click", (event) => {
    const links = gallery.querySelectorAll("a");
    event.preventDefault();
    location.href = links[Math.floor(Math.random() * links.length)].href;
  });
})();

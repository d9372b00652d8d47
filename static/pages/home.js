// The gallery of the home page: filter by name or synonym, sort by a figure, open any class.
(() => {
  "use strict";
  const gallery = document.getElementById("gallery");
  const filter = document.getElementById("filter");
  const sort = document.getElementById("sort");
  const status = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const cards = [...gallery.children];

  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const match = words.every((word) => card.dataset.find.includes(word));
      card.hidden = !match;
      count += match;
    }
    nothing.hidden = count > 0 || cards.length === 0;
    status.textContent = words.length ? `${count} of ${cards.length} classes` : "";
  };
  const order = () => {
    const key = sort.value;
    const byName = (a, b) => a.dataset.name.localeCompare(b.dataset.name);
    const by = key === "name" ? byName : (a, b) => b.dataset[key] - a.dataset[key] || byName(a, b);
    gallery.append(...cards.sort(by));
  };
  filter.addEventListener("input", show);
  sort.addEventListener("change", order);

  document.getElementById("random")?.addEventListener("click", (event) => {
    const links = gallery.querySelectorAll("a");
    event.preventDefault();
    location.href = links[Math.floor(Math.random() * links.length)].href;
  });

  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    filter.value = asked;
    show();
    document.getElementById("classes").scrollIntoView();
  }
})();

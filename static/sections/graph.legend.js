// What a color stands for, by concept, by strategy, by right or wrong; and the legend of it.
globalThis.lensGraph = { ...globalThis.lensGraph, legend: (data, marks) => {
  "use strict";
  const { images, concept, strategy, make, tile, badge } = marks;
  const rank = (number) => (number <= 10 ? `c${number}` : "c0");

  const groups = {
    concept: {
      of: (image) => image.dominant,
      tone: (key) => concept.get(key).tone,
      entries: () => data.concepts.map((c) => c.number),
      mark: (key) => {
        const c = concept.get(key);
        return c.tile ? [badge(key), tile(c, "inline")] : [badge(key)];
      },
    },
    strategy: {
      of: (image) => image.strategy,
      tone: rank,
      entries: () => data.strategies.map((s) => s.number),
      mark: (key) => [make("span", `badge ${rank(key)}`, strategy.get(key).name), lensSay("strategy")],
    },
    right: {
      of: (image) => image.right,
      tone: (key) => ({ 1: "c5", 0: "c2", [-1]: "c0" })[key],
      entries: () => [1, 0, -1],
      mark: (key) => {
        const name = { 1: lensSay("right"), 0: lensSay("wrong"), [-1]: lensSay("no label") }[key];
        const shape = { 1: "●", 0: "◆", [-1]: "○" }[key];
        const sign = make("span", groups.right.tone(key), shape);
        sign.style.color = "var(--tone)";
        sign.setAttribute("aria-hidden", "true");
        return [sign, name];
      },
    },
  };

  // One button an entry: how many images it has; one click shows these alone, the next all.
  const entries = (group, only, changed) => {
    const counts = new Map();
    for (const image of images) counts.set(group.of(image), (counts.get(group.of(image)) ?? 0) + 1);
    return group.entries().filter((key) => counts.has(key)).map((key) => {
      const item = make("li");
      const button = make("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(only === key));
      if (only !== null && only !== key) button.className = "graph__other";
      button.title = only === key ? lensSay("Show all images") : lensSay("Show these images alone");
      button.append(...group.mark(key), ` ${counts.get(key)}`);
      button.addEventListener("click", () => changed(only === key ? null : key));
      item.append(button);
      return item;
    });
  };
  return { groups, entries };
} };

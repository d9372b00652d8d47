// Switches and sliders of a picture's concepts, the answers that follow, and the shortest way to
// another answer. For a picture of the class page and for one of the visitor's own.
//
//   lensWhatIf.smallest(table, codes, rest)   {said, without, answer, share}: the smallest set of
//       concepts whose removal changes the answer, of several the one that changes it most; without
//       is null where there is none among those tried (all sets of up to `most` concepts)
//   lensWhatIf.answers(names, index, root, before)   {list, show(probabilities)}
//   lensWhatIf.panel({concepts, table, codes, rest, index, names, root})   an element; concepts:
//       [{number, badge(), tile()}], index: the class that is always shown
globalThis.lensWhatIf = (() => {
  "use strict";
  const SETS = 5000; // sets of concepts that are tried at most
  const SHOWN = 5;
  const { percent } = lensNumbers;

  const make = (tag, kind = "", text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  const highest = (values) => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

  // All sets of `size` of the items, in order.
  function* sets(items, size, from = 0) {
    if (size === 0) { yield []; return; }
    for (let i = from; i <= items.length - size; i += 1) {
      for (const others of sets(items, size - 1, i + 1)) yield [items[i], ...others];
    }
  }
  const choose = (n, size) => (size === 0 ? 1 : choose(n - 1, size - 1) * n / size);

  const smallest = (table, codes, rest) => {
    const logits = table.logits(codes, rest);
    const said = highest(logits);
    const there = [...codes.keys()].filter((i) => codes[i] !== 0);
    const brings = there.map((i) => table.logits(codes.map((code, j) => (j === i ? code : 0))));
    const nothing = table.logits(codes.map(() => 0));
    let [most, tried] = [0, 0];
    for (let size = 1; size <= there.length; size += 1) {
      tried += choose(there.length, size);
      if (tried > SETS) break;
      most = size;
      let best = { lead: 0 };
      for (const set of sets([...there.keys()], size)) {
        const left = logits.map((logit, c) => set.reduce((sum, i) => sum - (brings[i][c] - nothing[c]), logit));
        const answer = highest(left);
        const lead = left[answer] - left[said];
        if (lead <= best.lead) continue;
        best = { lead, answer, without: set.map((i) => there[i]), share: Lens.softmax(left)[answer] };
      }
      if (best.without) return { said, ...best };
    }
    return { said, without: null, answer: said, most, all: most === there.length };
  };

  // "Without 1 and 3 the network would say daisy."
  const sentence = ({ without, answer, share, most, all }, concepts, names) => {
    const line = make("p", "what-if__shortest");
    if (!without) {
      const many = all || !most ? "" : ` of up to ${most}`;
      line.append(`No removal of concepts${many} changes the answer.`);
      return line;
    }
    line.append("Without ");
    without.forEach((i, nth) => {
      if (nth) line.append(nth === without.length - 1 ? " and " : ", ");
      const mention = make("span", "mention");
      mention.append(concepts[i].badge());
      const tile = concepts[i].tile();
      if (tile) mention.append(tile);
      line.append(mention);
    });
    line.append(" the network would say ", make("b", "", names.labels[answer]), ` (${percent(share)}). `);
    return line;
  };

  // The classes that come first, and always the one of the page.
  const answers = (names, index, root, before) => {
    const list = make("ol", "answers");
    const show = (probabilities) => {
      const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, SHOWN);
      if (!order.includes(index)) order[SHOWN - 1] = index;
      list.replaceChildren(...order.map((c) => {
        const row = make("li", c === index ? "answers__own" : "");
        const slug = names.slugs[c];
        const name = make(slug && c !== index ? "a" : "span", "answers__name", names.labels[c]);
        if (name.tagName === "A") name.href = `${root}classes/${slug}/index.html`;
        const bar = make("span", "answers__bar");
        const fill = make("i");
        fill.style.width = `${100 * probabilities[c]}%`;
        bar.append(fill);
        if (before && Math.abs(before[c] - probabilities[c]) > 0.005) {
          const was = make("u");
          was.style.left = `${100 * before[c]}%`;
          was.title = `before: ${percent(before[c])}`;
          bar.append(was);
        }
        row.append(name, bar, make("span", "num", percent(probabilities[c])));
        return row;
      }));
      return order[0];
    };
    return { list, show };
  };

  const rows = (concepts, codes, changed) => {
    const list = make("ul", "what-if__concepts");
    const all = concepts.map((concept, i) => {
      const row = make("li", concept.tone);
      const label = make("label", "what-if__switch");
      const box = make("input");
      box.type = "checkbox";
      box.checked = true;
      const tile = concept.tile();
      label.append(box, concept.badge(), tile ?? make("span"));
      const slider = make("input");
      Object.assign(slider, { type: "range", min: 0, max: 200, step: 5, value: 100 });
      slider.setAttribute("aria-label", `amount of concept ${concept.number}`);
      const amount = make("output", "num");
      const set = (value) => {
        slider.value = value;
        box.checked = Number(value) > 0;
        const told = percent(value / 100);
        slider.setAttribute("aria-valuetext", told);
        slider.style.setProperty("--at", value / 200);
        amount.textContent = told;
        row.classList.toggle("what-if__off", !box.checked);
      };
      set(100);
      if (codes[i] === 0) {
        box.disabled = slider.disabled = true;
        box.checked = false;
        amount.textContent = "none";
        row.classList.add("what-if__off");
        row.title = "not in this picture";
      }
      box.addEventListener("change", () => { set(box.checked ? 100 : 0); changed(); });
      slider.addEventListener("input", () => { set(slider.value); changed(); });
      row.append(label, slider, amount);
      list.append(row);
      return { row, slider, set };
    });
    const constant = make("li", "what-if__constant c0");
    constant.append(make("span", "", "everything else, which no concept holds"), make("span", "num", "stays"));
    list.append(constant);
    const factors = () => all.map(({ slider }) => Number(slider.value) / 100);
    const set = (values) => { all.forEach((each, i) => { if (codes[i] !== 0) each.set(values(i)); }); changed(); };
    return { list, factors, set };
  };

  const panel = ({ concepts, table, codes, rest, index, names, root }) => {
    const box = make("div", "what-if__panel");
    const before = Lens.softmax(table.logits(codes, rest));
    const shown = answers(names, index, root, before);
    const say = make("p", "sr");
    say.setAttribute("role", "status");
    const now = () => Lens.softmax(table.logits(codes.map((code, i) => code * switches.factors()[i]), rest));
    const draw = () => {
      const probabilities = now();
      const first = shown.show(probabilities);
      say.textContent = `The network would say ${names.labels[first]}, ${percent(probabilities[first])}.`;
      back.disabled = switches.factors().every((factor) => factor === 1);
    };
    const switches = rows(concepts, codes, draw);
    const back = make("button", "button button--quiet", "Put everything back");
    back.type = "button";
    back.addEventListener("click", () => switches.set(() => 100));
    const way = smallest(table, codes, rest);
    const line = sentence(way, concepts, names);
    if (way.without) {
      const go = make("button", "what-if__go", "Show that");
      go.type = "button";
      go.addEventListener("click", () => switches.set((i) => (way.without.includes(i) ? 0 : 100)));
      line.append(go);
    }
    const right = make("div", "what-if__answers");
    right.append(shown.list, line, back, say);
    box.append(switches.list, right);
    draw();
    return box;
  };
  return { smallest, answers, panel };
})();

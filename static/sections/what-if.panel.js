// Switches and sliders of a picture's concepts, the answers that follow, and the shortest way to
// another answer. For a picture of the class page and for one of the visitor's own.
//
//   lensWhatIf.added(table, codes, rest)       a picture at a linear head: logits are sums
//   lensWhatIf.run(lens, slug, coded, rest)    a picture whose edited codes the head is run on
//       {codes, logits(factors), sets}: mean codes, the logits of each times its factor (or a promise
//       of them), and how many sets of concepts may be tried
//   await lensWhatIf.smallest(picture, wanted)   {said, without, answer, share}: the smallest set of
//       concepts whose removal changes the answer, of several the one that changes it most; without
//       is null where there is none among those tried (all sets of up to `most` concepts); null once
//       wanted() is false
//   lensWhatIf.answers(names, index, root, before)   {list, show(probabilities)}
//   await lensWhatIf.panel({concepts, picture, index, names, root})   an element; concepts:
//       [{number, badge(), tile()}], index: the class that is always shown
globalThis.lensWhatIf = (() => {
  "use strict";
  const SETS = { added: 5000, run: 1100 }; // of concepts, tried at most: all of ten are 1,023
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

  const added = (table, codes, rest) => ({
    codes, sets: SETS.added,
    logits: (factors) => table.logits(codes.map((code, i) => code * factors[i]), rest),
  });
  const run = (lens, slug, coded, rest) => ({
    codes: coded.mean, sets: SETS.run,
    logits: async (factors) => (await lens.edited(slug, coded, factors)).map((logit, c) => logit + rest[c]),
  });

  const smallest = async ({ codes, logits, sets: budget }, wanted = () => true) => {
    const said = highest(await logits(codes.map(() => 1)));
    const there = [...codes.keys()].filter((i) => codes[i] !== 0);
    let [most, tried] = [0, 0];
    for (let size = 1; size <= there.length; size += 1) {
      tried += choose(there.length, size);
      if (tried > budget) break;
      most = size;
      let best = { lead: 0 };
      for (const without of sets(there, size)) {
        if (!wanted()) return null;
        const left = await logits(codes.map((_, i) => (without.includes(i) ? 0 : 1)));
        const answer = highest(left);
        const lead = left[answer] - left[said];
        if (lead > best.lead) best = { lead, answer, without, share: Lens.softmax(left)[answer] };
      }
      if (best.without) return { said, ...best };
    }
    return { said, without: null, answer: said, most, all: most === there.length };
  };

  // "Without 1 and 3 the network would say daisy."
  const sentence = ({ without, answer, share, most, all }, concepts, names) => {
    const line = make("p", "what-if__shortest");
    if (!without) {
      line.append(all || !most
        ? lensSay("No removal of concepts changes the answer.")
        : lensSay("No removal of concepts of up to {most} changes the answer.", { most }));
      return line;
    }
    const list = make("span");
    without.forEach((i, nth) => {
      if (nth) list.append(nth === without.length - 1 ? ` ${lensSay("and")} ` : ", ");
      const mention = make("span", "mention");
      mention.append(concepts[i].badge());
      const tile = concepts[i].tile();
      if (tile) mention.append(tile);
      list.append(mention);
    });
    const name = make("b", "", names.labels[answer]);
    const told = lensSay("Without {concepts} the network would say {name} ({share}).", { share: percent(share) });
    line.append(...lensAround(told, { concepts: list, name }), " ");
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
          was.title = lensSay("before: {share}", { share: percent(before[c]) });
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
      slider.setAttribute("aria-label", lensSay("amount of concept {number}", { number: concept.number }));
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
        amount.textContent = lensSay("none");
        row.classList.add("what-if__off");
        row.title = lensSay("not in this picture");
      }
      box.addEventListener("change", () => { set(box.checked ? 100 : 0); changed(); });
      slider.addEventListener("input", () => { set(slider.value); changed(); });
      row.append(label, slider, amount);
      list.append(row);
      return { row, slider, set };
    });
    const constant = make("li", "what-if__constant c0");
    constant.append(make("span", "", lensSay("everything else, which no concept holds")), make("span", "num", lensSay("stays")));
    list.append(constant);
    const factors = () => all.map(({ slider }) => Number(slider.value) / 100);
    const set = (values) => { all.forEach((each, i) => { if (codes[i] !== 0) each.set(values(i)); }); changed(); };
    return { list, factors, set };
  };

  // The line of the shortest way, once it is found, and the button that shows it.
  let searches = 0; // a newer panel's search ends that of an older one
  const shortest = async (picture, concepts, names, set) => {
    searches += 1;
    const mine = searches;
    const way = await smallest(picture, () => mine === searches);
    if (!way) return "";
    const line = sentence(way, concepts, names);
    if (way.without) {
      const go = make("button", "what-if__go", lensSay("Show that"));
      go.type = "button";
      go.addEventListener("click", () => set((i) => (way.without.includes(i) ? 0 : 100)));
      line.append(go);
    }
    return line;
  };

  const panel = async ({ concepts, picture, index, names, root }) => {
    const box = make("div", "what-if__panel");
    const { codes, logits } = picture;
    const before = Lens.softmax(await logits(codes.map(() => 1)));
    const shown = answers(names, index, root, before);
    const say = make("p", "sr");
    say.setAttribute("role", "status");
    const back = make("button", "button button--quiet", lensSay("Put everything back"));
    back.type = "button";
    let turn = 0;
    const draw = async () => {
      turn += 1;
      const [mine, factors] = [turn, switches.factors()];
      back.disabled = factors.every((factor) => factor === 1);
      const probabilities = Lens.softmax(await logits(codes.map((_, i) => factors[i])));
      if (mine !== turn) return; // the hand was faster
      const first = shown.show(probabilities);
      say.textContent = lensSay("The network would say {name}, {share}.", { name: names.labels[first], share: percent(probabilities[first]) });
    };
    const switches = rows(concepts, codes, draw);
    back.addEventListener("click", () => switches.set(() => 100));
    const line = make("p", "what-if__shortest", lensSay("Looking for the fewest concepts that decide …"));
    const right = make("div", "what-if__answers");
    right.append(shown.list, line, back, say);
    box.append(switches.list, right);
    await draw();
    shortest(picture, concepts, names, switches.set).then((found) => line.replaceWith(found), () => line.remove());
    return box;
  };
  return { added, run, smallest, answers, panel };
})();

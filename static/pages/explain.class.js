// What speaks for one class in the visitor's picture: concepts as bars with their light, everything
// else, its place in the strategic cluster graph with the nearest images, and what would be if a
// concept were not there.
//
//   lensOwn.seen({lens, root, slug, portrait, answer, view, names})   a promise of an element;
//       answer: of lens.run, view: of lens.prepare
globalThis.lensOwn = (() => {
  "use strict";
  const NEAREST = 6;
  const LEAST = 0.01; // of the evidence; what is less stands together in one row
  const LARGE = 0.5; // everything else, beside the concepts together, from which on it is said
  const { percent } = lensNumbers;

  const make = (tag, kind = "", ...content) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...content);
    return element;
  };
  const draw = (canvas, view) => {
    [canvas.width, canvas.height] = [view.width, view.height];
    canvas.getContext("2d").drawImage(view, 0, 0);
    return canvas;
  };

  // What each concept adds to what the class page explains: the logit, or its lead over the best
  // other class.
  const evidence = async (lens, slug, portrait, coded, logits) => {
    const adds = [...await lens.contributions(slug, portrait.index, coded, portrait.method)];
    if (portrait.score !== "margin") return adds;
    const rival = logits.reduce((best, logit, c) => (c !== portrait.index && (best < 0 || logit > logits[best]) ? c : best), -1);
    const other = await lens.contributions(slug, rival, coded, portrait.method);
    return adds.map((x, i) => x - other[i]);
  };
  // The parts of the class's logit: each concept's, and what none of them holds.
  const parts = async (lens, slug, portrait, coded, answer) => {
    const adds = [...await lens.contributions(slug, portrait.index, coded, portrait.method)];
    const plain = await lens.edited(slug, coded, adds.map(() => 1));
    const left = answer.logits.map((logit, c) => logit - plain[c]);
    const whole = adds.reduce((sum, x) => sum + Math.abs(x), 0) || 1;
    return { shares: adds.map((x) => x / whole), rest: left[portrait.index] / whole, left };
  };

  const bar = (share, [low, high]) => {
    const fill = make("i", share < 0 ? "sight__against" : "");
    const reach = high - low || 1;
    fill.style.marginLeft = `${100 * (Math.min(0, share) - low) / reach}%`;
    fill.style.width = `${100 * Math.abs(share) / reach}%`;
    return make("span", "sight__bar", fill);
  };

  const lit = (c, i, coded, view, marks) => {
    const level = Array.from({ length: coded.h * coded.w }, (_, place) => Math.max(0, coded.codes[place * coded.k + i]));
    const most = Math.max(...level);
    const map = { level: level.map((x) => x / (most || 1)), rows: coded.h, columns: coded.w };
    const light = lensGraph.heat.paint(map, c.tone === "c0" ? marks.css("--accent") : marks.color(c.tone));
    const picture = make("span", "own__lit", draw(make("canvas"), view), light);
    picture.setAttribute("role", "img");
    const where = most > 0 ? lensGraph.heat.where(map) : lensSay("nowhere in this picture");
    picture.setAttribute("aria-label", `${lensSay("concept {number}", { number: c.number })}: ${where}`);
    return picture;
  };

  const rows = (portrait, marks, coded, { shares, rest }, view, base) => {
    const list = make("ol", "own__concepts");
    const order = [...shares.keys()].sort((a, b) => Math.abs(shares[b]) - Math.abs(shares[a]));
    const shown = order.filter((i) => Math.abs(shares[i]) >= LEAST);
    const little = order.filter((i) => Math.abs(shares[i]) < LEAST);
    const scale = [Math.min(0, rest, ...shares), Math.max(0, rest, ...shares)];
    for (const i of shown) {
      const c = portrait.concepts[i];
      const link = make("a", "own__tile", marks.badge(c.number), ...(c.tile ? [marks.tile(c, "tile")] : []));
      link.href = `${base}index.html#concept-${c.number}`;
      link.title = lensSay("the concept on the page of the class");
      list.append(make("li", c.tone, lit(c, i, coded, view, marks), link, bar(shares[i], scale), make("span", "num", percent(shares[i]))));
    }
    const last = (words, share) => list.append(make("li", "own__rest c0", make("span", "", words), bar(share, scale), make("span", "num", percent(share))));
    if (little.length) last(lensMany("one more concept", "{n} more concepts", little.length), little.reduce((sum, i) => sum + shares[i], 0));
    last(lensSay("everything else, which no concept holds"), rest);
    return list;
  };

  const nearest = (found, marks, base) => {
    const list = make("ul", "own__nearest");
    for (const i of found.order.slice(0, NEAREST)) {
      const link = make("a", "", marks.thumbnail(i, "near"));
      link.href = `${base}index.html#image=${i + 1}`;
      list.append(make("li", "", link));
    }
    return list;
  };

  // How the images were weighed where this page weighs otherwise.
  const otherwise = ({ method, adds_up: sums }, table) => {
    const same = table.linear ? sums : ["gradient-input", "occlusion"].includes(method);
    return same ? "" : [" ", lensSay("The images were weighed by {method}, your picture by taking each concept away.", { method })].join("");
  };
  const unlike = ({ alone, faint }) => {
    const far = alone ? lensSay("it is farther from the nearest than any of them is from its own neighbors") : "";
    const little = faint ? lensSay("its concepts say less, all together, than those of any") : "";
    const why = [far, little].filter(Boolean).join(`, ${lensSay("and")} `);
    return why && lensSay("Yours is unlike all of them: {why}. So its place tells little.", { why });
  };
  const strategy = ({ strategy: found, alone, faint }, portrait, marks) => {
    if (!portrait.strategies.length) return lensSay("This class has no separate strategies: its images blend these concepts, so yours has none either.");
    if (alone || faint) return lensSay("It has none of the strategies of this class.");
    return lensSay("Its strategy is {letter}: it is nearer to the mean of these images than to that of any other group.", { letter: marks.strategy.get(found).name });
  };
  const place = (adds, table, portrait, marks, view, said, base) => {
    const amount = adds.reduce((sum, x) => sum + Math.abs(x), 0);
    const found = lensPlace.find(marks.images, adds.map((x) => x / (amount || 1)), amount, portrait.least);
    const { name } = portrait;
    const words = [
      marks.images.length < 2 ? "" : lensSay("Each dot is an image of {name}; they lie close together where the same concepts speak for them. Yours is put between the three most like it.", { name }),
      said === portrait.index ? "" : lensSay("The network calls all of them {name}, and yours not.", { name }),
      unlike(found),
      strategy(found, portrait, marks),
    ].filter(Boolean);
    const [field, legend] = lensPlace.chart({ marks, portrait, found, view, base });
    const beside = make("div", "", make("h4", "", lensSay("Most like yours")), nearest(found, marks, base), legend);
    return [
      make("h3", "", lensSay("Where it stands")), make("p", "own__placed", words.join(" "), otherwise(portrait, table)),
      make("div", "own__place", field, beside),
    ];
  };

  const whatIf = (lens, slug, table, portrait, marks, coded, left, names, root) => lensWhatIf.panel({
    concepts: portrait.concepts.map((c) => ({
      ...c, badge: () => marks.badge(c.number), tile: () => (c.tile ? marks.tile(c, "inline") : null),
    })),
    picture: table.linear ? lensWhatIf.added(table, coded.mean, left) : lensWhatIf.run(lens, slug, coded, left),
    names, root, index: portrait.index,
  });

  const seen = async ({ lens, root, slug, portrait, answer, view, names }) => {
    const base = `${root}classes/${slug}/`;
    const marks = lensGraph.marks(portrait);
    const coded = await lens.codes(slug, answer.activations);
    const table = await lens.table(slug);
    const found = await parts(lens, slug, portrait, coded, answer);
    const adds = await evidence(lens, slug, portrait, coded, answer.logits);
    const said = answer.logits.reduce((best, logit, c) => (logit > answer.logits[best] ? c : best), 0);
    const box = make("div", "own__seen-as");
    const against = found.shares.some((share) => share < -LEAST) || found.rest < -LEAST;
    const told = against
      ? lensSay("Each row is a concept of this class, lit where your picture holds it. Bars to the right speak for {name}, hatched ones against it.")
      : lensSay("Each row is a concept of this class, lit where your picture holds it. Bars to the right speak for {name}.");
    const words = make("p", "own__words", ...lensAround(told, { name: make("b", "", portrait.name) }), " ");
    const link = make("a", "", lensSay("All about {name}", { name: portrait.name }));
    link.href = `${base}index.html`;
    words.append(link);
    if (found.rest > LARGE) words.append(". ", lensSay("Here most speaks through what none of these concepts holds: it looks unlike the images they were found in."));
    box.append(words, rows(portrait, marks, coded, found, view, base));
    box.append(...place(adds, table, portrait, marks, view, said, base));
    const panel = await whatIf(lens, slug, table, portrait, marks, coded, found.left, names, root);
    box.append(make("h3", "", lensSay("What if …")), make("p", "", lensSay("Take a concept out of your picture, or put more of it in. What no concept holds stays as it is.")), panel);
    return box;
  };
  return { seen, draw };
})();

// What speaks for one class in the visitor's picture: concepts as bars with their light, everything
// else, the nearest images of the class, and what would be if a concept were not there.
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

  // The parts of the class's logit: each concept's, and what none of them holds.
  const parts = async (lens, slug, index, coded, answer, table) => {
    const adds = [...await lens.contributions(slug, index, coded)];
    const none = new Float32Array(coded.k);
    const zero = table
      ? table.logits(none)[index]
      : (await lens.head(await lens.decode(slug, { ...coded, codes: coded.codes.map(() => 0) })))[index];
    const rest = answer.logits[index] - zero - adds.reduce((sum, x) => sum + x, 0);
    const whole = adds.reduce((sum, x) => sum + Math.abs(x), 0) || 1;
    return { adds, shares: adds.map((x) => x / whole), rest: rest / whole };
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
    const where = most > 0 ? lensGraph.heat.where(map) : "nowhere in this picture";
    picture.setAttribute("aria-label", `concept ${c.number}: ${where.replace("image", "picture")}`);
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
      link.title = "the concept on the page of the class";
      list.append(make("li", c.tone, lit(c, i, coded, view, marks), link, bar(shares[i], scale), make("span", "num", percent(shares[i]))));
    }
    const last = (words, share) => list.append(make("li", "own__rest c0", make("span", "", words), bar(share, scale), make("span", "num", percent(share))));
    if (little.length) last(little.length > 1 ? `${little.length} more concepts` : "one more concept", little.reduce((sum, i) => sum + shares[i], 0));
    last("everything else, which no concept holds", rest);
    return list;
  };

  const cosine = (a, b) => {
    const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    const size = Math.sqrt(dot(a, a) * dot(b, b));
    return size ? dot(a, b) / size : 0;
  };
  const nearest = (adds, table, portrait, marks, base) => {
    const alike = marks.images.map((_, i) => cosine(adds, table.contributions(portrait.index, table.codes(i))));
    const order = [...alike.keys()].sort((a, b) => alike[b] - alike[a]).slice(0, NEAREST);
    const list = make("ul", "own__nearest");
    for (const i of order) {
      const link = make("a", "", marks.thumbnail(i, "near"));
      link.href = `${base}index.html#image=${i + 1}`;
      list.append(make("li", "", link));
    }
    const { strategy, dominant } = marks.images[order[0]];
    const group = marks.strategy.get(strategy);
    const how = group
      ? [`The nearest belongs to strategy ${group.name}.`]
      : ["In the nearest, concept ", marks.badge(dominant), " leads."];
    const words = make("p", "", `Images of ${portrait.name} in which the same concepts speak. `, ...how);
    return [make("h3", "", "Most like these"), words, list];
  };

  const whatIf = (table, portrait, marks, coded, answer, names, root) => {
    const modeled = table.logits(coded.mean);
    const panel = lensWhatIf.panel({
      concepts: portrait.concepts.map((c) => ({
        ...c, badge: () => marks.badge(c.number), tile: () => (c.tile ? marks.tile(c, "inline") : null),
      })),
      table, names, root, codes: coded.mean, index: portrait.index,
      rest: answer.logits.map((logit, c) => logit - modeled[c]),
    });
    return [make("h3", "", "What if …"), make("p", "", "Take a concept out of your picture, or put more of it in. What no concept holds stays as it is."), panel];
  };

  const seen = async ({ lens, root, slug, portrait, answer, view, names }) => {
    const base = `${root}classes/${slug}/`;
    const marks = lensGraph.marks(portrait);
    const coded = await lens.codes(slug, answer.activations);
    const table = await lens.table(slug);
    const found = await parts(lens, slug, portrait.index, coded, answer, table);
    const box = make("div", "own__seen-as");
    const words = make("p", "own__words", "Each row is a concept of this class, lit where your picture holds it. Bars to the right speak for ", make("b", "", portrait.name));
    words.append(found.shares.some((share) => share < -LEAST) || found.rest < -LEAST ? ", hatched ones against it. " : ". ");
    const link = make("a", "", `All about ${portrait.name}`);
    link.href = `${base}index.html`;
    words.append(link, found.rest > LARGE ? ". Here most speaks through what none of these concepts holds: it looks unlike the images they were found in." : "");
    box.append(words, rows(portrait, marks, coded, found, view, base));
    if (table) {
      box.append(...nearest(found.adds, table, portrait, marks, base));
      box.append(...whatIf(table, portrait, marks, coded, answer, names, root));
    }
    return box;
  };
  return { seen, draw };
})();

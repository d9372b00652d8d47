// Two classes of one network side by side: loads what lies beside each, matches directions, draws.
(() => {
  "use strict";
  const section = document.getElementById("compare");
  if (!section) return;
  const part = (selector) => section.querySelector(selector);
  const root = document.documentElement.dataset.root;
  const form = part("form");
  const status = part(".compare__status");
  const result = part(".compare__result");
  const threshold = section.dataset.level === "" ? -Infinity : Number(section.dataset.level);
  const sign = "absolute" in section.dataset ? Math.abs : (cosine) => cosine;
  const TILES = 5;

  const make = (tag, kind, ...inside) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...inside);
    return element;
  };

  // Loading: each class is a classic script that calls LensCompare, for fetch cannot read file://.
  const arrived = new Map();
  const asked = new Map();
  globalThis.LensCompare = (slug, said) => arrived.set(slug, said);
  const load = (slug) => {
    if (!asked.has(slug)) {
      asked.set(slug, new Promise((done, failed) => {
        const script = make("script");
        script.src = `${root}classes/${slug}/${section.dataset.file}`;
        script.onload = () => (arrived.has(slug) ? done({ slug, ...arrived.get(slug) }) : failed(new Error(slug)));
        script.onerror = () => { asked.delete(slug); script.remove(); failed(new Error(slug)); };
        document.head.append(script);
      }));
    }
    return asked.get(slug);
  };

  // Matching: rows of unit length, their cosines, and the pairs of which each is the other's nearest.
  const rowsOf = ({ directions, width }) => {
    if (!directions) return null;
    const bytes = Uint8Array.from(atob(directions), (letter) => letter.charCodeAt(0));
    const whole = new Int8Array(bytes.buffer);
    return Array.from({ length: whole.length / width }, (_, i) => {
      const row = Float64Array.from(whole.subarray(i * width, (i + 1) * width));
      const length = Math.hypot(...row) || 1;
      return row.map((value) => value / length);
    });
  };
  const largest = (values) => values.indexOf(Math.max(...values));
  const match = (one, other) => {
    const [u, v] = [rowsOf(one), rowsOf(other)];
    if (!u || !v || one.width !== other.width) return [];
    const cosines = u.map((a) => v.map((b) => sign(a.reduce((sum, value, c) => sum + value * b[c], 0))));
    const nearest = cosines.map(largest);
    const back = v.map((_, j) => largest(cosines.map((row) => row[j])));
    return nearest
      .map((j, i) => ({ i, j, cosine: cosines[i][j] }))
      .filter(({ i, j, cosine }) => back[j] === i && cosine >= threshold)
      .sort((a, b) => b.cosine - a.cosine);
  };

  // Drawing.
  const held = ({ slug, name }, concept) => {
    const badge = make("span", `badge ${concept.tone}`, make("span", "sr", `${lensSay("concept")} `), String(concept.number));
    const link = make("a", "", badge, ` ${concept.told}`);
    link.href = `${root}classes/${slug}/${section.dataset.concept.replace("{two}", String(concept.number).padStart(2, "0"))}`;
    const line = make("p", "", make("span", "compare__whose", `${name} `), link);
    if (concept.right) line.append(make("small", "", ` ${lensSay("right in")} ${concept.right}`));
    const box = make("div", `compare__held ${concept.tone}`, line);
    if (concept.file) {
      const picture = make("img");
      picture.src = `${root}classes/${slug}/${concept.file}`;
      picture.alt = lensSay("patches of {name} that hold concept {number} most", { name, number: concept.number });
      const strip = make("div", "strip strip--tiles", picture);
      strip.style.setProperty("--n", Math.min(TILES, concept.tiles));
      strip.style.setProperty("--all", concept.tiles);
      box.append(strip);
    }
    return box;
  };
  const both = (one, other, { i, j, cosine }) => {
    const value = make("div", "compare__value", make("b", "num", cosine.toFixed(2).replace(".", section.dataset.point)));
    const group = one.concepts[i].group;
    if (group && group === other.concepts[j].group) {
      const link = make("a", "", lensSay("shared"));
      link.href = `${root}shared/${String(group).padStart(3, "0")}/index.html`;
      value.append(make("small", "", " ", link));
    }
    return make("li", "", held(one, one.concepts[i]), value, held(other, other.concepts[j]));
  };
  const alone = (box, one, taken) => {
    const left = one.concepts.filter((_, i) => !taken.has(i));
    box.replaceChildren(make("h4", "", one.name), ...left.map((concept) => make("div", "compare__only", held(one, concept))));
    if (!left.length) box.append(make("p", "prose", lensSay("Nothing: each of its concepts has a match.")));
  };
  const apart = (box, { name, strategies }) => {
    const list = make("ul", "compare__groups", ...strategies.map(([letter, share, number, tone]) => (
      make("li", "", make("span", "letter", letter), ` ${share} `, make("span", `badge ${tone}`, make("span", "sr", `${lensSay("led by concept")} `), String(number))))));
    box.replaceChildren(make("h4", "", name), strategies.length ? list : make("p", "prose", lensSay("No groups of images stand apart.")));
  };
  const percent = (concepts, chosen) => lensNumbers.percent(chosen.reduce((sum, i) => sum + concepts[i].share, 0));
  const draw = (one, other) => {
    const pairs = match(one, other);
    const [left, right] = [pairs.map(({ i }) => i), pairs.map(({ j }) => j)];
    part("#compare-both").hidden = !pairs.length;
    part(".compare__rows").replaceChildren(...pairs.map((pair) => both(one, other, pair)));
    const boxes = section.querySelectorAll(".compare__alone");
    alone(boxes[0], one, new Set(left));
    alone(boxes[1], other, new Set(right));
    section.querySelectorAll(".compare__apart").forEach((box, n) => apart(box, [one, other][n]));
    const table = part(".compare__figures");
    [one, other].forEach((side, n) => {
      table.tHead.rows[0].cells[n + 1].textContent = side.name;
      side.figures.forEach((figure, row) => { table.tBodies[0].rows[row].cells[n + 1].textContent = figure; });
    });
    const told = { one: one.name, other: other.name, share1: percent(one.concepts, left), share2: percent(other.concepts, right) };
    status.textContent = pairs.length
      ? lensMany(
        "{one} and {other} have {n} concept in common, worth {share1} of the evidence for {one} and {share2} of that for {other}.",
        "{one} and {other} have {n} concepts in common, worth {share1} of the evidence for {one} and {share2} of that for {other}.",
        pairs.length, told)
      : lensSay("{one} and {other} have no concept in common.", told);
    result.hidden = false;
  };

  // Choosing: the address holds both classes.
  const chosen = (name) => form.elements[name].selectedOptions[0];
  const show = async () => {
    const [a, b] = [chosen("a"), chosen("b")];
    result.hidden = true;
    if (!a.value || !b.value || a.value === b.value) {
      status.textContent = a.value && a.value === b.value ? lensSay("Choose two classes that differ.") : lensSay("Choose two classes.");
      return;
    }
    try {
      const [one, other] = await Promise.all([a, b].map((option) => load(option.dataset.slug)));
      if (chosen("a") === a && chosen("b") === b) draw(one, other);
    } catch {
      status.textContent = lensSay("A class could not be loaded; check the connection and try again.");
    }
  };
  const recall = () => {
    const query = new URLSearchParams(location.search);
    for (const name of ["a", "b"]) {
      const wanted = String(parseInt(query.get(name), 10)).padStart(4, "0");
      const option = [...form.elements[name].options].find(({ value }) => value === wanted);
      form.elements[name].value = option ? wanted : "";
    }
    show();
  };
  form.addEventListener("change", () => {
    const query = new URLSearchParams([["a", chosen("a").value], ["b", chosen("b").value]].filter(([, value]) => value));
    try { history.replaceState(null, "", `?${query}`); } catch { /* a page from a disk may not */ }
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", recall);
  recall();
})();

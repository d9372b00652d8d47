// What a visitor looks for: classes, levels of the tree, concepts, pages of text; words may be misspelt.
globalThis.lensFind = (() => {
  "use strict";
  const root = new URL(document.documentElement.dataset.root || "./", location.href);
  const [CLASSES, CONCEPTS] = [24, 6];
  let finder = null;

  const fold = (term) => term.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  // A wrong letter in four to five, two in six to nine; numbers are meant as they are written.
  const slips = (term) => !/\d/.test(term) && term.length > 3 && 0.25;
  const options = {
    fields: ["name", "also", "above", "code"],
    processTerm: fold,
    searchOptions: { prefix: true, fuzzy: slips, boost: { name: 4, also: 3, code: 4 } },
  };

  const script = (name) => new Promise((loaded, failed) => {
    const tag = document.createElement("script");
    tag.src = new URL(`assets/${name}`, root);
    tag.onload = loaded;
    tag.onerror = failed;
    document.head.append(tag);
  });

  const read = ({ tree, concept, classes, others, levels, pages }) => {
    const engine = new MiniSearch(options);
    const first = classes.length + others.length;
    const last = first + levels.length;
    const names = [...classes.map((row) => row[2]), ...others.map(([name]) => name)];
    engine.addAll(classes.map(([index, , name, also, wordnet, above], id) => (
      { id, name, also, code: `${index} ${wordnet}`, above: above.map((level) => levels[level][0]).join(", ") })));
    engine.addAll(others.map(([name], i) => ({ id: classes.length + i, name })));
    levels.forEach(([words, anchor], i) => {
      const [name, ...also] = words.split(", ");
      if (anchor) engine.add({ id: first + i, name, also: also.join(", ") });
    });
    engine.addAll(pages.map(([name], i) => ({ id: last + i, name })));

    const told = (id) => {
      if (id >= last) {
        const [title, more, address] = pages[id - last];
        return { title, more, address };
      }
      if (id >= first) {
        const [words, anchor, count] = levels[id - first];
        return { title: words.split(", ")[0], more: lensMany("{n} class in the tree", "{n} classes in the tree", count), address: `${tree}#${anchor}` };
      }
      const [index, slug, name, also] = classes[id];
      return { title: name, more: [lensSay("class {index}", { index }), also].filter(Boolean).join(" · "), address: `classes/${slug}/index.html` };
    };
    const toldConcept = ([id, number, handle]) => ({
      title: lensSay("concept {number} of {name}", { number, name: classes[id][2] }),
      more: lensSay("as in {names}", { names: handle.map((other) => names[other]).join(", ") }),
      address: concept.replaceAll("{slug}", classes[id][1]).replaceAll("{number}", number)
        .replaceAll("{two}", String(number).padStart(2, "0")),
    });
    // Concepts answer to the names of the classes in their handles, not to what those are kinds of.
    const concepts = (query) => {
      const named = new Map(engine.search(query, { fields: ["name", "also"] }).map((hit) => [hit.id, hit]));
      const found = [];
      classes.forEach((row, id) => {
        for (const [number, ...handle] of row[6]) {
          const hits = handle.map((other) => named.get(other)).filter(Boolean);
          if (!hits.length) continue;
          const queryTerms = [...new Set(hits.flatMap((hit) => hit.queryTerms))];
          found.push({ id: [id, number, handle], queryTerms, score: hits.reduce((sum, hit) => sum + hit.score, 0) });
        }
      });
      return found.sort((a, b) => b.score - a.score);
    };

    return (query) => {
      const boostDocument = (id) => (id >= last ? 0.8 : id >= first ? 1.5 : 1);
      const whole = engine.search(query, { boostDocument }).filter(({ id }) => id < classes.length || id >= first);
      const parts = concepts(query);
      const most = Math.max(0, ...[...whole, ...parts].map((hit) => hit.queryTerms.length));
      const [entries, handles] = [whole, parts].map((hits) => hits.filter((hit) => hit.queryTerms.length === most));
      const hits = [
        ...entries.slice(0, CLASSES).map((hit) => told(hit.id)),
        ...handles.slice(0, CONCEPTS).map((hit) => toldConcept(hit.id)),
      ];
      const absolute = (hit) => ({ ...hit, address: new URL(hit.address, root).href });
      return { hits: hits.map(absolute), count: entries.length + handles.length };
    };
  };

  // A promise of what finds; the same at every call, unless the files could not be loaded.
  return () => {
    finder ??= Promise.all([script("minisearch.js"), script("search-index.js")]).then(() => read(lensIndex));
    finder.catch(() => { finder = null; });
    return finder;
  };
})();

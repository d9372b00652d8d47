// What a visitor sees of one image, strategy or concept: picture, words, bars, heat maps.
globalThis.lensGraph = { ...globalThis.lensGraph, sights: (data, marks) => {
  "use strict";
  const { percent } = lensNumbers;
  const { heat } = lensGraph;
  const { images, concept, strategy, make, css, color, title, tile, thumbnail, badge } = marks;

  const bars = (list, tiles) => {
    const rows = make("ul", "sight__tops");
    const shares = list.map(([, share]) => share);
    const [low, high] = [Math.min(0, ...shares), Math.max(0, ...shares)];
    const reach = high - low || 1;
    for (const [number, share] of list) {
      const row = make("li", concept.get(number).tone);
      const cell = make("span", "sight__bar");
      const bar = make("i", share < 0 ? "sight__against" : "");
      bar.style.marginLeft = `${100 * (Math.min(0, share) - low) / reach}%`;
      bar.style.width = `${100 * Math.abs(share) / reach}%`;
      cell.append(bar);
      row.append(badge(number));
      if (tiles) row.append(concept.get(number).tile ? tile(concept.get(number), "inline") : make("span"));
      row.append(cell, make("span", "num", percent(share)));
      rows.append(row);
    }
    return rows;
  };

  // The picture in gray, one concept's code as color over it.
  const lit = (i, map) => {
    const c = concept.get(map.number);
    const box = make("li", c.tone);
    const picture = make("span", "sight__lit");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `concept ${map.number}: ${heat.where(map)}`);
    const below = thumbnail(i);
    below.firstChild.alt = "";
    picture.append(below, heat.paint(map, c.tone === "c0" ? css("--accent") : color(c.tone)));
    box.append(picture, badge(map.number));
    return box;
  };
  const maps = (i) => {
    const list = make("ul", "sight__heat");
    list.append(...heat.read(globalThis.lensMaps ?? "", i).map((map) => lit(i, map)));
    return list;
  };

  const ofImage = (i, large) => {
    const image = images[i];
    const box = make("div", "sight");
    box.dataset.image = i;
    box.append(thumbnail(i, "picture"), make("p", "sight__what", title(i)));
    if (image.right === 0) box.append(make("p", "sight__wrong", "a mistake"));
    box.append(make("p", "", `predicted ${data.name}, ${percent(image.probability)}`));
    if (large) {
      box.append(make("p", "", `strategy ${strategy.get(image.strategy)?.name ?? "none"}`));
      box.append(make("p", "sight__key", image.key));
    }
    box.append(bars(large ? image.top : image.top.slice(0, 3), large));
    if (large) box.append(maps(i));
    return box;
  };
  const ofStrategy = (s) => {
    const box = make("div", "sight");
    const right = s.reliability === null ? "" : `, ${percent(s.reliability)} right`;
    box.append(
      make("p", "sight__what", `Strategy ${s.name}`),
      make("p", "", `${s.prevalence} of the images (${s.size})${right}`),
      bars(s.top, false),
    );
    return box;
  };
  const ofConcept = (c) => {
    const box = make("div", "sight");
    if (c.tile) box.append(tile(c, "picture"));
    const head = make("p", "sight__what");
    head.append(badge(c.number), ` ${c.share} of the evidence`);
    box.append(head);
    return box;
  };
  return { ofImage, ofStrategy, ofConcept };
} };

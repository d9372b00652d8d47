// What a visitor sees of one image, strategy or concept: picture, words, bars, heat maps.
globalThis.lensGraph = { ...globalThis.lensGraph, sights: (data, marks) => {
  "use strict";
  const { percent } = lensNumbers;
  const { heat } = lensGraph;
  const { images, concept, strategy, make, css, color, title, tile, whole, badge } = marks;

  // From the least to the largest of these shares: where bars begin and end.
  const scaleOf = (list, rest) => {
    const shares = [...list.map(([, share]) => share), rest ?? 0];
    return [Math.min(0, ...shares), Math.max(0, ...shares)];
  };
  // Signed shares by concept; what no concept holds comes last, if it is told.
  const bars = (list, tiles, rest = null, [low, high] = scaleOf(list, rest)) => {
    const rows = make("ul", "sight__tops");
    const reach = high - low || 1;
    const barOf = (share) => {
      const cell = make("span", "sight__bar");
      const bar = make("i", share < 0 ? "sight__against" : "");
      bar.style.marginLeft = `${100 * (Math.min(0, share) - low) / reach}%`;
      bar.style.width = `${100 * Math.abs(share) / reach}%`;
      cell.append(bar);
      return cell;
    };
    for (const [number, share] of list) {
      const row = make("li", concept.get(number).tone);
      row.append(badge(number));
      if (tiles) row.append(concept.get(number).tile ? tile(concept.get(number), "inline") : make("span"));
      row.append(barOf(share), make("span", "num", percent(share)));
      rows.append(row);
    }
    if (rest !== null) {
      const row = make("li", "sight__rest c0");
      row.append(make("span", "", lensSay("everything else")), barOf(rest), make("span", "num", percent(rest)));
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
    picture.setAttribute("aria-label", `${lensSay("concept {number}", { number: map.number })}: ${heat.where(map)}`);
    const below = whole(i, "lit");
    below.firstChild.alt = "";
    picture.append(below, heat.paint(map, c.tone === "c0" ? css("--accent") : color(c.tone)));
    box.append(picture, badge(map.number));
    return box;
  };
  const maps = (i) => {
    const there = heat.read(globalThis.lensMaps ?? "", i);
    if (!there.length) return [];
    const list = make("ul", "sight__heat");
    list.append(...there.map((map) => lit(i, map)));
    return [make("p", "sight__where", there.length > 1 ? lensSay("where the first of them are") : lensSay("where it is")), list];
  };

  const ofImage = (i, large) => {
    const image = images[i];
    const box = make("div", "sight");
    box.dataset.image = i;
    box.append(whole(i, "picture"), make("p", "sight__what", title(i)));
    if (image.right === 0) box.append(make("p", "sight__wrong", lensSay("a mistake")));
    box.append(make("p", "", lensSay("classified as {name}, {share}", { name: data.name, share: percent(image.probability) })));
    if (large) {
      const mine = data.apart && strategy.get(image.strategy);
      const how = image.belongs > 0 && image.belongs < 1 ? lensSay(", to {share}", { share: percent(image.belongs) }) : "";
      if (mine) box.append(make("p", "", `${lensSay("strategy {letter}", { letter: mine.name })}${how}`));
      box.append(make("p", "sight__key", image.key));
    }
    box.append(bars(large ? image.top : image.top.slice(0, 3), large, large ? image.rest : null));
    if (large) box.append(...maps(i));
    return box;
  };
  const ofStrategy = (s) => {
    const box = make("div", "sight");
    const right = s.reliability === null ? "" : lensSay(", {share} right", { share: percent(s.reliability) });
    box.append(
      make("p", "sight__what", data.apart ? lensSay("Strategy {letter}", { letter: s.name }) : lensSay("Led by concept {number}", { number: s.dominant })),
      make("p", "", lensSay("{share} of the images ({size})", { share: s.prevalence, size: s.size }) + right),
      bars(s.top, false),
    );
    return box;
  };
  const ofConcept = (c) => {
    const box = make("div", "sight");
    if (c.tile) box.append(tile(c, "picture"));
    const head = make("p", "sight__what");
    head.append(badge(c.number), " ", lensSay("{share} of the evidence", { share: c.share }));
    box.append(head);
    return box;
  };
  // The mean evidence of some images beside that of all of them.
  const ofMany = (some) => {
    const mean = (positions) => data.concepts.map(({ number }) => {
      const shares = positions.map((i) => images[i].top.find(([n]) => n === number)?.[1] ?? 0);
      return [number, shares.reduce((sum, share) => sum + share, 0) / positions.length];
    }).filter(([, share]) => share !== 0).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    const box = make("div", "sight");
    const rest = (positions) => positions.reduce((sum, i) => sum + images[i].rest, 0) / positions.length;
    box.append(make("p", "sight__what", lensMany("{n} image chosen", "{n} images chosen", some.length)), make("p", "", lensSay("their mean evidence")));
    const all = [...images.keys()];
    const both = [...mean(some), ...mean(all), [0, rest(all)]];
    const scale = scaleOf(both, rest(some)); // one scale, or the two could not be compared
    box.append(bars(mean(some), true, rest(some), scale), make("p", "sight__all", lensSay("all {n} images", { n: images.length })));
    box.append(bars(mean(all), true, rest(all), scale));
    return box;
  };
  return { ofImage, ofStrategy, ofConcept, ofMany };
} };

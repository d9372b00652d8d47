// What the graph shows of images, strategies and concepts: badges, panels, colors and nodes.
globalThis.lensSight = (data) => {
  "use strict";
  // The columns of an image's row.
  const [X, Y, LABEL, PROBABILITY, STRATEGY, DOMINANT, RIGHT, KEY, TOP] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const images = data.images;
  const concept = new Map(data.concepts.map((c) => [c.number, c]));
  const strategy = new Map(data.strategies.map((s) => [s.number, s]));

  const make = (tag, kind = "", text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  const percent = (share) => {
    const size = Math.round(100 * Math.abs(share));
    return `${share < 0 && size ? "−" : ""}${size}\u202f%`;
  };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = (tone) => css(`--${tone}`);
  const rank = (number) => (number <= 10 ? `c${number}` : "c0");
  const left = (x) => `${50 + 50 * x / data.reach}%`;
  const top = (y) => `${50 - 50 * y / data.reach}%`;

  const crop = (file, column, row, columns, rows, alt, kind = "") => {
    const frame = make("span", `crop ${kind}`);
    const parts = { "--x": column, "--y": row, "--w": columns, "--h": rows };
    for (const [name, value] of Object.entries(parts)) frame.style.setProperty(name, value);
    const picture = make("img");
    picture.src = file;
    picture.alt = alt;
    frame.append(picture);
    return frame;
  };
  const tile = (c, kind) => crop(c.tile, 0, 0, c.tiles, 1, "", kind);
  const thumbnail = (i, kind) => {
    const { file, columns, rows } = data.sprite;
    return crop(file, i % columns, Math.floor(i / columns), columns, rows, describe(i), kind);
  };
  const badge = (number) => {
    const mark = make("span", `badge ${concept.get(number).tone}`, String(number));
    mark.prepend(make("span", "sr", "concept "));
    return mark;
  };
  const label = (i) => (images[i][LABEL] < 0 ? "" : data.labels[images[i][LABEL]]);
  // A folder that is no class of the model names the image, but is no label.
  const named = (i) => (images[i][RIGHT] < 0 ? `in “${label(i)}”` : `labeled ${label(i)}`);
  const describe = (i) => `image ${i + 1}${label(i) ? `, ${named(i)}` : ""}`;

  // What a visitor sees of one image: picture, label, prediction, its concepts.
  const bars = (list, tiles) => {
    const rows = make("ul", "tops");
    const shares = list.map(([, share]) => share);
    const [low, high] = [Math.min(0, ...shares), Math.max(0, ...shares)];
    const reach = high - low || 1;
    for (const [number, share] of list) {
      const row = make("li", concept.get(number).tone);
      const cell = make("span", "bar-cell");
      const bar = make("i", share < 0 ? "against" : "");
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

  // Heat maps of one image: its picture in gray, each concept's code as color over it.
  const heat = (i, map) => {
    const c = concept.get(map.number);
    const box = make("li", `heat-map ${c.tone}`);
    const picture = make("span", "lit");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `concept ${map.number}: ${lensHeat.where(map)}`);
    const below = thumbnail(i, "");
    below.firstChild.alt = "";
    picture.append(below, lensHeat.paint(map, c.tone === "c0" ? css("--accent") : color(c.tone)));
    box.append(picture, badge(map.number));
    return box;
  };
  const heats = (i) => {
    const list = make("ul", "heat-maps");
    list.append(...lensHeat.read(globalThis.lensMaps ?? "", i).map((map) => heat(i, map)));
    return list;
  };
  const sight = (i, large) => {
    const image = images[i];
    const box = make("div", "sight");
    box.dataset.image = i;
    box.append(thumbnail(i, "picture"));
    box.append(make("p", "what", label(i) ? named(i) : `image ${i + 1}`));
    if (image[RIGHT] === 0) box.append(make("p", "wrong", "a mistake"));
    box.append(make("p", "", `predicted ${data.name}, ${percent(image[PROBABILITY])}`));
    if (large) {
      box.append(make("p", "", `strategy ${strategy.get(image[STRATEGY])?.name ?? "none"}`));
      box.append(make("p", "key", image[KEY]));
    }
    box.append(bars(large ? image[TOP] : image[TOP].slice(0, 3), large));
    if (large) box.append(heats(i));
    return box;
  };
  const sightOfStrategy = (s) => {
    const box = make("div", "sight");
    box.append(make("p", "what", `Strategy ${s.name}`));
    const right = s.reliability === null ? "" : `, ${percent(s.reliability)} right`;
    box.append(make("p", "", `${s.prevalence} of the images (${s.size})${right}`), bars(s.top, false));
    return box;
  };
  const sightOfConcept = (c) => {
    const box = make("div", "sight");
    if (c.tile) box.append(tile(c, "picture"));
    const head = make("p", "what");
    head.append(badge(c.number), ` ${c.share} of the evidence`);
    box.append(head);
    return box;
  };

  // Groups: what a color stands for.
  const groups = {
    concept: {
      of: (image) => image[DOMINANT],
      tone: (key) => concept.get(key).tone,
      entries: () => data.concepts.map((c) => c.number),
      mark: (key) => {
        const c = concept.get(key);
        return c.tile ? [badge(key), tile(c, "inline")] : [badge(key)];
      },
    },
    strategy: {
      of: (image) => image[STRATEGY],
      tone: rank,
      entries: () => data.strategies.map((s) => s.number),
      mark: (key) => [make("span", `badge ${rank(key)}`, strategy.get(key).name), "strategy"],
    },
    right: {
      of: (image) => image[RIGHT],
      tone: (key) => ({ 1: "c5", 0: "c2", [-1]: "c0" })[key],
      entries: () => [1, 0, -1],
      mark: (key) => {
        const name = { 1: "right", 0: "wrong", [-1]: "no label" }[key];
        const shape = { 1: "●", 0: "◆", [-1]: "○" }[key];
        const sign = make("span", groups.right.tone(key), shape);
        sign.style.color = "var(--tone)";
        sign.setAttribute("aria-hidden", "true");
        return [sign, name];
      },
    },
  };

  const radius = (s) => 12 + 30 * Math.sqrt(s.share);
  // The nodes of strategies and concepts, above the edges that Plotly draws.
  const nodes = () => {
    const layer = make("div", "nodes");
    layer.setAttribute("aria-hidden", "true");
    for (const s of data.strategies) {
      const node = make("div", `node strategy ${concept.get(s.dominant).tone}`, s.name);
      node.style.cssText = `left:${left(s.x)};top:${top(s.y)};width:${2 * radius(s)}px;height:${2 * radius(s)}px`;
      if (s.reliability !== null) {
        const ring = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const side = 2 * radius(s) + 14;
        ring.setAttribute("viewBox", `0 0 ${side} ${side}`);
        for (const [kind, part] of [["whole", 1], ["part", s.reliability]]) {
          const arc = document.createElementNS(ring.namespaceURI, "circle");
          const values = { class: kind, cx: side / 2, cy: side / 2, r: side / 2 - 2, pathLength: 100, "stroke-dasharray": `${100 * part} 100` };
          for (const [name, value] of Object.entries(values)) arc.setAttribute(name, value);
          ring.append(arc);
        }
        node.append(ring);
      }
      layer.append(node);
    }
    for (const c of data.concepts.filter((each) => each.node)) {
      const node = make("div", `node prototype ${c.tone}`);
      node.style.cssText = `left:${left(c.node[0])};top:${top(c.node[1])}`;
      if (c.tile) node.append(tile(c));
      node.append(badge(c.number));
      layer.append(node);
    }
    return layer;
  };

  return {
    columns: { X, Y, PROBABILITY, RIGHT, TOP }, concept, strategy, make, percent, css, color, left, top,
    describe, sight, sightOfStrategy, sightOfConcept, groups, radius, nodes,
  };
};

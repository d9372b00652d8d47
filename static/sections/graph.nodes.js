// What stands over the dots: groups, concepts and their edges; or small pictures where there is room.
globalThis.lensGraph = { ...globalThis.lensGraph, nodes: (data, marks) => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const { images, concept, strategy, make, left, top, tile, badge, thumbnail } = marks;
  const concepts = data.concepts.filter((c) => c.node);
  const radius = (s) => 12 + 26 * Math.sqrt(s.share);
  const draw = (tag, values) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    return element;
  };

  // How much of the ring is drawn is how often the group is right.
  const ring = (s) => {
    const side = 2 * radius(s) + 14;
    const frame = draw("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
    const r = side / 2 - 2;
    const around = 2 * Math.PI * r;
    for (const [kind, part] of [["node__whole", 1], ["node__part", s.reliability]]) {
      frame.append(draw("circle", { class: kind, cx: side / 2, cy: side / 2, r, "stroke-dasharray": `${part * around} ${around}` }));
    }
    return frame;
  };
  const link = (kind, address, label) => {
    const node = make("a", `node ${kind}`);
    node.href = `#${address}`;
    node.setAttribute("aria-label", label);
    return node;
  };
  const ofStrategy = (s) => {
    const node = link(`node--strategy ${concept.get(s.dominant).tone}`, `strategy-${s.name.toLowerCase()}`, lensSay("strategy {letter}", { letter: s.name }));
    node.append(s.name);
    node.style.cssText = `left:${left(s.x)};top:${top(s.y)};width:${2 * radius(s)}px;height:${2 * radius(s)}px`;
    if (s.reliability !== null) node.append(ring(s));
    return node;
  };
  // Without separate groups: a soft region where the images are that one concept leads.
  const ofGroup = (s) => {
    const mine = images.filter((image) => image.dominant === s.dominant);
    const node = link(`node--region ${concept.get(s.dominant).tone}`, `led-by-${s.dominant}`, lensMany("{n} image that concept {number} leads", "{n} images that concept {number} leads", s.size, { number: s.dominant }));
    const half = ([low, high], of, at) => {
      const far = Math.sqrt(mine.reduce((sum, image) => sum + (of(image) - at) ** 2, 0) / mine.length);
      return 100 * Math.max(2.6 * far / (high - low), 0.09);
    };
    const [across, down] = [half(data.across, (image) => image.x, s.x), half(data.up, (image) => image.y, s.y)];
    node.style.cssText = `left:${left(s.x)};top:${top(s.y)};width:${across}%;height:${down}%`;
    return node;
  };
  const ofConcept = (c) => {
    const node = link(`node--concept ${c.tone}`, `concept-${c.number}`, lensSay("concept {number}", { number: c.number }));
    node.style.cssText = `left:${left(c.node[0])};top:${top(c.node[1])}`;
    if (c.tile) node.append(tile(c));
    node.append(badge(c.number));
    return node;
  };
  const edges = () => {
    const frame = draw("svg", { class: "graph__edges", "aria-hidden": "true" });
    for (const [s, c, weight] of data.edges) {
      if (!strategy.has(s) || !concept.get(c)?.node) continue;
      const [hub, there] = [strategy.get(s), concept.get(c)];
      frame.append(draw("line", {
        class: there.tone, x1: left(hub.x), y1: top(hub.y), x2: left(there.node[0]), y2: top(there.node[1]),
        "stroke-width": 1 + 9 * Math.abs(weight), ...(weight < 0 ? { "stroke-dasharray": "2 4" } : {}),
      }));
    }
    return frame;
  };
  // Hubs and concepts; point hears which one is looked at, and where it stands.
  const layer = (point, away) => {
    const box = make("div", "graph__nodes");
    const sights = lensGraph.sights(data, marks);
    const hear = (node, content) => {
      const at = () => {
        const [field, here] = [box.getBoundingClientRect(), node.getBoundingClientRect()];
        return [here.left + here.width / 2 - field.left, here.top + here.height / 2 - field.top];
      };
      node.addEventListener("pointerenter", () => point(content(), ...at()));
      node.addEventListener("pointerleave", away);
      return node;
    };
    const large = data.strategies.filter((s, nth) => data.apart || nth === 0 || s.size >= data.small);
    box.append(
      ...(data.apart ? [edges()] : []),
      ...large.map((s) => hear(data.apart ? ofStrategy(s) : ofGroup(s), () => sights.ofStrategy(s))),
      ...concepts.map((c) => hear(ofConcept(c), () => sights.ofConcept(c))),
    );
    return box;
  };

  // Thinned so that none overlap, the first image of each group first; as one zooms, more and larger
  // ones find room. Place gives pixels in the field.
  const pictures = (field, group, visible, place, zoomed = 1) => {
    const box = make("div", "graph__pictures");
    box.setAttribute("aria-hidden", "true");
    const { width, height } = field.getBoundingClientRect();
    const least = Math.max(26, Math.min(44, width / 15));
    const side = Math.max(least, Math.min(data.sprite.size, least * Math.sqrt(zoomed)));
    const places = [];
    const typical = data.strategies.map((s) => s.typical).filter((i) => i != null);
    for (const i of new Set([...typical, ...images.keys()])) {
      if (!visible(i)) continue;
      const [x, y] = place(i);
      if (Math.min(x, y, width - x, height - y) < 0) continue;
      if (places.some(([, a, b]) => Math.abs(a - x) < side + 4 && Math.abs(b - y) < side + 4)) continue;
      places.push([i, x, y]);
      const picture = thumbnail(i, `dot ${group.tone(group.of(images[i]))}`);
      picture.firstChild.alt = "";
      picture.style.cssText += `left:${x}px;top:${y}px;width:${side}px`;
      if (images[i].right === 0) picture.classList.add("crop--wrong");
      box.append(picture);
    }
    return { layer: box, places, side };
  };
  return { layer, pictures };
} };

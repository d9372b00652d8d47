// The map itself: dots on a canvas, or tiles where few are left; where things are, and what is near.
globalThis.lensAtlasMap = (field, data, root, tone, visible) => {
  "use strict";
  const canvas = field.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const count = data.c.length;
  const PICTURES = 100; // dots in sight from which on they become pictures
  const MOST = 60; // times the whole map
  const view = { x: 0.5, y: 0.5, k: 1 };
  const strips = new Map();
  let marked = -1;
  let asked = 0;

  const size = () => field.getBoundingClientRect();
  const scale = (box) => 0.94 * Math.min(box.width, box.height) * view.k;
  const place = (i, box = size()) => [
    box.width / 2 + (data.x[i] / data.steps - view.x) * scale(box),
    box.height / 2 + (data.y[i] / data.steps - view.y) * scale(box),
  ];
  const inSight = (box) => {
    const found = [];
    const s = scale(box);
    const [w, h] = [box.width / 2 / s + 0.02 / view.k, box.height / 2 / s + 0.02 / view.k];
    for (let i = 0; i < count; i += 1) {
      if (Math.abs(data.x[i] / data.steps - view.x) < w && Math.abs(data.y[i] / data.steps - view.y) < h) found.push(i);
    }
    return found;
  };
  const strip = (i) => {
    const address = `${root}classes/${data.classes[data.c[i]][0]}/${data.files[data.f[i]]}`;
    let picture = strips.get(address);
    if (!picture) {
      picture = new Image();
      picture.onload = redraw;
      picture.src = address;
      strips.set(address, picture);
    }
    return picture;
  };
  const colors = () => {
    const style = getComputedStyle(document.documentElement);
    return (name) => style.getPropertyValue(name).trim();
  };
  const ring = (css, i, box, side) => {
    const [x, y] = place(i, box);
    pen.globalAlpha = 1;
    pen.strokeStyle = css("--ink");
    pen.lineWidth = 2;
    if (side) return pen.strokeRect(x - side / 2 - 5, y - side / 2 - 5, side + 10, side + 10);
    pen.beginPath();
    pen.arc(x, y, 11, 0, 7);
    pen.stroke();
  };
  const dots = (css, seen, box) => {
    const radius = Math.min(6, Math.max(1.8, 90 / Math.sqrt(count)) * Math.sqrt(view.k));
    const byTone = new Map();
    for (const i of seen) {
      const key = visible(i) ? tone(i) : "faint";
      if (!byTone.has(key)) byTone.set(key, []);
      byTone.get(key).push(i);
    }
    const order = [...byTone.keys()].sort((a, b) => (b === "faint") - (a === "faint") || (b === "c0") - (a === "c0"));
    for (const key of order) {
      pen.fillStyle = css(key === "faint" ? "--c0" : `--${key}`);
      pen.globalAlpha = key === "faint" ? 0.12 : key === "c0" ? 0.5 : 0.85;
      pen.beginPath();
      for (const i of byTone.get(key)) {
        const [x, y] = place(i, box);
        pen.moveTo(x + radius, y);
        pen.arc(x, y, radius, 0, 7);
      }
      pen.fill();
    }
  };
  const pictures = (css, seen, box, side) => {
    const marks = (i) => i === marked;
    for (const i of [...seen.filter((j) => !marks(j)), ...seen.filter(marks)]) {
      const [x, y] = place(i, box);
      const picture = strip(i);
      pen.fillStyle = css(`--${tone(i)}`);
      pen.fillRect(x - side / 2 - 3, y - side / 2 - 3, side + 6, side + 6);
      if (!picture.complete || !picture.naturalWidth) continue;
      const { naturalHeight: edge } = picture;
      pen.drawImage(picture, 0, 0, edge, edge, x - side / 2, y - side / 2, side, side);
    }
  };
  const draw = () => {
    asked = 0;
    const box = size();
    const dense = devicePixelRatio || 1;
    const [w, h] = [Math.round(box.width * dense), Math.round(box.height * dense)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    const css = colors();
    const seen = inSight(box);
    const shown = seen.filter(visible);
    field.dataset.pictures = String(shown.length <= PICTURES && (view.k > 1 || count <= PICTURES));
    const room = 0.6 * Math.sqrt((box.width * box.height) / Math.max(1, shown.length));
    const side = field.dataset.pictures === "true" ? Math.max(28, Math.min(72, room)) : 0;
    if (side) pictures(css, shown, box, side); else dots(css, seen, box);
    if (marked >= 0) ring(css, marked, box, side);
  };
  const redraw = () => { asked ||= requestAnimationFrame(draw); };

  const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
  const move = (dx, dy) => {
    const s = scale(size());
    view.x = clamp(view.x - dx / s, 0, 1);
    view.y = clamp(view.y - dy / s, 0, 1);
    redraw();
  };
  // What lies under (px, py) stays there.
  const zoom = (by, px = size().width / 2, py = size().height / 2) => {
    const box = size();
    const before = scale(box);
    view.k = clamp(view.k * by, 1, MOST);
    const after = scale(box);
    view.x = clamp(view.x + (px - box.width / 2) * (1 / before - 1 / after), 0, 1);
    view.y = clamp(view.y + (py - box.height / 2) * (1 / before - 1 / after), 0, 1);
    if (view.k === 1) view.x = view.y = 0.5;
    redraw();
  };
  const whole = () => { view.k = 1; zoom(1); };
  const show = (i) => {
    [view.x, view.y] = [data.x[i] / data.steps, data.y[i] / data.steps];
    redraw();
  };
  // So near that the dots around become pictures.
  const approach = (i) => {
    const box = size();
    view.k = 1;
    show(i);
    while (view.k < MOST && inSight(box).filter(visible).length > PICTURES / 2) view.k *= 1.25;
    view.k = Math.min(view.k, MOST);
  };
  const mark = (i) => { marked = i; redraw(); };
  const nearest = (px, py, reach) => {
    const box = size();
    let [best, least] = [-1, reach ** 2];
    for (const i of inSight(box)) {
      if (!visible(i)) continue;
      const [x, y] = place(i, box);
      const far = (x - px) ** 2 + (y - py) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  };
  // The next visible dot in a direction, straight ahead before aside.
  const toward = (i, dx, dy) => {
    let [best, least] = [i, Infinity];
    for (let j = 0; j < count; j += 1) {
      const [x, y] = [data.x[j] - data.x[i], data.y[j] - data.y[i]];
      const [along, across] = [x * dx + y * dy, Math.abs(x * dy - y * dx)];
      const cost = along + 2 * across;
      if (j !== i && along > 0 && across <= 2 * along && cost < least && visible(j)) [best, least] = [j, cost];
    }
    return best;
  };
  const isInside = (i) => {
    const [box, [x, y]] = [size(), place(i)];
    return x > 20 && y > 20 && x < box.width - 20 && y < box.height - 20;
  };
  return { redraw, move, zoom, whole, show, approach, mark, nearest, toward, isInside, place, view };
};

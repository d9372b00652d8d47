// What the graph is made of: its data by name and number, elements, colors, places, pictures.
globalThis.lensGraph = { ...globalThis.lensGraph, marks: (data) => {
  "use strict";
  const images = data.images.map((row) => Object.fromEntries(data.columns.map((name, i) => [name, row[i]])));
  const concept = new Map(data.concepts.map((c) => [c.number, c]));
  const strategy = new Map(data.strategies.map((s) => [s.number, s]));

  const make = (tag, kind = "", text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = (tone) => css(`--${tone}`);
  const left = (x) => `${100 * (x - data.across[0]) / (data.across[1] - data.across[0])}%`;
  const top = (y) => `${100 * (data.up[1] - y) / (data.up[1] - data.up[0])}%`;

  const label = (i) => (images[i].label < 0 ? "" : data.labels[images[i].label]);
  // A folder that is no class of the model names the image, but is no label.
  const named = (i) => (images[i].right < 0 ? lensSay("in “{name}”", { name: label(i) }) : lensSay("labeled {name}", { name: label(i) }));
  const describe = (i) => `${lensSay("image {number}", { number: i + 1 })}${label(i) ? `, ${named(i)}` : ""}`;
  const title = (i) => (label(i) ? named(i) : lensSay("image {number}", { number: i + 1 }));

  const crop = (file, column, row, columns, rows, alt, kind = "") => {
    const frame = make("span", kind ? `crop crop--${kind}` : "crop");
    const parts = { "--x": column, "--y": row, "--w": columns, "--h": rows };
    for (const [name, value] of Object.entries(parts)) frame.style.setProperty(name, value);
    const picture = make("img");
    picture.loading = "lazy";
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
  // As sharp as there is, and no larger than it is sharp.
  const sheets = data.sharp;
  const cells = new Map((sheets?.images ?? []).map((i, cell) => [i, cell]));
  const isSharp = (i) => cells.has(i);
  const whole = (i, kind = "whole") => {
    const cell = cells.get(i);
    const frame = cell === undefined ? thumbnail(i, kind) : (() => {
      const [sheet, at] = [Math.floor(cell / sheets.full), cell % sheets.full];
      const { columns, rows, files } = sheets;
      return crop(files[sheet], at % columns, Math.floor(at / columns), columns, rows[sheet], describe(i), kind);
    })();
    frame.style.setProperty("--s", `${cell === undefined ? data.sprite.size : sheets.size}px`);
    return frame;
  };
  const badge = (number) => {
    const mark = make("span", `badge ${concept.get(number).tone}`, String(number));
    mark.prepend(make("span", "sr", `${lensSay("concept")} `));
    return mark;
  };
  return { images, concept, strategy, make, css, color, left, top, describe, title, tile, thumbnail, whole, isSharp, badge };
} };

// The code maps of maps.js: reading, painting, and saying where a concept is.
globalThis.lensGraph = { ...globalThis.lensGraph, heat: (() => {
  "use strict";
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  // Image i's maps: concept number and codes from 0 to 1, row by row.
  const read = (text, i) => {
    const [grid, ...lines] = text.split("\n");
    const [rows, columns] = grid.split(" ").map(Number);
    return (lines[i] ?? "").split(" ").filter(Boolean).map((map) => {
      const [number, digits] = map.split(":");
      const level = [...digits].map((digit) => DIGITS.indexOf(digit) / (DIGITS.length - 1));
      return { number: Number(number), level, rows, columns };
    });
  };
  const paint = ({ level, rows, columns }, color) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const brush = canvas.getContext("2d");
    brush.fillStyle = color;
    level.forEach((value, cell) => {
      brush.globalAlpha = Math.min(1, 1.4 * value);
      brush.fillRect(cell % columns, Math.floor(cell / columns), 1, 1);
    });
    return canvas;
  };
  const third = (cell, cells) => Math.min(2, Math.floor(3 * (cell + 0.5) / cells));
  const where = ({ level, rows, columns }) => {
    const cell = level.indexOf(Math.max(...level));
    if (!level[cell]) return lensSay("nowhere in this image");
    const ninth = 3 * third(Math.floor(cell / columns), rows) + third(cell % columns, columns);
    return lensSay("strongest at the {where}", { where: [
      lensSay("top left"), lensSay("top center"), lensSay("top right"),
      lensSay("middle left"), lensSay("center"), lensSay("middle right"),
      lensSay("bottom left"), lensSay("bottom center"), lensSay("bottom right"),
    ][ninth] });
  };
  return { read, paint, where };
})() };

// What the first and last bytes of a picture say: its format and size, whether it moves, whether
// its end is there. Reads the formats that a build reads; all else gets a sentence.
lensParts.header = () => {
  "use strict";
  const [drawing, tiff, web] = [lensSay("a drawing (SVG)"), lensSay("a TIFF"), lensSay("a web page")];
  const OTHERS = [
    ["%PDF", lensSay("a PDF")], ["<svg", drawing], ["<?xml", drawing], ["II*\0", tiff], ["MM\0*", tiff],
    ["PK", lensSay("an archive")], ["<!", web], ["<h", web],
  ];
  const letters = (bytes, at, count) => String.fromCharCode(...bytes.subarray(at, at + count));
  const ends = (bytes, pair, from) => {
    for (let i = bytes.length - 2; i > from; i -= 1) {
      if (bytes[i] === pair[0] && bytes[i + 1] === pair[1]) return true;
    }
    return false;
  };

  const jpeg = (bytes, view) => {
    let at = 2;
    while (at + 9 < bytes.length) {
      if (bytes[at] !== 0xff) { at += 1; continue; }
      const kind = bytes[at + 1];
      if (kind === 0xff || kind === 0 || kind === 1 || (kind >= 0xd0 && kind <= 0xd8)) { at += kind === 0xff ? 1 : 2; continue; }
      if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind)) {
        const whole = ends(bytes, [0xff, 0xd9], at);
        return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), whole };
      }
      at += 2 + view.getUint16(at + 2);
    }
    return null;
  };
  const png = (bytes, view) => {
    if (bytes.length < 33) return null;
    let [at, moves, whole] = [8, false, false];
    while (at + 12 <= bytes.length) {
      const kind = letters(bytes, at + 4, 4);
      moves ||= kind === "acTL";
      if (kind === "IEND") { whole = true; break; }
      at += 12 + view.getUint32(at);
    }
    return { width: view.getUint32(16), height: view.getUint32(20), moves, whole };
  };
  const gif = (bytes, view) => {
    let at = 13 + (bytes[10] & 128 ? 3 * 2 ** ((bytes[10] & 7) + 1) : 0);
    let frames = 0;
    const blocks = () => { while (bytes[at]) at += 1 + bytes[at]; at += 1; };
    while (at < bytes.length && bytes[at] !== 0x3b) {
      if (bytes[at] === 0x2c) {
        frames += 1;
        at += 11 + (bytes[at + 9] & 128 ? 3 * 2 ** ((bytes[at + 9] & 7) + 1) : 0);
      } else at += 2;
      blocks();
    }
    const whole = frames > 0 && at < bytes.length;
    return { width: view.getUint16(6, true), height: view.getUint16(8, true), moves: frames > 1, whole };
  };
  const webp = (bytes, view) => {
    const whole = view.getUint32(4, true) + 8 <= bytes.length;
    const kind = letters(bytes, 12, 4);
    const three = (at) => 1 + view.getUint16(at, true) + (bytes[at + 2] << 16);
    if (bytes.length < 30) return null;
    if (kind === "VP8X") return { width: three(24), height: three(27), moves: (bytes[20] & 2) > 0, whole };
    if (kind === "VP8L") {
      const sizes = view.getUint32(21, true);
      return { width: 1 + (sizes & 0x3fff), height: 1 + ((sizes >> 14) & 0x3fff), whole };
    }
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, whole };
  };
  const bmp = (bytes, view) => bytes.length < 26 ? null : {
    width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)),
    whole: view.getUint32(2, true) <= bytes.length,
  };
  const FORMATS = [
    ["JPEG", (b) => b[0] === 0xff && b[1] === 0xd8, jpeg],
    ["PNG", (b) => letters(b, 1, 3) === "PNG", png],
    ["GIF", (b) => letters(b, 0, 4) === "GIF8", gif],
    ["WebP", (b) => letters(b, 0, 4) === "RIFF" && letters(b, 8, 4) === "WEBP", webp],
    ["BMP", (b) => letters(b, 0, 2) === "BM", bmp],
  ];

  // {format, width, height, moves}, or an Error whose message is for the visitor.
  const read = (bytes, mostPixels) => {
    if (!bytes.length) throw new Error(lensSay("This file is empty."));
    const found = FORMATS.find(([, is]) => is(bytes));
    if (!found) {
      const text = letters(bytes, 0, 12);
      const heic = text.slice(4, 8) === "ftyp" ? (text.slice(8, 11) === "avi" ? lensSay("an AVIF picture") : lensSay("a HEIC photograph or a film")) : null;
      const other = heic ?? OTHERS.find(([start]) => text.toLowerCase().startsWith(start.toLowerCase()))?.[1];
      const what = other ?? lensSay("no picture that is known here");
      throw new Error(lensSay("This is {what}; JPEG, PNG, WebP, GIF and BMP are read.", { what }));
    }
    const [format, , parse] = found;
    const said = parse(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    if (!said || !said.width || !said.height) throw new Error(lensSay("This {format} is damaged: it does not say how large it is.", { format }));
    const { width, height, moves = false, whole } = said;
    if (!whole) throw new Error(lensSay("This {format} is cut off: its end is missing.", { format }));
    if (width * height > mostPixels) {
      throw new Error(lensSay(
        "This picture is too large ({width} × {height} pixels); {most} million are read. Make it smaller.",
        { width, height, most: mostPixels / 1e6 }));
    }
    return { format, width, height, moves };
  };
  return { read };
};

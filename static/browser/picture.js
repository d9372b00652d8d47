// From a file or a bitmap to the network's input: the same rules as the build's
// (lens_site/classifier/preprocessing.py), on what the browser decodes.
lensParts.picture = () => {
  "use strict";
  const MOST_PIXELS = 44_000_000; // a picture is twice in memory: 600 MB in all, with the network
  const BAND = 2_000_000; // pixels read from a picture at a time

  // Python's round: half to even.
  const even = (x) => { const near = Math.round(x); return near - x === 0.5 && near % 2 ? near - 1 : near; };

  const decode = async (file) => {
    const said = lensPart("header").read(new Uint8Array(await file.arrayBuffer()), MOST_PIXELS);
    try {
      const opaque = said.format === "JPEG" || said.format === "BMP"; // else one copy more is made
      const bitmap = await createImageBitmap(file, {
        imageOrientation: "from-image", colorSpaceConversion: "none",
        premultiplyAlpha: opaque ? "default" : "none",
      });
      return { bitmap, said };
    } catch {
      throw new Error(lensSay("This {format} cannot be decoded: it is damaged, or of a kind that this browser does not know.", said));
    }
  };

  // Rows of a bitmap laid on white, as RGBA bytes.
  const reader = (bitmap, left, top, width) => {
    if (!globalThis.OffscreenCanvas) throw new Error(lensSay("This browser is too old to read pictures beside the page."));
    const band = Math.max(1, Math.floor(BAND / width));
    const canvas = new OffscreenCanvas(width, Math.min(band, bitmap.height));
    const pen = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    pen.imageSmoothingEnabled = false;
    const read = (row, rows) => {
      pen.fillStyle = "white";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(bitmap, left, top + row, width, rows, 0, 0, width, rows);
      return pen.getImageData(0, 0, width, rows).data;
    };
    return { read, band: canvas.height };
  };

  // {pixels: RGB bytes of the crop, view: what the network sees, width, height, note}
  const prepare = async (source, { resize, crop, interpolation, squash, longest }) => {
    const { bitmap, said } = source instanceof Blob ? await decode(source) : { bitmap: source, said: {} };
    const most = longest * Math.min(bitmap.width, bitmap.height);
    const width = squash ? bitmap.width : Math.min(bitmap.width, most);
    const height = squash ? bitmap.height : Math.min(bitmap.height, most);
    const [x, y] = [Math.floor((bitmap.width - width) / 2), Math.floor((bitmap.height - height) / 2)];
    const short = Math.min(width, height);
    const wide = squash ? crop : width === short ? resize : Math.trunc((resize * width) / short);
    const high = squash ? crop : height === short ? resize : Math.trunc((resize * height) / short);
    const place = { wide, high, left: even((wide - crop) / 2), top: even((high - crop) / 2), side: crop, filter: interpolation };
    const rows = { width, height, ...reader(bitmap, x, y, width) };
    const pixels = lensPart("resize").part(rows, place);
    const view = await shown(Math.min(width, height) < 2 * resize ? pixels : twice(rows, place));
    const note = said.moves ? lensSay("This picture moves; its first frame is looked at.") : "";
    const { width: w, height: h } = bitmap;
    bitmap.close();
    return { pixels, view, width: w, height: h, note };
  };

  // The same part of a picture, twice as fine: a network sees little, people see more.
  const twice = (rows, { wide, high, left, top, side, filter }) =>
    lensPart("resize").part(rows, { wide: 2 * wide, high: 2 * high, left: 2 * left, top: 2 * top, side: 2 * side, filter });

  const shown = (pixels) => {
    const side = Math.sqrt(pixels.length / 3);
    const image = new ImageData(side, side);
    for (let i = 0, at = 0; i < pixels.length; i += 3, at += 4) image.data.set([pixels[i], pixels[i + 1], pixels[i + 2], 255], at);
    return createImageBitmap(image);
  };

  // RGB bytes to (3, crop, crop) in single precision, normalized step by step as the build does.
  const normalize = (pixels, { crop, mean, std }) => {
    const n = crop * crop;
    const values = new Float32Array(3 * n);
    for (let c = 0; c < 3; c += 1) {
      const shift = Math.fround(Math.fround(mean[c]) * 255);
      const scale = Math.fround(Math.fround(std[c]) * 255);
      for (let i = 0; i < n; i += 1) values[c * n + i] = Math.fround(pixels[3 * i + c] - shift) / scale;
    }
    return values;
  };
  return { prepare, normalize };
};

// From a file or a bitmap to the network's input: the same rules as the build's
// (lens_site/classifier/preprocessing.py), on what the browser decodes.
lensParts.picture = () => {
  "use strict";
  const MOST_PIXELS = 100_000_000; // of the build, too (lens_site/images/decode.py)
  const BAND = 2_000_000; // pixels read from a picture at a time
  const VIEW = 448; // side of the part that is shown, at most

  // Python's round: half to even.
  const even = (x) => { const near = Math.round(x); return near - x === 0.5 && near % 2 ? near - 1 : near; };

  const decode = async (file) => {
    const said = lensPart("header").read(new Uint8Array(await file.arrayBuffer()), MOST_PIXELS);
    try {
      const bitmap = await createImageBitmap(file, {
        imageOrientation: "from-image", premultiplyAlpha: "none", colorSpaceConversion: "none",
      });
      return { bitmap, said };
    } catch {
      throw new Error(`This ${said.format} cannot be decoded: it is damaged, or of a kind that this browser does not know.`);
    }
  };

  // Rows of a bitmap laid on white, as RGBA bytes.
  const reader = (bitmap, left, top, width) => {
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
    const left = even((wide - crop) / 2);
    const top = even((high - crop) / 2);
    const { read, band } = reader(bitmap, x, y, width);
    const pixels = lensPart("resize").part({ width, height, read, band }, { wide, high, left, top, side: crop, filter: interpolation });
    const view = await seen(bitmap, squash ? 1 : resize / crop, squash);
    const note = said.moves ? "This picture moves; its first frame is looked at." : "";
    const { width: w, height: h } = bitmap;
    bitmap.close();
    return { pixels, view, width: w, height: h, note };
  };

  const seen = (bitmap, zoom, squash) => {
    const short = Math.min(bitmap.width, bitmap.height);
    const [w, h] = squash ? [bitmap.width, bitmap.height] : [short / zoom, short / zoom];
    const [left, top] = [(bitmap.width - w) / 2, (bitmap.height - h) / 2];
    const side = Math.min(VIEW, Math.max(1, Math.round(Math.max(w, h))));
    const [c, r] = [Math.max(1, Math.round(w)), Math.max(1, Math.round(h))];
    return createImageBitmap(bitmap, even(left), even(top), c, r, { resizeWidth: side, resizeHeight: side, resizeQuality: "high" });
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

// Resizing to the very bytes that Pillow gives (its ImagingResample for 8 bits a channel): each
// pixel of the output is a weighted mean along rows, then along columns, in fixed-point numbers of
// 22 bits; where a picture shrinks, the filter is stretched (antialias).
lensParts.resize = () => {
  "use strict";
  const BITS = 22;
  const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
  const FILTERS = {
    box: [0.5, (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)],
    bilinear: [1, (x) => Math.max(1 - Math.abs(x), 0)],
    hamming: [1, (x) => {
      const a = Math.abs(x);
      return a === 0 ? 1 : a >= 1 ? 0 : sinc(a) * (0.54 + 0.46 * Math.cos(a * Math.PI));
    }],
    bicubic: [2, (x) => {
      const a = Math.abs(x);
      if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
      return a < 2 ? -0.5 * (((a - 5) * a + 8) * a - 4) : 0;
    }],
    lanczos: [3, (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0)],
  };

  // For each output pixel in [first, first + count): where its inputs begin, and their weights.
  const weights = (size, into, first, count, filter) => {
    const [support, of] = FILTERS[filter];
    const scale = size / into;
    const stretch = Math.max(scale, 1);
    const reach = support * stretch;
    return Array.from({ length: count }, (_, i) => {
      const center = (first + i + 0.5) * scale;
      const from = Math.max(Math.trunc(center - reach + 0.5), 0);
      const to = Math.min(Math.trunc(center + reach + 0.5), size);
      const exact = new Float64Array(to - from);
      let sum = 0;
      for (let x = from; x < to; x += 1) {
        exact[x - from] = of((x - center + 0.5) * (1 / stretch));
        sum += exact[x - from];
      }
      if (sum !== 0) for (let x = 0; x < exact.length; x += 1) exact[x] /= sum;
      const fixed = Int32Array.from(exact, (w) => Math.trunc(w * 2 ** BITS + (w < 0 ? -0.5 : 0.5)));
      return { from, fixed };
    });
  };
  const clip = (sum) => { const value = sum >> BITS; return value < 0 ? 0 : value > 255 ? 255 : value; };

  // The part (left, top, side × side) of a picture of width × height resized to wide × high.
  // read(row, rows) gives RGBA bytes of some of its rows; the answer is RGB bytes.
  const part = ({ width, height, read, band }, { wide, high, left, top, side, filter }) => {
    const columns = weights(width, wide, left, side, filter);
    const lines = weights(height, high, top, side, filter);
    const first = lines[0].from;
    const last = lines.reduce((most, { from, fixed }) => Math.max(most, from + fixed.length), 0);
    const narrow = new Uint8Array((last - first) * side * 3);
    for (let start = first; start < last; start += band) {
      const rows = Math.min(band, last - start);
      const pixels = read(start, rows);
      for (let row = 0; row < rows; row += 1) {
        let to = (start - first + row) * side * 3;
        for (const { from, fixed } of columns) {
          let [r, g, b] = [1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)];
          for (let i = 0, at = (row * width + from) * 4; i < fixed.length; i += 1, at += 4) {
            r += pixels[at] * fixed[i];
            g += pixels[at + 1] * fixed[i];
            b += pixels[at + 2] * fixed[i];
          }
          narrow[to] = clip(r);
          narrow[to + 1] = clip(g);
          narrow[to + 2] = clip(b);
          to += 3;
        }
      }
    }
    const made = new Uint8Array(side * side * 3);
    const wideRow = side * 3;
    lines.forEach(({ from, fixed }, row) => {
      for (let i = 0; i < wideRow; i += 1) {
        let sum = 1 << (BITS - 1);
        for (let j = 0, at = (from - first) * wideRow + i; j < fixed.length; j += 1, at += wideRow) sum += narrow[at] * fixed[j];
        made[row * wideRow + i] = clip(sum);
      }
    });
    return made;
  };
  return { part };
};

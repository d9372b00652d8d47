// The steps of a convolutional network, each a loop over a heap of numbers. A map (c, h, w) lies
// channel by channel, row by row; places are counted in numbers from the start of the heap.
lensParts.ops = () => {
  "use strict";
  const COLUMNS = 1 << 18; // numbers of the matrix that a convolution is unrolled into, a band at a time
  const CACHED = 1 << 15; // numbers of a product's right side that stay near while it is read

  const BOUNDS = { relu: [0, Infinity], relu6: [0, 6] };
  const ACTS = {
    silu: (x) => x / (1 + Math.exp(-x)),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    hardsigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
    hardswish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  };
  const size = (shape) => shape.reduce((product, side) => product * side, 1);

  const activate = (heap, act, at, count) => {
    const of = ACTS[act];
    if (of) for (let i = at; i < at + count; i += 1) heap[i] = of(heap[i]);
    if (!BOUNDS[act]) return;
    const [low, high] = BOUNDS[act];
    for (let i = at; i < at + count; i += 1) heap[i] = Math.min(Math.max(heap[i], low), high);
  };

  // Numbers of work space that a step needs.
  const scratch = ({ op, kernel, groups, before, shape, stride, dilation }) => {
    if (op !== "conv") return 0;
    const [c] = before;
    if (groups === c && groups === shape[0]) return padded({ kernel, stride, shape, dilation }).numbers;
    const row = (c / groups) * kernel[0] * kernel[1] * shape[2];
    return Math.max(Math.min(COLUMNS, row * shape[1]), row) + 8;
  };

  // One channel with its border of zeros.
  const padded = ({ kernel, stride, shape, dilation = [1, 1] }) => {
    const high = (shape[1] - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1;
    const wide = (shape[2] - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1;
    return { high, wide, numbers: high * wide + 16 };
  };

  const pointwise = ({ gemm }, w, bias, x, y, o, k, n, low, high) => {
    const wide = Math.max(32, (CACHED / k) & ~7);
    for (let j = 0; j < n; ) {
      const left = n - j;
      const columns = left < 2 * wide ? left : wide; // the last one is never narrow
      gemm(w, x + j, n, y + j, n, bias, o, k, columns, low, high);
      j += columns;
    }
  };

  // What a convolution reads, as a matrix (c kh kw, rows × columns of output), for some rows.
  const unroll = (heap, step, x, into, firstRow, rows) => {
    const { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], pad: [top, left], before } = step;
    const [, h, w] = before;
    const wide = step.shape[2];
    const channels = before[0] / step.groups;
    let to = into;
    for (let c = 0; c < channels; c += 1) {
      for (let i = 0; i < kh; i += 1) {
        for (let j = 0; j < kw; j += 1) {
          for (let row = firstRow; row < firstRow + rows; row += 1) {
            const from = row * sh + i * dh - top;
            const inside = from >= 0 && from < h;
            const start = x + (c * h + from) * w;
            for (let column = 0, at = j * dw - left; column < wide; column += 1, at += sw) {
              heap[to + column] = inside && at >= 0 && at < w ? heap[start + at] : 0;
            }
            to += wide;
          }
        }
      }
    }
  };

  const depthwise = ({ heap, depthwise: fast }, step, x, y, weight, bias, work, low, high) => {
    const { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], pad: [top, left] } = step;
    const [channels, h, w] = step.before;
    const [, oh, ow] = step.shape;
    const { high: ph, wide: pw } = padded(step);
    const rows = Math.min(h, ph - top);
    const columns = Math.min(w, pw - left);
    heap.fill(0, work, work + ph * pw + 16);
    for (let c = 0; c < channels; c += 1) {
      for (let row = 0; row < rows; row += 1) {
        const from = x + (c * h + row) * w;
        const to = work + (row + top) * pw + left;
        for (let i = 0; i < columns; i += 1) heap[to + i] = heap[from + i];
      }
      const out = y + c * oh * ow;
      const weights = weight + c * kh * kw;
      const shift = heap[bias + c];
      if (fast && ow >= 4 && dh === 1 && dw === 1 && sw <= 2) {
        fast(work, pw, out, oh, ow, weights, kh, kw, sh, sw, shift, low, high);
        continue;
      }
      for (let row = 0; row < oh; row += 1) {
        for (let column = 0; column < ow; column += 1) {
          let sum = shift;
          const corner = work + row * sh * pw + column * sw;
          for (let i = 0; i < kh; i += 1) {
            const line = corner + i * dh * pw;
            for (let j = 0; j < kw; j += 1) sum += heap[weights + i * kw + j] * heap[line + j * dw];
          }
          heap[out + row * ow + column] = Math.min(Math.max(sum, low), high);
        }
      }
    }
  };

  const conv = (machine, step, [x], y, { weight, bias }, work) => {
    const { heap, gemm } = machine;
    const { kernel: [kh, kw], stride: [sh, sw], pad: [top, left], groups, before, shape } = step;
    const [channels, h, w] = before;
    const [outputs, oh, ow] = shape;
    const [low, high] = BOUNDS[step.act] ?? [-Infinity, Infinity];
    const n = oh * ow;
    const plain = kh * kw === 1 && sh * sw === 1 && top + left === 0;
    if (groups === channels && groups === outputs) {
      depthwise(machine, step, x, y, weight, bias, work, low, high);
    } else {
      const o = outputs / groups;
      const k = (channels / groups) * kh * kw;
      const rows = Math.max(1, Math.min(oh, Math.floor(COLUMNS / (k * ow))));
      for (let group = 0; group < groups; group += 1) {
        const from = x + group * (channels / groups) * h * w;
        const to = y + group * o * n;
        if (plain) pointwise(machine, weight + group * o * k, bias + group * o, from, to, o, k, n, low, high);
        else for (let row = 0; row < oh; row += rows) {
          const some = Math.min(rows, oh - row);
          unroll(heap, step, from, work, row, some);
          gemm(weight + group * o * k, work, some * ow, to + row * ow, n, bias + group * o, o, k, some * ow, low, high);
        }
      }
    }
    if (!BOUNDS[step.act]) activate(heap, step.act, y, outputs * n);
  };

  const pool = ({ heap }, step, [x], y) => {
    const { kernel: [kh, kw], stride: [sh, sw], pad: [top, left], before, shape, op } = step;
    const [channels, h, w] = before;
    const [, oh, ow] = shape;
    const max = op === "maxpool";
    let to = y;
    for (let c = 0; c < channels; c += 1) {
      for (let row = 0; row < oh; row += 1) {
        const [r0, r1] = [Math.max(row * sh - top, 0), Math.min(row * sh - top + kh, h)];
        for (let column = 0; column < ow; column += 1) {
          const [c0, c1] = [Math.max(column * sw - left, 0), Math.min(column * sw - left + kw, w)];
          let value = max ? -Infinity : 0;
          for (let i = r0; i < r1; i += 1) {
            for (let j = c0, at = x + (c * h + i) * w + c0; j < c1; j += 1, at += 1) {
              if (!max) value += heap[at];
              else if (heap[at] > value) value = heap[at];
            }
          }
          const cells = step.padded ? kh * kw : (r1 - r0) * (c1 - c0);
          heap[to] = max ? value : value / cells;
          to += 1;
        }
      }
    }
  };

  const mean = ({ heap }, { before: [channels, h, w] }, [x], y) => {
    for (let c = 0; c < channels; c += 1) {
      let sum = 0;
      for (let i = x + c * h * w, end = i + h * w; i < end; i += 1) sum += heap[i];
      heap[y + c] = sum / (h * w);
    }
  };

  const scale = ({ heap }, { shape: [channels, ...places] }, [x], y, arrays) => {
    const n = size(places);
    for (let c = 0; c < channels; c += 1) {
      const factor = heap[arrays.scale + c];
      const shift = heap[arrays.shift + c];
      for (let i = c * n; i < (c + 1) * n; i += 1) heap[y + i] = heap[x + i] * factor + shift;
    }
  };

  const add = ({ heap }, { shape, sizes }, [a, b], y) => {
    const n = size(shape);
    const places = n / sizes[1]; // one number a channel, or one a place
    for (let i = 0; i < n; i += 1) heap[y + i] = heap[a + i] + heap[b + (places === 1 ? i : (i / places) | 0)];
  };

  const mul = ({ heap }, { shape, sizes }, [a, b], y) => {
    const places = size(shape) / sizes[1];
    for (let c = 0; c < sizes[1]; c += 1) {
      const factor = heap[b + c];
      for (let i = c * places; i < (c + 1) * places; i += 1) heap[y + i] = heap[a + i] * factor;
    }
  };

  const concat = ({ heap }, { sizes }, inputs, y) => {
    let to = y;
    inputs.forEach((from, i) => {
      heap.copyWithin(to, from, from + sizes[i]);
      to += sizes[i];
    });
  };

  const linear = ({ heap }, { before: [k], shape: [o] }, [x], y, { weight, bias }) => {
    for (let row = 0, at = weight; row < o; row += 1) {
      let sum = heap[bias + row];
      for (let i = 0; i < k; i += 1, at += 1) sum += heap[at] * heap[x + i];
      heap[y + row] = sum;
    }
  };

  const same = ({ heap }, { shape }, [x], y) => heap.copyWithin(y, x, x + size(shape));

  const OPS = { maxpool: pool, avgpool: pool, mean, scale, add, mul, concat, linear, act: same };

  // Do one step: inputs and y are places of values, arrays of weights, work of the work space.
  const run = (machine, step, inputs, y, arrays, work) => {
    if (step.op === "conv") return conv(machine, step, inputs, y, arrays, work);
    OPS[step.op](machine, step, inputs, y, arrays);
    return activate(machine.heap, step.act, y, size(step.shape));
  };
  return { run, scratch, size };
};

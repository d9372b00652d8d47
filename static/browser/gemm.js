// The matrix product that all convolutions come to, in place on a heap of single-precision numbers:
// y[o, n] = clip(bias[o] + sum over k of w[o, k] x[k, n], low, high).
// w is dense (o × k); rows of x and y begin ldx and ldy numbers after one another. Places are
// counted in numbers from the start of the heap. gemm.wat says the same in WebAssembly.
lensParts.gemm = () => {
  "use strict";
  const inJavaScript = (heap) => (w, x, ldx, y, ldy, bias, o, k, n, low, high) => {
    for (let row = 0; row < o; row += 1) {
      const weights = w + row * k;
      const out = y + row * ldy;
      const start = heap[bias + row];
      let j = 0;
      for (; j + 4 <= n; j += 4) {
        let a = start, b = start, c = start, d = start;
        for (let i = 0, from = x + j; i < k; i += 1, from += ldx) {
          const weight = heap[weights + i];
          a += weight * heap[from];
          b += weight * heap[from + 1];
          c += weight * heap[from + 2];
          d += weight * heap[from + 3];
        }
        heap[out + j] = Math.min(Math.max(a, low), high);
        heap[out + j + 1] = Math.min(Math.max(b, low), high);
        heap[out + j + 2] = Math.min(Math.max(c, low), high);
        heap[out + j + 3] = Math.min(Math.max(d, low), high);
      }
      for (; j < n; j += 1) {
        let a = start;
        for (let i = 0, from = x + j; i < k; i += 1, from += ldx) a += heap[weights + i] * heap[from];
        heap[out + j] = Math.min(Math.max(a, low), high);
      }
    }
  };

  // A heap of so many numbers and the products on it: WebAssembly's where there is SIMD.
  const make = (numbers, { plain = false } = {}) => {
    if (!plain) {
      try {
        const code = lensPart("safetensors").bytes(lensPart("gemmCode"));
        const module = new WebAssembly.Module(code);
        const memory = new WebAssembly.Memory({ initial: Math.ceil(numbers / 16384) });
        const heap = new Float32Array(memory.buffer);
        const { exports } = new WebAssembly.Instance(module, { lens: { memory } });
        const javaScript = inJavaScript(heap);
        const gemm = (w, x, ldx, y, ldy, bias, o, k, n, low, high) => {
          const product = n < 8 ? javaScript : exports.gemm; // eight columns at a time
          product(w, x, ldx, y, ldy, bias, o, k, n, low, high);
        };
        return { heap, gemm, depthwise: exports.depthwise, kind: "WebAssembly SIMD" };
      } catch (error) {
        if (error instanceof RangeError) throw new Error(lensSay("There is not enough memory for the network."));
      }
    }
    const heap = new Float32Array(numbers);
    return { heap, gemm: inJavaScript(heap), depthwise: null, kind: "JavaScript" };
  };
  return { make };
};

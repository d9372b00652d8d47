// The codes of a picture's patches by a dictionary, in the way its extraction method states
// (lens_site/extraction). Activations come as (p, s): channel by channel, s places each.
lensParts.codes = () => {
  "use strict";
  const ROUNDS = 3; // times the number of concepts: more are never needed but for rounding
  const CLOSE = 1e-10; // of the largest product: no slope

  // rows · activations: (k, p) by (p, s) gives k arrays of s numbers.
  const times = (rows, k, activations, p, s) => Array.from({ length: k }, (_, i) => {
    const out = new Float64Array(s);
    for (let c = 0; c < p; c += 1) {
      const weight = rows[i * p + c];
      if (weight) for (let j = 0, at = c * s; j < s; j += 1, at += 1) out[j] += weight * activations[at];
    }
    return out;
  });
  const gram = (rows, k, p) => Array.from({ length: k }, (_, i) => Float64Array.from({ length: k }, (_, j) => {
    let sum = 0;
    for (let c = 0; c < p; c += 1) sum += rows[i * p + c] * rows[j * p + c];
    return sum;
  }));

  // G u = c on the chosen coordinates, by Gauss with pivots; null where they are parallel.
  const solve = (g, c, chosen) => {
    const n = chosen.length;
    const m = chosen.map((i) => [...chosen.map((j) => g[i][j]), c[i]]);
    for (let i = 0; i < n; i += 1) {
      let best = i;
      for (let r = i + 1; r < n; r += 1) if (Math.abs(m[r][i]) > Math.abs(m[best][i])) best = r;
      if (m[best][i] === 0) return null;
      [m[i], m[best]] = [m[best], m[i]];
      for (let r = i + 1; r < n; r += 1) {
        const factor = m[r][i] / m[i][i];
        if (factor) for (let q = i; q <= n; q += 1) m[r][q] -= factor * m[i][q];
      }
    }
    for (let i = n - 1; i >= 0; i -= 1) {
      for (let q = i + 1; q < n; q += 1) m[i][n] -= m[i][q] * m[q][n];
      m[i][n] /= m[i][i];
    }
    return m.map((row) => row[n]);
  };

  // min ½ uᵀGu − cᵀu over u ≥ 0, exactly: coordinates become positive one by one, the steepest
  // first, and leave again where the solution of the others would make them negative (Lawson and
  // Hanson 1974, chapter 23).
  const nonnegative = (g, c) => {
    const u = new Float64Array(c.length);
    const steep = CLOSE * c.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    let chosen = [];
    for (let round = 0; round < ROUNDS * c.length; round += 1) {
      const slopes = g.map((row, i) => c[i] - row.reduce((sum, x, j) => sum + x * u[j], 0));
      const open = [...slopes.keys()].filter((i) => !chosen.includes(i) && slopes[i] > steep);
      if (!open.length) break;
      const newest = open.reduce((a, b) => (slopes[b] > slopes[a] ? b : a));
      chosen.push(newest);
      for (;;) {
        const exact = solve(g, c, chosen);
        if (!exact || exact[chosen.indexOf(newest)] <= 0) return u; // parallel to the last digits
        const reach = chosen.map((i, n) => (exact[n] > 0 ? 1 : u[i] / (u[i] - exact[n])));
        const step = Math.min(...reach);
        chosen.forEach((i, n) => { u[i] += step * (exact[n] - u[i]); });
        if (step === 1) break;
        const left = chosen.filter((_, n) => reach[n] > step);
        chosen.filter((i) => !left.includes(i)).forEach((i) => { u[i] = 0; });
        chosen = left;
      }
    }
    return u;
  };

  const topk = (scores, most) => {
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, most);
    return Float64Array.from(scores, (score, i) => (order.includes(i) ? Math.max(score, 0) : 0));
  };

  // What each way makes of one place, from the products of its rows with the activations.
  const WAYS = {
    nnls: ({ dictionary }, k, p) => {
      const g = gram(dictionary, k, p);
      return [dictionary, (c) => nonnegative(g, c)];
    },
    projection: ({ dictionary, mean }, k, p) => {
      const away = times(dictionary, k, mean, p, 1).map(([x]) => x);
      return [dictionary, (c) => c.map((x, i) => x - away[i])];
    },
    nearest: ({ dictionary }, k, p) => {
      const norms = gram(dictionary, k, p).map((row, i) => row[i]);
      return [dictionary, (c) => {
        const far = c.map((x, i) => norms[i] - 2 * x);
        const closest = far.indexOf(Math.min(...far));
        return c.map((_, i) => (i === closest ? 1 : 0));
      }];
    },
    topk: ({ encoder, bias, nonzeros }) => [encoder, (c) => topk(c.map((x, i) => x + bias[i]), nonzeros[0])],
  };

  // Codes (s, k), place by place, of activations (p, s).
  const encode = (way, arrays, k, { data, p, h, w }) => {
    const s = h * w;
    const [rows, of] = WAYS[way](arrays, k, p);
    const products = times(rows, k, data, p, s);
    const codes = new Float32Array(s * k);
    for (let j = 0; j < s; j += 1) codes.set(of(Float64Array.from(products, (row) => row[j])), j * k);
    return codes;
  };
  return { encode };
};

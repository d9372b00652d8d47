// A network on one heap: weights first, then the values of its steps, each in a place that is free
// while somebody still reads it, then work space.
lensParts.graph = () => {
  "use strict";
  const { run, scratch, size } = lensPart("ops");

  // Places of all values of one half, and how many numbers they take: first fit by lifetimes.
  const plan = (input, steps) => {
    const last = [0, ...steps.map((_, i) => i + 1)]; // the step that reads a value last
    steps.forEach((step, i) => step.inputs.forEach((value) => { last[value] = i + 1; }));
    last[0] = Math.max(last[0], 0);
    last[steps.length] = Infinity;
    const sizes = [input, ...steps.map((step) => size(step.shape))];
    const placed = [];
    const places = sizes.map((numbers, value) => {
      const alive = placed.filter((p) => p.until >= value).sort((a, b) => a.from - b.from);
      let from = 0;
      for (const other of alive) {
        if (from + numbers <= other.from) break;
        from = Math.max(from, other.to);
      }
      placed.push({ from, to: from + numbers + 8, until: last[value] });
      return from;
    });
    return { places, sizes, numbers: Math.max(...placed.map((p) => p.to)) };
  };

  // header: the layers; file: an open safetensors file. Gives {encode(input), head(maps), kind}.
  const make = (header, file, options) => {
    const input = 3 * header.preprocessing.crop ** 2;
    const halves = {
      encoder: plan(input, header.encoder),
      head: plan(size(header.feature_shape), header.head),
    };
    const weights = {};
    let end = 0;
    for (const name of file.names) {
      weights[name] = end;
      end += size(file.shape(name)) + 8; // a product reads a little beyond
    }
    const arena = end;
    const work = arena + Math.max(halves.encoder.numbers, halves.head.numbers);
    const space = Math.max(...[...header.encoder, ...header.head].map(scratch));
    const machine = lensPart("gemm").make(work + space + 16, options);
    for (const name of file.names) machine.heap.set(file.array(name), weights[name]);

    const through = (half) => {
      const { places, sizes } = halves[half];
      const steps = header[half].map((step, i) => ({
        ...step,
        sizes: step.inputs.map((value) => sizes[value]),
        arrays: Object.fromEntries(Object.keys(weights)
          .filter((name) => name.startsWith(`${half}.${i + 1}.`))
          .map((name) => [name.split(".")[2], weights[name]])),
      }));
      return (values) => {
        machine.heap.set(values, arena + places[0]);
        steps.forEach((step, i) => {
          const inputs = step.inputs.map((value) => arena + places[value]);
          run(machine, step, inputs, arena + places[i + 1], step.arrays, work);
        });
        const from = arena + places[steps.length];
        return machine.heap.slice(from, from + sizes[steps.length]);
      };
    };
    return { encode: through("encoder"), head: through("head"), kind: machine.kind };
  };
  return { make };
};

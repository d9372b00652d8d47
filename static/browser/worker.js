// What runs beside the page: holds the network, answers {id, what, given} with {id, answer} or
// {id, problem}.
lensParts.worker = () => {
  "use strict";
  let parts = [];
  let network = null;
  let header = null;
  const TASKS = {
    part: ({ text }) => [void parts.push(lensPart("safetensors").bytes(text))],
    open: ({ options }) => {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
      parts = [];
      const file = lensPart("safetensors").open(whole);
      header = file.notes;
      network = lensPart("graph").make(header, file, options);
      const { encoder: _, head: __, ...facts } = header;
      return [{ ...facts, kind: network.kind }];
    },
    prepare: async ({ source }) => {
      const made = await lensPart("picture").prepare(source, header.preprocessing);
      return [made, [made.pixels.buffer, made.view]];
    },
    run: ({ pixels }) => {
      const data = network.encode(lensPart("picture").normalize(pixels, header.preprocessing));
      const logits = network.head(data);
      return [{ data, logits }, [data.buffer, logits.buffer]];
    },
    head: ({ data }) => [network.head(data)],
  };
  globalThis.onmessage = async ({ data: { id, what, given } }) => {
    try {
      const [answer, moved = []] = await TASKS[what](given);
      postMessage({ id, answer }, moved);
    } catch (error) {
      postMessage({ id, problem: error.message });
    }
  };
};

// safetensors: the length of a JSON header (8 bytes), the header, then all arrays one by one.
lensParts.safetensors = () => {
  "use strict";
  const halves = () => {
    // all 65,536 half-precision numbers in single: sign, 5 bits of exponent, 10 of fraction
    const table = new Float32Array(65536);
    for (let i = 0; i < 65536; i += 1) {
      const exponent = (i >> 10) & 31;
      const fraction = i & 1023;
      const size = exponent === 31 ? (fraction ? NaN : Infinity)
        : exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
      table[i] = i & 0x8000 ? -size : size;
    }
    return table;
  };
  let table = null;
  const READERS = {
    F32: (buffer, start, count) => new Float32Array(buffer, start, count),
    I32: (buffer, start, count) => new Int32Array(buffer, start, count),
    U16: (buffer, start, count) => new Uint16Array(buffer, start, count),
    F16: (buffer, start, count) => {
      table ??= halves();
      const packed = new Uint16Array(buffer, start, count);
      const made = new Float32Array(count);
      for (let i = 0; i < count; i += 1) made[i] = table[packed[i]];
      return made;
    },
  };
  const SIZES = { F32: 4, I32: 4, U16: 2, F16: 2 };

  const bytes = (base64) => {
    const letters = atob(base64);
    const made = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i += 1) made[i] = letters.charCodeAt(i);
    return made;
  };

  // {notes, names, array(name) -> typed array (half precision comes as single), shape(name)}
  const open = ({ buffer, byteOffset }) => {
    const length = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, byteOffset + 8, length)));
    const { __metadata__: notes = {}, ...entries } = header;
    return {
      notes: notes.notes ? JSON.parse(notes.notes) : {},
      names: Object.keys(entries),
      shape: (name) => entries[name].shape,
      array: (name) => {
        const { dtype, data_offsets: [from, to] } = entries[name];
        return READERS[dtype](buffer, byteOffset + 8 + length + from, (to - from) / SIZES[dtype]);
      },
    };
  };
  return { open, bytes };
};

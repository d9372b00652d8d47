// Numbers as the pages write them; a test holds percent to lens_site/site/numbers.py.
globalThis.lensNumbers = (() => {
  "use strict";
  const [MINUS, THIN] = ["\u2212", "\u202f"];

  // A half goes to the even neighbor, as in Python.
  const whole = (size) => {
    const below = Math.floor(size);
    return below + (size - below > 0.5 || (size - below === 0.5 && below % 2 === 1));
  };
  // A fraction as a whole percentage; what is not all or nothing never reads so.
  const percent = (share) => {
    const size = whole(100 * Math.abs(share));
    const sign = share < 0 && size ? MINUS : "";
    if (size === 0 && share > 0) return `<${THIN}1${THIN}%`;
    if (size === 100 && Math.abs(share) < 1) return share > 0 ? `>${THIN}99${THIN}%` : `${MINUS}99${THIN}%`;
    return `${sign}${size}${THIN}%`;
  };
  return { percent };
})();

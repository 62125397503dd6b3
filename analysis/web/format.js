// Numbers with their units, as analysis/text.cpp prints them.
const digits4 = (x) => {
  const whole = Math.floor(Math.abs(x)).toString().length;
  const decimals = Math.max(0, 4 - whole);
  return x.toLocaleString('en-US',
    {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
};

const scaled = (x, step, units) => {
  let i = 0;
  while (i + 1 < units.length && Math.abs(x) >= step) {
    x /= step;
    ++i;
  }
  return i === 0 ? `${x.toLocaleString('en-US')} ${units[0]}` : `${digits4(x)} ${units[i]}`;
};

export const count = (n) => Math.round(n).toLocaleString('en-US');
export const time = (ps) => scaled(ps, 1000, ['ps', 'ns', '\u00b5s', 'ms', 's']);
export const percent = (share) => `${(share * 100).toFixed(2)} %`;
export const size = (bytes) => scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
export const bits = (n) => (n < 8192 ? `${count(n)} bit` : size(Math.round(n / 8)));

// A tick of a time axis: 1000 -> "1 ns".
export const time_tick = (ps) => {
  const units = ['ps', 'ns', '\u00b5s', 'ms', 's'];
  let i = 0;
  while (i + 1 < units.length && ps >= 1000) {
    ps /= 1000;
    ++i;
  }
  return `${Number(ps.toPrecision(4))} ${units[i]}`;
};

// A metric of a sweep by its unit.
export const quantity = (value, unit) => {
  switch (unit) {
    case 'ps':
      return time(value);
    case 'bits':
      return bits(value);
    case 'bytes/s':
    case 'B/s':
      return scaled(value, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']);
    case 'B':
    case 'bytes':
      return size(value);
    case 'ppm':
      return `${(value / 10000).toFixed(2)} %`;
    case 'Hz':
      return scaled(value, 1000, ['Hz', 'kHz', 'MHz', 'GHz']);
    default:
      return unit ? `${count(value)} ${unit}` : count(value);
  }
};

// The same on an axis, without the digits that a round number does not need.
export const tick = (value, unit) =>
  quantity(value, unit).replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');

const scales = {
  ps: 1, ns: 1e3, '\u00b5s': 1e6, ms: 1e9, s: 1e12, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30,
  'B/s': 1, 'kB/s': 1e3, 'MB/s': 1e6, 'GB/s': 1e9, '%': 1, bit: 0.125,
};

// The number that a cell shows, for sorting; NaN where it shows none.
export const number_in = (text) => {
  const match = /^[<>]?\s*(-?[\d,]+(?:\.\d+)?)\s*(\S*)/.exec(text.trim());
  if (!match) return NaN;
  return Number(match[1].replaceAll(',', '')) * (scales[match[2]] ?? 1);
};

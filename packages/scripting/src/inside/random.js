import { addHidden } from './values.js';

/** The engine begins every run from the same memory, so its own generator would repeat itself. */
export const seedRandom = ([first, second, third, count]) => {
  let [a, b, c, d] = [first, second, third, count];
  const next = () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let at = 0; at < 12; at += 1) next();
  addHidden(Math, { random: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53 });
};

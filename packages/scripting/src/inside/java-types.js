import { textOfBytes } from './bytes.js';
import { javaMap } from './java-map.js';
import { sameValue } from './values.js';

export function JavaString(given = '') {
  const text = Array.isArray(given)
    ? given.some((part) => typeof part === 'number')
      ? textOfBytes(given)
      : given.join('')
    : String(given);
  return new.target === undefined ? text : new String(text);
}

Object.assign(JavaString, {
  valueOf: (value) => String(value),
  join: (between, ...parts) => (Array.isArray(parts[0]) ? parts[0] : parts).join(between),
  format(pattern, ...values) {
    let at = 0;
    return String(pattern).replace(/%[sd]/g, () => String(values[at++]));
  },
});

export function ArrayList(from) {
  return from !== undefined && typeof from !== 'number' ? [...from] : [];
}

export function HashMap(from) {
  return javaMap(from ?? {});
}

export class HashSet extends Array {
  static get [Symbol.species]() {
    return Array;
  }
  constructor(from) {
    super();
    if (from !== undefined && typeof from !== 'number') for (const value of from) this.add(value);
  }
  add(value) {
    if (this.contains(value)) return false;
    this.push(value);
    return true;
  }
  remove(value) {
    const at = this.findIndex((member) => sameValue(member, value));
    if (at >= 0) this.splice(at, 1);
    return at >= 0;
  }
}

export const parseNumber = (text) => {
  const number = Number(String(text));
  if (String(text).trim() === '' || Number.isNaN(number)) {
    throw new Error(`java.lang.NumberFormatException: For input string: "${text}"`);
  }
  return number;
};

export const numberClass = (extra) => Object.assign((value) => parseNumber(value), { valueOf: parseNumber }, extra);

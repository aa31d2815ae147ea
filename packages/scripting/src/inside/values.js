// Taken before any script, which may put others in their place.
export const { parse, stringify } = JSON;
export const define = Object.defineProperty;
export const hasOwn = Object.hasOwn;

/** Adds members that `for … in` and JSON do not see. */
export const addHidden = (target, members) => {
  for (const name of Object.keys(members)) {
    define(target, name, { value: members[name], writable: true, configurable: true, enumerable: false });
  }
};

export const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
export const orNull = (value) => (value === undefined ? null : value);
export const sameText = (a, b) => String(a) === String(b);
export const sameValue = (a, b) => a === b || sameText(a, b) || (isMap(a) && isMap(b) && stringify(a) === stringify(b));

/** Java's iterator over a list. */
export const iteratorOf = (values) => {
  let at = 0;
  return {
    hasNext: () => at < values.length,
    next: () => {
      if (at >= values.length) throw new Error('java.util.NoSuchElementException');
      at += 1;
      return values[at - 1];
    },
  };
};

export const textOf = (value) => (value === undefined || value === null ? '' : String(value));
export const textsOf = (values) => [...values].map(textOf);

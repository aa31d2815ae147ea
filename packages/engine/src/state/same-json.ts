/** Whether two values have the same JSON text. Nearly always they have the same members too, which is seen without a text. */
export const sameJson = (a: unknown, b: unknown): boolean =>
  sameMembers(a, b) || JSON.stringify(a) === JSON.stringify(b);

/** Whether two values hold the same in the same order, so that they have the same JSON text. */
export const sameMembers = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  if (Array.isArray(b)) return false;
  const names = Object.keys(a);
  const others = Object.keys(b);
  if (names.length !== others.length) return false;
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as never;
    if (name !== others[at] || !sameMembers(a[name], b[name])) return false;
  }
  return true;
};

const sameItems = (some: readonly unknown[], others: readonly unknown[]): boolean => {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (!sameMembers(some[at], others[at])) return false;
  return true;
};

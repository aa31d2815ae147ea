/** Whether two values have the same JSON text. Nearly always they have the same members too, which is seen without a text. */
export const sameJson = (a: unknown, b: unknown): boolean =>
  sameMembers(a, b) || JSON.stringify(a) === JSON.stringify(b);

const sameMembers = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && sameMembers(a[name as never], b[name as never]))
  );
};

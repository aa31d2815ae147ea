/** Whether a value comes back from its JSON text as it is. */
export const isJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'boolean' || value === null;
  // Not `every`, which passes over holes.
  if (Array.isArray(value)) return value.findIndex((item) => !isJson(item)) < 0;
  return isPlain(value) && Object.values(value).every(isJson);
};

/** An object whose text is made of its members; that of a date, say, is not. */
export const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A copy, down to the last member, of a value that comes from JSON. */
export const copyOfJson = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyOfJson(item)) as T;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOfJson(member)])) as T;
};

/** Whether a value comes back from its JSON text as it is. */
export const isJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'boolean' || value === null;
  // Not `every`, which passes over holes.
  if (Array.isArray(value)) return value.findIndex((item) => !isJson(item)) < 0;
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
};

/** A copy of such a value, down to the last member. */
export const copyOfJson = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOfJson);
  const copy = { ...(value as Record<string, unknown>) };
  for (const name of Object.keys(copy)) {
    if (typeof copy[name] === 'object') copy[name] = copyOfJson(copy[name]);
  }
  return copy;
};

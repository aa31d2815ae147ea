/** A copy, down to the last member, of a value that comes from JSON. */
export const copyOfJson = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyOfJson(item)) as T;
  const copy = { ...value } as Record<string, unknown>;
  for (const name of Object.keys(copy)) copy[name] = copyOfJson(copy[name]);
  return copy as T;
};

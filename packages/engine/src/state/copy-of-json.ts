/** A copy, down to the last member, of a value that comes from JSON. */
export const copyOfJson = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyOfJson(item)) as T;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOfJson(member)])) as T;
};

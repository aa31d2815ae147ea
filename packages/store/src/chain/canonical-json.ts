/** Whether `JSON.stringify` already gives the canonical text: a flat object with sorted members, as most sealed values are. */
const isInOrder = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let before: string | undefined;
  for (const name of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof member === 'object' || (before !== undefined && before >= name)) return false;
    before = name;
  }
  return true;
};

/**
 * The canonical text of a JSON value (RFC 8785): members in the order of the UTF-16 units of their names, no blanks, and texts and numbers as
 * ECMAScript has them.
 */
export const canonicalJson = (value: unknown): string => {
  if (isInOrder(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return canonicalObject(members.map(([name, member]) => [name, canonicalJson(member)]));
};

/** An object whose values are canonical JSON already. */
export const canonicalObject = (members: readonly (readonly [name: string, text: string])[]): string => {
  // The order of `<` is that of UTF-16 units (RFC 8785 §3.2.3).
  const sorted = members.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
};

/** JSON as two who have the same values write it the same (RFC 8785): members in the order of their UTF-16 code units, and no blanks. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return canonicalObject(members.map(([name, member]) => [name, canonicalJson(member)]));
};

/** An object whose values are canonical JSON already. */
export const canonicalObject = (members: readonly (readonly [name: string, text: string])[]): string => {
  const sorted = members.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
};

type Attributes = Readonly<Record<string, readonly string[]>>;

/** Attributes after a change: those it names are set, an empty list removes one, the others stay. */
export const mergedAttributes = (stored: Attributes, change: Attributes): Attributes =>
  Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, values]) => values.length > 0));

/** By `<node type>.<text id>`; see node-texts.ts. */
export const fr: Readonly<Record<string, string>> = {};

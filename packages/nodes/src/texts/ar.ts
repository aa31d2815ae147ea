/** By `<node type>.<text id>`; see node-texts.ts. */
export const ar: Readonly<Record<string, string>> = {};

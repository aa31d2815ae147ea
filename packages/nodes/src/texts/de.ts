/** By `<node type>.<text id>`; see node-texts.ts. */
export const de: Readonly<Record<string, string>> = {};

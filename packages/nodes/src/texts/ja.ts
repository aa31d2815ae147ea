/** By `<node type>.<text id>`; see node-texts.ts. */
export const ja: Readonly<Record<string, string>> = {};

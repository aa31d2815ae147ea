/** By `<node type>.<text id>`; see node-texts.ts. */
export const es: Readonly<Record<string, string>> = {};

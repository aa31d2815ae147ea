/** Names in state, or `anything` where nobody can tell. */
export type Supply = ReadonlySet<string> | 'anything';

export const NOTHING: Supply = new Set();

export const supplies = (supply: Supply, name: string): boolean => supply === 'anything' || supply.has(name);

export const eitherSupply = (a: Supply, b: Supply): Supply => {
  if (a === 'anything' || b === 'anything') return 'anything';
  return b.size === 0 ? a : new Set([...a, ...b]);
};

export const bothSupply = (a: Supply, b: Supply): Supply => {
  if (a === 'anything') return b;
  if (b === 'anything') return a;
  return new Set([...a].filter((name) => b.has(name)));
};

export const isSameSupply = (a: Supply, b: Supply): boolean =>
  a === b || (a !== 'anything' && b !== 'anything' && a.size === b.size && [...a].every((name) => b.has(name)));

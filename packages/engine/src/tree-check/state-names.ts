/** A set of names in state that nodes need, 1 bit for each. */
export type NameSet = bigint;

/** The names that are in state, or `anything` where the check cannot know them. */
export type Supply = NameSet | 'anything';

export const NOTHING: NameSet = 0n;

export const eitherSupply = (a: Supply, b: Supply): Supply =>
  a === 'anything' || b === 'anything' ? 'anything' : a | b;

export const bothSupply = (a: Supply, b: Supply): Supply => {
  if (a === 'anything') return b;
  return b === 'anything' ? a : a & b;
};

/** The names of the set that are not supplied. */
export const lacking = (names: NameSet, supply: Supply): NameSet => (supply === 'anything' ? NOTHING : names & ~supply);

/**
 * The names in state that nodes of the checked trees need. A name that no node needs is in no set, so that the work does not grow with what
 * a script says that it sets.
 */
export class StateNames {
  readonly #names: readonly string[];
  readonly #bits: ReadonlyMap<string, NameSet>;

  constructor(needed: Iterable<string>) {
    this.#names = [...new Set(needed)];
    this.#bits = new Map(this.#names.map((name, at) => [name, 1n << BigInt(at)]));
  }

  get size(): number {
    return this.#names.length;
  }

  /** The steps that 1 operation on such a set counts as. */
  get steps(): number {
    return 1 + Math.floor(this.#names.length / 64);
  }

  setOf(names: Iterable<string>): NameSet {
    let set = NOTHING;
    for (const name of names) set |= this.#bits.get(name) ?? NOTHING;
    return set;
  }

  namesIn(set: NameSet): readonly string[] {
    if (set === NOTHING) return [];
    const bits = set.toString(2);
    return this.#names.filter((_name, at) => bits[bits.length - 1 - at] === '1');
  }
}

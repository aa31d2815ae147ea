import { PROOF_METHODS, type ProofMethod } from '../model/proven-factors.ts';

/**
 * Sets of methods, one bit for each, of which one whole set is proven. No set contains another one: the smaller one is the weaker proof and
 * decides. So there are at most a few hundred of them, however many paths a tree has.
 */
export type Proofs = readonly number[];

/** One set without a method: nothing is known to be proven. */
export const NO_PROOF: Proofs = [0];

const BITS = new Map(PROOF_METHODS.map((method, at): [ProofMethod, number] => [method, 1 << at]));

/** One of these methods is proven. */
export const proofsOfMethods = (methods: readonly ProofMethod[]): Proofs =>
  methods.length === 0 ? NO_PROOF : smallest(methods.map((method) => BITS.get(method) ?? 0));

export const methodsOf = (set: number): ReadonlySet<ProofMethod> =>
  new Set([...BITS].flatMap(([method, bit]) => ((set & bit) === 0 ? [] : [method])));

/** What is proven by one of several, nobody knows by which. */
export const anyOfProofs = (several: readonly Proofs[]): Proofs => smallest(several.flat());

/** What is proven by the one and by the other. */
export const allOfProofs = (a: Proofs, b: Proofs): Proofs => {
  if (isNothing(a)) return b;
  if (isNothing(b)) return a;
  return smallest(a.flatMap((set) => b.map((other) => set | other)));
};

export const isSameProofs = (a: Proofs, b: Proofs): boolean =>
  a.length === b.length && a.every((set, at) => set === b[at]);

/** Whether all methods of the one set are in the other. */
export const isWithin = (set: number, other: number): boolean => (set & other) === set;

const isNothing = (proofs: Proofs): boolean => proofs.length === 1 && proofs[0] === 0;

/** The sets that contain no other one, in the order of their numbers. A set within another one has the smaller number. */
const smallest = (sets: readonly number[]): Proofs => {
  const kept: number[] = [];
  for (const set of [...new Set(sets)].sort((a, b) => a - b)) {
    if (!kept.some((smaller) => isWithin(smaller, set))) kept.push(set);
  }
  return kept;
};

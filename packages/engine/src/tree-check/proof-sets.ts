import { PROOF_METHODS, type ProofMethod } from '../model/proven-factors.ts';

/**
 * What paths to a place have proven: 1 set of methods for each path, 1 bit for each method. Higher bits hold the methods by which the requests
 * and codes that the path has sent can be answered. Of 2 sets with the same requests the one within the other is the weaker proof and decides.
 * So there are at most a few hundred sets for each combination of requests, however many paths a tree has.
 */
export type Proofs = readonly number[];

/** One set without a method: nothing is known to be proven or sent. */
export const NO_PROOF: Proofs = [0];

const ALL_METHODS = (1 << PROOF_METHODS.length) - 1;
const BITS = new Map(PROOF_METHODS.map((method, at): [ProofMethod, number] => [method, 1 << at]));

const bitsOf = (methods: readonly ProofMethod[]): number =>
  methods.reduce((bits, method) => bits | (BITS.get(method) ?? 0), 0);
const provenIn = (set: number): number => set & ALL_METHODS;
const askedIn = (set: number): number => set >> PROOF_METHODS.length;
const asSet = (proven: number, asked: number): number => proven | (asked << PROOF_METHODS.length);

export const methodsOf = (set: number): ReadonlySet<ProofMethod> =>
  new Set([...BITS].flatMap(([method, bit]) => ((set & bit) === 0 ? [] : [method])));

/**
 * After a node that proves one of these methods. Where one of them answers a request that was sent on the path, only methods that answer it
 * are proven. Where no sender is known, each of them may be.
 */
export const withOneOf = (before: Proofs, methods: readonly ProofMethod[]): Proofs => {
  const all = bitsOf(methods);
  return smallest(
    before.flatMap((set) => {
      const answering = all & askedIn(set);
      const proven = methods.filter((method) => answering === 0 || (answering & bitsOf([method])) !== 0);
      return proven.length === 0 ? [set] : proven.map((method) => set | bitsOf([method]));
    }),
  );
};

/** After a node that sends what can be answered `by` these methods, in the place of what was to be answered by one of `methods`. */
export const withRequest = (before: Proofs, methods: readonly ProofMethod[], by: readonly ProofMethod[]): Proofs =>
  smallest(before.map((set) => asSet(provenIn(set), (askedIn(set) & ~bitsOf(methods)) | bitsOf(by))));

/** After a node that may have sent anything. */
export const withUnknownRequests = (before: Proofs): Proofs => smallest(before.map(provenIn));

/** After a part of the way that proves `through` of what was sent before it. */
export const withWay = (before: Proofs, through: (sent: Proofs) => Proofs): Proofs =>
  smallest(before.flatMap((set) => through([asSet(0, askedIn(set))]).map((after) => after | provenIn(set))));

/** After a part of the way of which no proof counts, and which has sent the requests that are known in `sets`. */
export const withRequestsOf = (sets: Proofs): Proofs => smallest(sets.map((set) => asSet(0, askedIn(set))));

/** What is proven by one of several, nobody knows by which. */
export const anyOfProofs = (several: readonly Proofs[]): Proofs => smallest(several.flat());

export const isSameProofs = (a: Proofs, b: Proofs): boolean =>
  a.length === b.length && a.every((set, at) => set === b[at]);

/** Whether all methods of the one set are in the other, after the same requests. */
export const isWithin = (set: number, other: number): boolean =>
  (set & other) === set && askedIn(set) === askedIn(other);

/** The sets that contain no other one, in the order of their numbers. A set within another one has the smaller number. */
const smallest = (sets: readonly number[]): Proofs => {
  const kept: number[] = [];
  for (const set of [...new Set(sets)].sort((a, b) => a - b)) {
    if (!kept.some((smaller) => isWithin(smaller, set))) kept.push(set);
  }
  return kept;
};

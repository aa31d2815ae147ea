import { PROOF_METHODS, type ProofMethod } from '../model/proven-factors.ts';

/** Sets of methods, 1 bit for each method. */
type Methods = number;

/**
 * What is proven at the least, as a family of sets of methods: with each set, all sets that contain it are in the family, too. Of 12 methods there
 * are 4,096 sets, and the family has 1 bit for each. So "the one or the other" and "the one and the other" are 1 operation on bits each,
 * however many paths a tree has.
 */
type Family = bigint;

const COUNT = 1 << PROOF_METHODS.length;

const NO_FAMILY: Family = 0n;
/** The empty set, and so each set: nothing is known to be proven. */
const NO_METHOD: Family = (1n << BigInt(COUNT)) - 1n;

/** What paths to a place have proven, by the methods that can answer the requests and codes which the path has sent. Empty where no path leads. */
export type Proofs = ReadonlyMap<Methods, Family>;

export const NO_WAY: Proofs = new Map();

/** Nothing is known to be proven or sent. */
export const NO_PROOF: Proofs = new Map([[0, NO_METHOD]]);

/** By the bit of a method, the sets that lack it. */
const LACKING = PROOF_METHODS.map((_method, at) => {
  const bit = 1 << at;
  let sets = (1n << BigInt(bit)) - 1n;
  for (let width = 2 * bit; width < COUNT; width *= 2) sets |= sets << BigInt(width);
  return { bit: BigInt(bit), sets };
});

const PROVEN_BY = new Map(
  PROOF_METHODS.map((method, at): [ProofMethod, Family] => [method, NO_METHOD & ~(LACKING[at]?.sets ?? 0n)]),
);
const BITS = new Map(PROOF_METHODS.map((method, at): [ProofMethod, Methods] => [method, 1 << at]));

const bitsOf = (methods: readonly ProofMethod[]): Methods =>
  methods.reduce((bits, method) => bits | (BITS.get(method) ?? 0), 0);

/** Entries with the same requests are joined: the one or the other is proven. */
const joined = (entries: Iterable<readonly [asked: Methods, family: Family]>): Proofs => {
  const all = new Map<Methods, Family>();
  for (const [asked, family] of entries) {
    if (family !== NO_FAMILY) all.set(asked, (all.get(asked) ?? NO_FAMILY) | family);
  }
  return all;
};

/**
 * After a node that proves one of these methods. Where one of them answers a request that was sent on the path, only methods that answer it
 * are proven. Where no sender is known, each of them may be.
 */
export const withOneOf = (before: Proofs, methods: readonly ProofMethod[]): Proofs => {
  if (methods.length === 0) return before;
  const all = bitsOf(methods);
  return joined(
    [...before].map(([asked, family]) => {
      const answering = all & asked;
      const proven = methods.filter((method) => answering === 0 || (answering & bitsOf([method])) !== 0);
      return [asked, family & proven.reduce((any, method) => any | (PROVEN_BY.get(method) ?? NO_METHOD), NO_FAMILY)];
    }),
  );
};

/** After a node that sends what can be answered `by` these methods, in the place of what was to be answered by one of `methods`. */
export const withRequest = (before: Proofs, methods: readonly ProofMethod[], by: readonly ProofMethod[]): Proofs =>
  joined([...before].map(([asked, family]) => [(asked & ~bitsOf(methods)) | bitsOf(by), family]));

/** After a node that may have sent anything. */
export const withUnknownRequests = (before: Proofs): Proofs => joined([...before].map(([, family]) => [0, family]));

/** After a part of the way that proves `through` of what was sent before it. */
export const withWay = (before: Proofs, through: (asked: Methods) => Proofs): Proofs =>
  joined(
    [...before].flatMap(([asked, family]) =>
      [...through(asked)].map(([after, proven]) => [after, family & proven] as const),
    ),
  );

/** What was sent on the way to a part of it. */
export const afterRequests = (asked: Methods): Proofs => new Map([[asked, NO_METHOD]]);

/** After a part of the way of which no proof counts, and which has sent the requests that are known in `sets`. */
export const withRequestsOf = (sets: Proofs): Proofs => joined([...sets].map(([asked]) => [asked, NO_METHOD]));

/** What is proven by one of several, where the check cannot know by which. */
export const anyOfProofs = (several: readonly Proofs[]): Proofs => joined(several.flatMap((proofs) => [...proofs]));

export const isSameProofs = (a: Proofs, b: Proofs): boolean =>
  a.size === b.size && [...a].every(([asked, family]) => b.get(asked) === family);

/** The smallest sets that are proven, in the order of their numbers, after all requests together. */
export const smallestSets = (proofs: Proofs): readonly Methods[] =>
  smallestOf(withUnknownRequests(proofs).get(0) ?? NO_FAMILY);

/** The sets of the family that contain no other one, in the order of their numbers. There are 924 at most. */
const smallestOf = (family: Family): readonly Methods[] => {
  const larger = LACKING.reduce((found, { bit, sets }) => found | ((family & sets) << bit), 0n);
  const bits = (family & ~larger).toString(2);
  const found: number[] = [];
  for (let set = 0; set < bits.length; set += 1) if (bits[bits.length - 1 - set] === '1') found.push(set);
  return found;
};

/** The requests after which no more is proven than a set of methods. */
export const askedWithin = (proofs: Proofs, set: Methods): readonly Methods[] =>
  [...proofs].flatMap(([asked, family]) => (((family >> BigInt(set)) & 1n) === 1n ? [asked] : []));

export const methodsOf = (set: number): ReadonlySet<ProofMethod> =>
  new Set(PROOF_METHODS.filter((_method, at) => (set & (1 << at)) !== 0));

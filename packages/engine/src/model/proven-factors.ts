/** The kinds of second factor that a user can have. Recovery codes are none: they stand in for one of these. */
export const FACTOR_KINDS = ['push', 'oath', 'webauthn', 'binding'] as const;

export type FactorKind = (typeof FACTOR_KINDS)[number];

/**
 * What a node can prove of a user, as applications are told it (spec: oidc §1.5). Anything else that nodes look at, such as a
 * cookie, a device or an answer to a question, is no proof to others.
 */
export const PROOF_METHODS = [
  'password',
  /** A phone has said yes. */
  'push',
  /** It has said yes with the number that the browser showed, so by a second channel. */
  'pushNumber',
  'oath',
  'mailCode',
  'smsCode',
  /** A phone has signed with a key of its own. Whether it asked for a finger or a PIN before, nobody here can see (WA-48). */
  'boundDevice',
  'recoveryCode',
  /** A passkey of a device that is known by a trusted chain to be what it says, and which has made sure of its user. */
  'hardwarePasskey',
  /** A passkey that stays on its device, which has made sure of its user. */
  'passkey',
  /** A passkey that its provider may copy to other devices; the one at hand has made sure of its user. */
  'syncedPasskey',
  /** A passkey of either kind, whose device has asked for no more than a touch. */
  'touchedPasskey',
] as const;

export type ProofMethod = (typeof PROOF_METHODS)[number];

/** Codes that somebody sends, and somebody else asks for. */
export type SentCodeMethod = Extract<ProofMethod, 'mailCode' | 'smsCode'>;

/** A factor that a node has proven, and for whom: what one user has proven says nothing of another. */
export interface ProvenFactor {
  /** Id of the user. */
  readonly user: string;
  /** As `NodeType` has it; absent for what has no name there. */
  readonly name?: string;
  /** Absent for what stands in `NodeType` and proves nothing to others. */
  readonly method?: ProofMethod;
  /** Milliseconds. */
  readonly at: number;
}

/** A code that was sent to a user, by what is kept of it. */
export interface SentCode {
  readonly user: string;
  readonly method: SentCodeMethod;
  readonly code: string;
}

export const factorsOf = (factors: readonly ProvenFactor[], user: string): readonly ProvenFactor[] =>
  factors.filter((factor) => factor.user === user);

/** The factors after one more: the same one proven again is the newer one alone. */
export const withFactor = (factors: readonly ProvenFactor[], factor: ProvenFactor): readonly ProvenFactor[] => [
  ...factors.filter(
    ({ user, name, method }) => user !== factor.user || name !== factor.name || method !== factor.method,
  ),
  factor,
];

export const namesOf = (factors: readonly ProvenFactor[]): readonly string[] =>
  factors.flatMap(({ name }) => (name === undefined ? [] : [name]));

/** As the session property `NodeType` has them. */
export const nodeTypeText = (names: readonly string[]): string => names.map((name) => `${name}|`).join('');

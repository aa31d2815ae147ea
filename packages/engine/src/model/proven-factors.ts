import { foldUsername, type Identity } from './identities.ts';

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

/** A device of a user, by the kind of factor that it is. */
export interface FactorDevice {
  readonly kind: FactorKind;
  readonly uuid: string;
}

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
  /** Of a code that was sent: the addresses of the user that it went to. */
  readonly sentTo?: readonly SentPlace[];
  /** The device that proved it, or was stored then: it counts while the user has the device (docs/adr/0147). */
  readonly device?: FactorDevice;
}

/** A mailed link that was followed in a journey. */
export interface FollowedLink {
  /** The attribute for addresses of its kind. */
  readonly attribute: string;
  readonly address: string;
  /** Id of the user to whom it was mailed; `null` where it went to an address that was collected. */
  readonly userId: string | null;
}

/** A code that was sent, and what it proves of all places it went to. A code without a method proves nothing, wherever it is sent later. */
export interface SentCode {
  /** Its digest. */
  readonly code: string;
  readonly user?: string;
  readonly method?: SentCodeMethod;
  /** Digest of the one place it went to; absent where it went to several. */
  readonly to?: string;
  /** The address at that place, where its user only claims it. */
  readonly claim?: {
    readonly attribute: string;
    /** Digest of its value. */
    readonly value: string;
  };
}

/** An attribute of a user, and the digest of its folded value when a code was sent there. */
export interface SentPlace {
  readonly attribute: string;
  readonly address: string;
}

/**
 * Whether the user still has this address, as look-ups compare values; any value of the attribute. What was mailed to an address that the user
 * has no more opens nothing. `isSame` compares with an address of which a digest is all that is kept.
 */
export const hasAddress = (
  { attributes }: Pick<Identity, 'attributes'>,
  { attribute, address }: { readonly attribute: string; readonly address: string },
  isSame = (folded: string): boolean => folded === foldUsername(address),
): boolean => (attributes[attribute] ?? []).some((value) => isSame(foldUsername(value)));

/** Whether the user no longer has one of these addresses. */
export const hasLeft = (
  user: Pick<Identity, 'attributes'>,
  places: readonly SentPlace[],
  isDigestOf: (digest: string, text: string) => boolean,
): boolean => places.some((it) => !hasAddress(user, it, (folded) => isDigestOf(it.address, folded)));

/** For whom the newest code was sent by one method, and where. What a code proves is in {@link SentCode}. */
export interface NewestCode {
  /** Its digest. */
  readonly code: string;
  /** Id of the user; absent where the journey knew none, `null` where the same code was sent for two. */
  readonly user?: string | null;
  /** Whether it went to an address of the user. */
  readonly isOwn?: true;
  /** Where the code went, of the addresses of the user; also of a code that proves nothing. */
  readonly places?: readonly SentPlace[];
  /** The address of a user that this method was used for last: whose, and the digest of the place. */
  readonly ownPlace?: { readonly user: string; readonly to: string; readonly places: readonly SentPlace[] };
}

export type NewestCodes = Readonly<Partial<Record<SentCodeMethod, NewestCode>>>;

/**
 * How many codes are kept for a journey. Codes that are sent after these prove nothing.
 *
 * @internal Tests go up to it.
 */
export const MAX_SENT_CODES = 20;

/** What a code proves once it was sent to a second place as well. */
const sentTwice = (before: SentCode, sent: SentCode, isSamePlace: boolean): SentCode => {
  const { code, user } = before;
  if (user === undefined || user !== sent.user || before.method === undefined || sent.method === undefined)
    return { code };
  const method = before.method === sent.method ? sent.method : 'mailCode';
  if (isSamePlace) return { ...sent, code, method };
  return before.claim === undefined && sent.claim === undefined ? { code, user, method } : { code };
};

/** The codes after one more was sent, which ends what earlier codes prove by its method. */
export const withSentCode = (
  codes: readonly SentCode[],
  sent: SentCode,
  method: SentCodeMethod,
  is: { readonly code: (digest: string) => boolean; readonly to: (digest: string) => boolean },
): readonly SentCode[] => {
  const known = codes.some(({ code }) => is.code(code));
  const others = codes.map((other) => {
    if (is.code(other.code)) return sentTwice(other, sent, other.to !== undefined && is.to(other.to));
    return other.method === method ? { code: other.code } : other;
  });
  return known || others.length >= MAX_SENT_CODES ? others : [...others, sent];
};

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

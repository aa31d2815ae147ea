import type { ProofMethod } from '@assent/engine';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { SignedIn } from './signed-in.ts';

type Proven = Pick<SignedIn, 'factors' | 'properties'>;

/** What a proof is called in tokens (RFC 8176 §2). Whether a phone asked for a finger or a PIN, nobody here can see. */
const AMR_OF: Readonly<Record<ProofMethod, readonly string[]>> = {
  password: ['pwd'],
  push: ['swk', 'user'],
  pushNumber: ['swk', 'user', 'mca'],
  oath: ['otp'],
  mailCode: ['otp'],
  smsCode: ['otp', 'sms'],
  boundDevice: ['pop'],
  recoveryCode: ['recovery'],
  hardwarePasskey: ['hwk', 'user', 'pop'],
  passkey: ['user', 'pop'],
  syncedPasskey: ['swk', 'user', 'pop'],
  touchedPasskey: ['pop'],
};

const KNOWN: ReadonlySet<ProofMethod> = new Set(['password']);
/**
 * A message can be read by whoever reads the mail or the phone number, so that a code in it is nothing that somebody holds. Nor is a tap alone
 * a factor beside a password: who knows that can ask until somebody taps (SEC-20; NIST SP 800-63B-4 §3.1.3).
 */
const HELD: ReadonlySet<ProofMethod> = new Set([
  'pushNumber',
  'oath',
  'boundDevice',
  'recoveryCode',
  'hardwarePasskey',
  'passkey',
  'syncedPasskey',
  'touchedPasskey',
]);
/** Its device holds the one factor and has asked for the other: a finger, a face or a PIN (spec: webauthn §10.4). */
const BOTH_AT_ONCE: ReadonlySet<ProofMethod> = new Set(['hardwarePasskey', 'passkey', 'syncedPasskey']);
const SEVERAL = 'mfa';

/**
 * Classes of sign-in that are met by what was proven, whichever journey it was proven in (OpenID Connect Extended Authentication Profile ACR
 * Values 1.0 §2; spec: webauthn §10.4): nobody gives a name or a code to a false page, and with `phrh` the key lives in hardware that is
 * known. No mapping to a journey can make anything weaker meet them (WA-33).
 */
const PROVEN_CLASSES: ReadonlyMap<string, ReadonlySet<ProofMethod>> = new Map([
  ['phr', BOTH_AT_ONCE],
  ['phrh', new Set<ProofMethod>(['hardwarePasskey'])],
]);

/** What has to be proven to meet a class; undefined for one that stands for a journey. */
export const proofOfClass = (acr: string): ReadonlySet<ProofMethod> | undefined => PROVEN_CLASSES.get(acr);

/** What nodes prove, and nothing else may say (OIDC-12); in any case, since some readers do not care for it. */
const PROVEN_ONLY: ReadonlySet<string> = new Set([...Object.values(AMR_OF).flat(), SEVERAL]);

/** The session property by which authors of journeys add to it, several with commas between them. */
const PROPERTY = 'amr';
const MAX_ADDED = 10;

/** How the user has signed in, as tokens say it: what was proven first, then what authors of journeys add. */
const amrOf = (
  { factors, properties }: Proven,
  { amrMappings }: Pick<ProviderSettings, 'amrMappings'>,
): readonly string[] => {
  const methods = new Set(factors.map(({ method }) => method));
  const proven = Object.entries(AMR_OF).flatMap(([method, names]) => (methods.has(method as ProofMethod) ? names : []));
  const hasAny = (of: ReadonlySet<ProofMethod>) => [...methods].some((it) => of.has(it));
  const isSeveral = hasAny(BOTH_AT_ONCE) || (hasAny(KNOWN) && hasAny(HELD));
  const added = (properties[PROPERTY] ?? '')
    .split(/[\s,|]+/)
    .map((name) => amrMappings.get(name) ?? name)
    .filter((name) => /^[\x21-\x7e]{1,64}$/.test(name) && !PROVEN_ONLY.has(name.toLowerCase()))
    .slice(0, MAX_ADDED);
  return [...new Set([...proven, ...(isSeveral ? [SEVERAL] : []), ...added])];
};

/**
 * When the user last proved anything, in seconds: a journey that proves nothing makes nobody fresher. Of somebody who has proven
 * nothing at all it is 0, which no reader takes for fresh.
 */
const authTimeOf = ({ factors }: Pick<Proven, 'factors'>): number =>
  Math.floor(Math.max(0, ...factors.map(({ at }) => at)) / 1_000);

/** What a grant says of how its user has signed in. */
export const proofOf = (
  person: Proven,
  settings: Pick<ProviderSettings, 'amrMappings'>,
): Pick<OAuthGrant, 'amr' | 'authTime'> => ({
  amr: amrOf(person, settings),
  authTime: authTimeOf(person),
});

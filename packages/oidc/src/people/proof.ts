import type { ProofMethod } from '@assent/engine';
import { STRENGTH, type Strength } from '@assent/engine/host';
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

type Methods = ReadonlySet<ProofMethod>;

const hasAny = (methods: Methods, of: Methods): boolean => [...methods].some((it) => of.has(it));

/** Something known and something held, or a device that asks for both at once. */
const isSeveral = (methods: Methods): boolean =>
  hasAny(methods, BOTH_AT_ONCE) || (hasAny(methods, KNOWN) && hasAny(methods, HELD));

const anyOf =
  (...of: readonly ProofMethod[]) =>
  (methods: Methods): boolean =>
    of.some((it) => methods.has(it));

/**
 * Classes of sign-in with a meaning of their own, and the methods that meet them (SEC-85; OpenID Connect Extended Authentication Profile ACR
 * Values 1.0 §2; spec: webauthn §10.4). No realm can change the meaning: a mapping only names the journey to a class (WA-33).
 */
const CLASSES: ReadonlyMap<string, (methods: Methods) => boolean> = new Map([
  ['password', anyOf('password')],
  ['push', anyOf('push', 'pushNumber')],
  [SEVERAL, isSeveral],
  ['phr', (methods) => hasAny(methods, BOTH_AT_ONCE)],
  ['phrh', anyOf('hardwarePasskey')],
]);

/** Whether a session with these methods meets the class; undefined for a class that a realm has named itself. */
export const testOfClass = (acr: string): ((methods: Methods) => boolean) | undefined => CLASSES.get(acr);

/** A phone that has given the number has approved, too; an approval by a tap gives no number. */
const isShown = (method: ProofMethod, methods: Methods): boolean =>
  methods.has(method) || (method === 'push' && methods.has('pushNumber'));

/**
 * Whether these methods meet a class. A class that a realm has named itself stands for one of the sets in `ways`, all of it: what its journey
 * proves by a path to its end. Without a set it is never met, and an empty set proves nothing.
 */
export const meetsClass = (acr: string, methods: Methods, ways: readonly Methods[]): boolean =>
  testOfClass(acr)?.(methods) ?? ways.some((way) => way.size > 0 && [...way].every((it) => isShown(it, methods)));

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
  const added = (properties[PROPERTY] ?? '')
    .split(/[\s,|]+/)
    .map((name) => amrMappings.get(name) ?? name)
    .filter((name) => /^[\x21-\x7e]{1,64}$/.test(name) && !PROVEN_ONLY.has(name.toLowerCase()))
    .slice(0, MAX_ADDED);
  return [...new Set([...proven, ...(isSeveral(methods) ? [SEVERAL] : []), ...added])];
};

/** How much these names say was proven; what authors add says nothing. */
export const strengthOfGrant = ({ amr }: Pick<OAuthGrant, 'amr'>): Strength => {
  const proven = amr.filter((name) => PROVEN_ONLY.has(name));
  if (proven.length === 0) return STRENGTH.nothing;
  return proven.every((name) => AMR_OF.password.includes(name)) ? STRENGTH.password : STRENGTH.more;
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

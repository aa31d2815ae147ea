import { PROOF_METHODS, type ProofMethod } from './proven-factors.ts';

/** What was proven of a session's user, and when it was proven last, in milliseconds. */
export interface SessionProof {
  readonly method: ProofMethod;
  readonly at: number;
}

/** A journey that its user has walked to Success, and when that was last, in milliseconds. */
export interface SessionJourney {
  readonly tree: string;
  readonly at: number;
}

/** The session property that lists what was proven; the server's own, which no node may set (OIDC-12). */
export const AUTH_FACTORS = 'AuthFactors';
/** The session property that lists the journeys, by the tree that was started: a tree inside another is none. */
export const JOURNEYS = 'Journeys';

/** How many of them a session knows, the newest. */
const MAX_JOURNEYS_OF_SESSION = 20;

type Properties = Readonly<Record<string, string>>;

const METHODS: ReadonlySet<string> = new Set(PROOF_METHODS);
const isMethod = (name: string): name is ProofMethod => METHODS.has(name);

/** What was proven in a session, the oldest first; nothing in one from before it was noted. */
export const provenIn = ({ [AUTH_FACTORS]: text }: Properties): readonly SessionProof[] =>
  entriesOf(text).flatMap(([method, at]) => (isMethod(method) ? [{ method, at }] : []));

/**
 * How much a sign-in has proven: nothing, as that of a guest or by a persistent cookie; the password alone; or more than that. What a user may hold
 * is bounded for each strength apart, so that an attacker with the password ends nothing that took more (SEC-93). Stores keep the number.
 */
export const STRENGTH = { nothing: 0, password: 1, more: 2 } as const;
export type Strength = (typeof STRENGTH)[keyof typeof STRENGTH];

/** The strength of a session with these properties. */
export const strengthOf = (properties: Properties): Strength => {
  const proven = provenIn(properties);
  if (proven.length === 0) return STRENGTH.nothing;
  return proven.every(({ method }) => method === 'password') ? STRENGTH.password : STRENGTH.more;
};

/** The journeys of a session, the oldest first. */
export const walkedIn = ({ [JOURNEYS]: text }: Properties): readonly SessionJourney[] =>
  entriesOf(text).map(([tree, at]) => ({ tree: unescaped(tree), at }));

/** The text of `AuthFactors` after what was proven since. */
export const authFactorsText = (before: Properties, proven: readonly SessionProof[]): string =>
  textOf(newest([...provenIn(before), ...proven].map(({ method, at }) => [method, at])));

/** The text of `Journeys` after one more. */
export const journeysText = (before: Properties, walked: SessionJourney): string =>
  textOf(
    newest([...walkedIn(before), walked].map(({ tree, at }) => [escaped(tree), at])).slice(-MAX_JOURNEYS_OF_SESSION),
  );

/** The name of a tree may be any text, the bar between two of them included. */
const escaped = (name: string): string => name.replaceAll('%', '%25').replaceAll('|', '%7C');
const unescaped = (name: string): string => name.replaceAll('%7C', '|').replaceAll('%25', '%');

/** `name@ms|name@ms`. */
type Entry = readonly [name: string, at: number];

const entriesOf = (text = ''): readonly Entry[] =>
  text.split('|').flatMap((part): readonly Entry[] => {
    const at = part.lastIndexOf('@');
    const millis = part.slice(at + 1);
    return at > 0 && /^\d{1,15}$/.test(millis) ? [[part.slice(0, at), Number(millis)]] : [];
  });

const textOf = (entries: readonly Entry[]): string => entries.map(([name, at]) => `${name}@${at}`).join('|');

/** One entry a name, by its newest time, the oldest first. */
const newest = (entries: readonly Entry[]): readonly Entry[] => {
  const times = new Map<string, number>();
  for (const [name, at] of entries) times.set(name, Math.max(at, times.get(name) ?? at));
  return [...times].sort(([, a], [, b]) => a - b);
};

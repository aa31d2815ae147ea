import { type JourneyCookie, port, secretMeta } from '@assent/engine';
import { openHs256, openKeyedHs256, signHs256, signKeyedHs256 } from '@assent/push/jose';
import { decodeBase64 } from '@assent/push/protocol';
import { z } from 'zod';
import { cookieName } from './cookie-settings.ts';

const HOUR = 3_600_000;
const KEY_BYTES = 32;

/** The keys of this server for cookies whose author gave none (SEC-76). */
export interface CookieKey {
  /** The one that new cookies are signed with. */
  active(): { readonly id: string; readonly bytes: Uint8Array };
  /** One of that name, where what it has signed is still good. */
  find(id: string): Uint8Array | undefined;
}
export const cookieKey = port<CookieKey>()('cookieKey', 'reads');

/** The session property, with the name of the cookie behind it, by which a sign-out knows which cookies go with it. */
export const PERSISTENT_COOKIE_PROPERTY = 'persistentCookie_';

const keyOf = (text: string): Uint8Array | undefined => {
  const bytes = decodeBase64(text.trim());
  return bytes?.length === KEY_BYTES ? bytes : undefined;
};

const hours = z.int().min(1).max(87_600);

/** What the nodes that set a persistent cookie and that read it both need to know. */
export const persistentCookieSettings = {
  idleTimeout: hours.default(5).meta({
    title: 'Idle Timeout',
    description: 'After how many hours without a sign-in the cookie is good for nothing.',
  }),
  useSecureCookie: z.boolean().default(true).meta({
    title: 'Use Secure Cookie',
    description: 'Send it over https only. A server that is reached by http leaves this out.',
  }),
  useHttpOnlyCookie: z.boolean().default(true).meta({
    title: 'Use HTTP Only Cookie',
    description: 'Keep it from the scripts of a page.',
  }),
  hmacSigningKey: z
    .string()
    .refine((text) => text === '' || keyOf(text) !== undefined, 'Must be 32 bytes in base64.')
    .nullish()
    .meta(
      secretMeta({
        title: 'HMAC Signing Key',
        description: '32 bytes in base64, the same in all nodes for the cookie; without it, a key of this server.',
        // It signs, and goes nowhere.
        goesWith: [],
      }),
    ),
  hmacSigningKeySecretLabelIdentifier: z.string().nullish().meta({
    title: 'HMAC Signing Key Secret Label Identifier',
    description: 'A label of a secret store. There is none here: it is reported, and the signing key is used.',
  }),
  persistentCookieName: cookieName().default('session-jwt').meta({
    title: 'Persistent Cookie Name',
    description: 'What the cookie is called; the same in all nodes for it.',
  }),
};

export const hoursOfLife = () =>
  hours.default(5).meta({
    title: 'Max Life',
    description: 'After how many hours the cookie is good for nothing, however often it is used.',
  });

type Settings = z.output<z.ZodObject<typeof persistentCookieSettings>>;

/** What a persistent cookie says, once its signature is verified. */
export interface PersistentCookie {
  readonly userId: string;
  /** The user's credentials when it was given: with others it opens nothing (SEC-61). */
  readonly credentialRev: number;
  readonly clientAddress: string;
  /** When it ends whatever happens, milliseconds. */
  readonly expiresAt: number;
}

interface Place {
  readonly config: Settings;
  readonly realm: string;
  readonly now: number;
  readonly serverKey: CookieKey;
}

/** The key that the author of the node gave, if any: it is replaced where it was given. */
const keyOfAuthor = ({ config }: Place): Uint8Array | undefined =>
  config.hmacSigningKey ? keyOf(config.hmacSigningKey) : undefined;

/** A cookie is good in one realm and under one name: copied to another it opens nothing. */
const audienceOf = ({ config, realm }: Place): string => `persistent-cookie ${realm} ${config.persistentCookieName}`;

/**
 * Whether a text is a persistent cookie of whatever realm and name, valid or not. Whoever holds one signs in by it, so no
 * script is shown any: all realms of a server share the cookies of its host (SEC-72).
 */
export const isPersistentCookie = (text: string): boolean => {
  const bytes = decodeBase64(text.split('.')[1] ?? '');
  return bytes !== undefined && new TextDecoder().decode(bytes).includes('"persistent-cookie ');
};

const claims = z.object({ sub: z.string(), cred: z.int(), exp: z.number(), idle: z.number(), ip: z.string() });

/** Why a cookie is good for nothing: for the log. */
export type CookieProblem = { readonly problem: string };

export const readPersistentCookie = (place: Place, jwt: string): PersistentCookie | CookieProblem => {
  const key = keyOfAuthor(place);
  const expectations = { now: place.now, audience: audienceOf(place) };
  const opened =
    key === undefined ? openKeyedHs256(jwt, place.serverKey.find, expectations) : openHs256(jwt, key, expectations);
  if (!opened.ok) return { problem: opened.reason };
  const said = claims.safeParse(opened.claims);
  if (!said.success || opened.claims.aud === undefined) return { problem: 'it is no persistent cookie' };
  const { sub: userId, cred: credentialRev, exp, idle, ip: clientAddress } = said.data;
  if (place.now >= idle * 1_000) return { problem: 'it was idle for too long' };
  return { userId, credentialRev, clientAddress, expiresAt: exp * 1_000 };
};

/** The cookie for a user, good until it ends or nobody has used it for the idle time. */
export const persistentCookie = (
  place: Place,
  { userId, credentialRev, clientAddress, expiresAt }: PersistentCookie,
): JourneyCookie => {
  const { config, now } = place;
  const exp = Math.floor(expiresAt / 1_000);
  const idle = Math.floor((now + config.idleTimeout * HOUR) / 1_000);
  const said = { aud: audienceOf(place), sub: userId, cred: credentialRev, exp, idle, ip: clientAddress };
  const key = keyOfAuthor(place);
  const value =
    key === undefined ? signKeyedHs256(JSON.stringify(said), place.serverKey.active()) : signHs256(said, key);
  return {
    name: config.persistentCookieName,
    value,
    maxAgeSeconds: Math.max(0, exp - Math.floor(now / 1_000)),
    path: '/',
    secure: config.useSecureCookie,
    httpOnly: config.useHttpOnlyCookie,
    sameSite: 'lax',
  };
};

export const lifeInMillis = (hoursToLive: number): number => hoursToLive * HOUR;

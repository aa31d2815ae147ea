import type { ConfigurationSnapshot } from '@assent/engine/host';
import type { SigningKind } from '@assent/store';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Where a node that gives a persistent cookie says nothing of it, and where there is none that does. */
const COOKIE_HOURS = 5;

/** How many hours a node makes a persistent cookie good for; undefined for any other node. */
const hoursOfCookie = ({
  type,
  config,
}: {
  readonly type?: unknown;
  readonly config?: unknown;
}): number | undefined => {
  if (type !== 'SetPersistentCookieNode') return undefined;
  const { maxLife } = (config ?? {}) as { readonly maxLife?: unknown };
  return typeof maxLife === 'number' ? maxLife : COOKIE_HOURS;
};

/**
 * For how long what a key has signed stays good once another one signs: as long as the longest-lived of what it has signed may be presented, by
 * the configuration of this moment (SEC-76). What is asked for again in between, such as a known browser, is signed anew then.
 */
export const keyLives = ({
  realms,
  trees,
}: Pick<ConfigurationSnapshot, 'realms' | 'trees'>): Readonly<Record<SigningKind, number>> => {
  const journey =
    MINUTE * Math.max(1, ...realms.map((it) => it.journeyMinutes), ...trees.map(({ tree }) => tree.treeTimeout ?? 0));
  const hours = trees.flatMap(({ nodes }) => Object.values(nodes).flatMap((node) => hoursOfCookie(node) ?? []));
  return {
    'auth-id': journey,
    'submit-code': journey,
    'persistent-cookie': HOUR * Math.max(COOKIE_HOURS, ...hours),
    'known-browser': 180 * DAY,
    // The longest life that a client can give a refresh token; each use of one makes the next with the newer key.
    'oauth-handle': 365 * DAY,
    'oauth-mark': HOUR,
  };
};

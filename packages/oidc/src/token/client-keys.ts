import { type Clock, foreignKeyFault, parseForeignJson } from '@assent/engine';
import type { JWK } from 'jose';
import type { OAuthClient } from '../model/clients.ts';
import { isCallRefused, type Outbound } from '../protocol/outbound.ts';
import { ASSERTION_ALGORITHMS } from './client-assertion.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A key that its client has withdrawn is good for no longer. */
const FRESH_MILLIS = 10 * MINUTE;
/** Where its address does not answer, a set is good for so long. */
const STALE_MILLIS = 60 * MINUTE;
/** Whatever anybody sends, an address is called no more often, after a failure and for a key that nobody knows as well. */
const COOL_DOWN_MILLIS = MINUTE;

const MAX_BYTES = 65_536;
const MAX_KEYS = 50;
const MAX_ADDRESSES = 1_000;
const MAX_CACHE_BYTES = 8 * 1_024 * 1_024;
/** Of an entry without its keys, at the least. */
const ENTRY_BYTES = 512;

const isText = (value: unknown): value is string => typeof value === 'string';

/** In place of a text: too many look-ups of the realm wait. */
const NOT_BEGUN = Symbol('not begun');

interface FetchedSet {
  readonly keys: readonly JWK[];
  /** When they came, milliseconds; absent where they never have. */
  readonly fetchedAt?: number;
  readonly triedAt: number;
  readonly bytes: number;
}

/** Whether a key is a public one for signatures that are accepted (OIDC-16); one that shows its private half is nobody's secret. */
const isUsable = (key: JWK): boolean => {
  const { key_ops: operations, alg, kty, crv } = key;
  return (
    foreignKeyFault(key) === undefined &&
    (kty !== 'EC' || crv === 'P-256') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    (alg === undefined || ASSERTION_ALGORITHMS.includes(alg))
  );
};

/**
 * What of a usable key signatures are checked by, which is text alone; its uses are judged by now. Whatever else stands in it would be kept
 * with it, and take far more room than the letters that it is counted by.
 */
const textOf = ({ kty, crv, n, e, x, y, kid, alg }: JWK): JWK =>
  Object.fromEntries(Object.entries({ kty, crv, n, e, x, y, kid, alg }).filter(([, value]) => isText(value)));

/** The keys of a JSON Web Key Set that signatures of a client can be checked by; undefined where it is none. */
export const usableKeys = (text: string): readonly JWK[] | undefined => {
  try {
    const set: unknown = parseForeignJson(text);
    const { keys } = (set ?? {}) as { readonly keys?: unknown };
    if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
    return keys
      .filter((key: unknown): key is JWK => typeof key === 'object' && key !== null && isUsable(key as JWK))
      .map(textOf);
  } catch {
    return undefined;
  }
};

interface KeptSet extends FetchedSet {
  /** The realms whose clients name its address. */
  readonly realms: ReadonlySet<string>;
}

const sizeOf = ({ bytes }: FetchedSet): number => ENTRY_BYTES + bytes;

/**
 * Sets by address, within bounds. Where there is no room, the realms that use most of it lose the set that was used least recently, so that no
 * realm displaces the sets of the others (SEC-93).
 */
class KeptSets {
  /** The least recently used first. */
  readonly #sets = new Map<string, KeptSet>();
  #size = 0;

  /** As it is for the clients of the realm, which share it from then on. */
  get(realm: string, uri: string): FetchedSet | undefined {
    const set = this.#sets.get(uri);
    if (set === undefined) return undefined;
    this.#sets.delete(uri);
    this.#sets.set(uri, set.realms.has(realm) ? set : { ...set, realms: new Set([...set.realms, realm]) });
    return set;
  }

  keep(realm: string, uri: string, set: FetchedSet): void {
    const { realms = [] } = this.#sets.get(uri) ?? {};
    this.#delete(uri);
    this.#sets.set(uri, { ...set, realms: new Set([...realms, realm]) });
    this.#size += sizeOf(set);
    while (this.#sets.size > MAX_ADDRESSES || this.#size > MAX_CACHE_BYTES) this.#delete(this.#leastProtected());
  }

  /** A set is protected by the one of its realms that uses the least. */
  #leastProtected(): string {
    const used = new Map<string, number>();
    for (const set of this.#sets.values())
      for (const realm of set.realms) used.set(realm, (used.get(realm) ?? 0) + sizeOf(set));
    let [found, greatest] = ['', -1];
    for (const [uri, { realms }] of this.#sets) {
      let least = Number.POSITIVE_INFINITY;
      for (const realm of realms) least = Math.min(least, used.get(realm) ?? 0);
      if (least > greatest) [found, greatest] = [uri, least];
    }
    return found;
  }

  #delete(uri: string): void {
    const set = this.#sets.get(uri);
    if (set === undefined) return;
    this.#sets.delete(uri);
    this.#size -= sizeOf(set);
  }
}

/**
 * The keys that clients sign with, where they are found: in the client's document, or at the address that it names. Those are
 * kept for a while, within bounds, and fetched by one request at a time; whoever shows forged proofs makes the server call nobody more
 * often than the cool-down allows.
 */
export class ClientKeys {
  readonly #outbound: Outbound;
  readonly #clock: Clock;
  readonly #sets = new KeptSets();
  readonly #underWay = new Map<string, Promise<FetchedSet>>();

  constructor({ outbound, clock }: { readonly outbound: Outbound; readonly clock: Clock }) {
    this.#outbound = outbound;
    this.#clock = clock;
  }

  /** The keys of a client; `kid` is which one is wanted, so that a new one is found soon. */
  readonly of = async (
    { realm, keys }: Pick<OAuthClient, 'realm' | 'keys'>,
    kid: string | undefined,
  ): Promise<readonly JWK[]> => {
    if (keys === undefined) return [];
    if ('set' in keys) return usableKeys(keys.set) ?? [];
    const known = this.#sets.get(realm, keys.uri);
    const set = known !== undefined && !this.#isWorthACall(known, kid) ? known : await this.#fetch(realm, keys.uri);
    const isOver = set.fetchedAt === undefined || this.#clock.now() - set.fetchedAt >= STALE_MILLIS;
    return isOver ? [] : set.keys;
  };

  #isWorthACall({ keys, fetchedAt, triedAt }: FetchedSet, kid: string | undefined): boolean {
    const now = this.#clock.now();
    if (now - triedAt < COOL_DOWN_MILLIS) return false;
    const isFresh = fetchedAt !== undefined && now - fetchedAt < FRESH_MILLIS;
    return !isFresh || (kid !== undefined && !keys.some((key) => key.kid === kid));
  }

  #fetch(realm: string, uri: string): Promise<FetchedSet> {
    // A call waits in the line of its realm for the look-up of the host name, so no other realm waits for it.
    const key = `${realm}\0${uri}`;
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const begun = this.#call(realm, uri).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #call(realm: string, uri: string): Promise<FetchedSet> {
    const before = this.#sets.get(realm, uri) ?? { keys: [], bytes: 0 };
    const body = await this.#bodyAt(realm, uri);
    // Nothing was asked of the address, so the cool-down of all realms that name it does not begin.
    if (body === NOT_BEGUN) return { ...before, triedAt: this.#clock.now() };
    const keys = body === undefined ? undefined : usableKeys(body);
    // The time after the call: one that takes long is no reason for the next.
    const triedAt = this.#clock.now();
    const set: FetchedSet =
      body === undefined || keys === undefined
        ? { ...before, triedAt }
        : { keys, fetchedAt: triedAt, triedAt, bytes: body.length };
    this.#sets.keep(realm, uri, set);
    return set;
  }

  async #bodyAt(realm: string, uri: string): Promise<string | typeof NOT_BEGUN | undefined> {
    try {
      const headers = { accept: 'application/jwk-set+json, application/json' };
      const { status, body } = await this.#outbound(uri, { realm, method: 'GET', headers, maxBytes: MAX_BYTES });
      return status === 200 ? body : undefined;
    } catch (error) {
      return isCallRefused(error) ? NOT_BEGUN : undefined;
    }
  }
}

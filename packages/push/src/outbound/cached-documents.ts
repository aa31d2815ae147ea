import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@assent/engine';
import { fairQueue, type Timer } from '@assent/engine/host';
import type { RealmSenders } from './guarded-requests.ts';
import { isLookupRefused } from './host-lookups.ts';
import { readDocument } from './read-document.ts';

/** For so long a document counts as it was read (AM's `cacheDuration`). */
const FRESH_MILLIS = 24 * 3_600_000;
/** For so long a document is good that cannot be read again. */
const USABLE_MILLIS = 7 * FRESH_MILLIS;
/** An address that does not answer is not asked for every phone. */
const RETRY_MILLIS = 60_000;
const TIMEOUT_MILLIS = 5_000;
/** What an address counts at least, so that the number of those without a document is bounded, too. */
const MIN_BYTES = 16 * 1_024;
/**
 * Documents that are read at once, which bounds the memory for those under way. A realm has a part of them, so that its addresses that do not answer
 * hold up no other realm for longer than one time-out (SEC-93).
 */
const READS = { concurrency: 16, concurrencyOfRealm: 8, most: 256, mostOfRealm: 32, deadlineMillis: 20_000 };

/** How many bytes documents may have. */
export interface DocumentBounds {
  readonly one: number;
  /** A realm that holds so many reads no other document: it would read the same ones over and over. */
  readonly ofRealm: number;
  /** Kept documents of all realms. */
  readonly all: number;
}

export interface CachedDocuments<T> {
  /**
   * What the document says that a realm names at each of the addresses, in their order; rejected where it was not read lately and cannot be read now.
   * What the realm has named before and names no more does not count for it any longer.
   */
  read(realm: string, addresses: readonly string[]): Promise<readonly PromiseSettledResult<T>[]>;
}

/** What came of the last call. */
interface Asked<T> {
  /** Absent where it was never read. */
  readonly document?: { readonly value: T; readonly at: number };
  readonly bytes: number;
  /** Before then nothing is asked again. */
  readonly askAt: number;
  readonly fault?: unknown;
}

interface Kept<T> extends Asked<T> {
  /** Those that name it. */
  readonly realms: ReadonlySet<string>;
}

export interface CachedDocumentsOptions<T> {
  readonly requests: RealmSenders;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly bounds: DocumentBounds;
  /** Whether all addresses are those of the operator. */
  readonly mayBeFile?: boolean;
  /**
   * Throws where it is no such document: it then counts as one that cannot be read. It runs on the main thread, one document in a turn of the event
   * loop, so its time must grow with the bytes alone.
   */
  readonly parse: (document: Buffer) => T;
}

/**
 * Documents at addresses that realms name, each read once a day at the most. Where there are too many, the realms that hold the most bytes
 * lose the one that was used least recently, so that no realm displaces the documents of the others (SEC-93).
 */
export const cachedDocuments = <T>({
  requests,
  clock,
  timer,
  bounds,
  parse,
  mayBeFile = false,
}: CachedDocumentsOptions<T>): CachedDocuments<T> => {
  /** By address, the least recently used first. */
  const kept = new Map<string, Kept<T>>();
  /** By realm, the bytes of the documents that it names. */
  const held = new Map<string, number>();
  let all = 0;
  /** By realm and address: a second caller gets the same answer. */
  const underWay = new Map<string, Promise<Asked<T>>>();
  const queue = fairQueue({ ...READS, timer });
  let parsing: Promise<unknown> = Promise.resolve();

  const count = ({ realms, bytes }: Kept<T>, sign: 1 | -1): void => {
    all += sign * bytes;
    for (const realm of realms) {
      const sum = (held.get(realm) ?? 0) + sign * bytes;
      if (sum > 0) held.set(realm, sum);
      else held.delete(realm);
    }
  };

  const replace = (address: string, next?: Kept<T>): void => {
    const before = kept.get(address);
    if (before !== undefined) count(before, -1);
    kept.delete(address);
    if (next === undefined || next.realms.size === 0) return;
    count(next, 1);
    kept.set(address, next);
  };

  const evict = (): void => {
    let evicted: string | undefined;
    let greatest = -1;
    for (const [address, { realms }] of kept) {
      // A document is protected by the one of its realms that holds the least.
      let weight = Number.POSITIVE_INFINITY;
      for (const realm of realms) weight = Math.min(weight, held.get(realm) ?? 0);
      if (weight <= greatest) continue;
      greatest = weight;
      evicted = address;
    }
    if (evicted !== undefined) replace(evicted);
  };

  const keep = (realm: string, address: string, asked: Asked<T>): void => {
    const before = kept.get(address);
    if (before !== undefined && before === asked && before.realms.has(realm)) {
      // Used last from now on. Many realms may name one document, so their names are not copied at each use.
      kept.delete(address);
      kept.set(address, before);
      return;
    }
    replace(address, { ...asked, realms: new Set([...(before?.realms ?? []), realm]) });
    while (all > bounds.all) evict();
  };

  const forgetOthers = (realm: string, addresses: readonly string[]): void => {
    const named = new Set(addresses);
    for (const [address, entry] of [...kept]) {
      if (named.has(address) || !entry.realms.has(realm)) continue;
      replace(address, { ...entry, realms: new Set([...entry.realms].filter((other) => other !== realm)) });
    }
  };

  /** One document in a turn of the event loop. */
  const parsed = (body: Buffer): Promise<T> => {
    const turn = parsing.then(() => setImmediate()).then(() => parse(body));
    parsing = turn.catch(() => undefined);
    return turn;
  };

  const ask = async (realm: string, address: string): Promise<Asked<T>> => {
    const { document, bytes = MIN_BYTES } = kept.get(address) ?? {};
    try {
      const reading = { requests: requests.of(realm), timeoutMillis: TIMEOUT_MILLIS, maxBytes: bounds.one, mayBeFile };
      const body = await readDocument(address, reading);
      const value = await parsed(body);
      const at = clock.now();
      return { document: { value, at }, bytes: Math.max(MIN_BYTES, body.length), askAt: at + FRESH_MILLIS };
    } catch (fault) {
      // The next realm that asks for the document has look-ups of its own.
      if (isLookupRefused(fault)) throw fault;
      return { ...(document && { document }), bytes, askAt: clock.now() + RETRY_MILLIS, fault };
    }
  };

  const askInTurn = (realm: string, address: string): Promise<Asked<T>> => {
    const key = `${realm}\0${address}`;
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const begun = queue({ realm }, () => {
      refuseIfFull(realm, address);
      return ask(realm, address);
    }).finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };

  const refuseIfFull = (realm: string, address: string): void => {
    if (kept.get(address)?.realms.has(realm) !== true && (held.get(realm) ?? 0) >= bounds.ofRealm)
      throw new Error(`The documents that the realm names have ${bounds.ofRealm} bytes already.`);
  };

  const read = async (realm: string, address: string): Promise<T> => {
    refuseIfFull(realm, address);
    const before = kept.get(address);
    const isDue = before === undefined || clock.now() >= before.askAt;
    const asked = isDue ? await askInTurn(realm, address) : before;
    keep(realm, address, asked);
    const { document, fault } = asked;
    if (document === undefined || clock.now() >= document.at + USABLE_MILLIS)
      throw new Error(`The document at ${address} cannot be read.`, { cause: fault });
    return document.value;
  };

  return {
    read(realm, addresses) {
      forgetOthers(realm, addresses);
      return Promise.allSettled(addresses.map((address) => read(realm, address)));
    },
  };
};

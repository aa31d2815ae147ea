import type { Clock } from '@assent/engine';
import { LRUCache } from 'lru-cache';
import type { GuardedRequests } from './guarded-requests.ts';
import { readDocument } from './read-document.ts';

/** For so long a document counts as it was read (AM's `cacheDuration`). */
const FRESH_MILLIS = 24 * 3_600_000;
/** For so long a document is good that cannot be read anew. */
const USABLE_MILLIS = 7 * FRESH_MILLIS;
/** An address that does not answer is not asked for every phone. */
const RETRY_MILLIS = 60_000;
const TIMEOUT_MILLIS = 5_000;
/** With so many addresses of so many bytes it stays under 32 MiB, whatever realms name. */
const MAX_BYTES = 2 * 1_024 * 1_024;
const MAX_ADDRESSES = 8;

export interface CachedDocuments<T> {
  /** What the document says; rejects where it was not read lately and cannot be read now. */
  read(address: string): Promise<T>;
}

interface Kept<T> {
  /** Absent where it was never read. */
  readonly document?: { readonly value: T; readonly at: number };
  /** Before then nobody asks again. */
  readonly askAt: number;
  readonly fault?: unknown;
}

export interface CachedDocumentsOptions<T> {
  readonly requests: Pick<GuardedRequests, 'send'>;
  readonly clock: Clock;
  /** Whether all addresses are those of the operator. */
  readonly mayBeFile?: boolean;
  /** Throws where it is no such document: it then counts as one that cannot be read. */
  readonly parse: (document: Buffer) => T;
}

/** Documents at addresses that realms name, each read once a day at the most. */
export const cachedDocuments = <T>({
  requests,
  clock,
  parse,
  mayBeFile = false,
}: CachedDocumentsOptions<T>): CachedDocuments<T> => {
  const kept = new LRUCache<string, Kept<T>>({ max: MAX_ADDRESSES });
  /** Whoever asks while it is asked for gets the same answer. */
  const underWay = new Map<string, Promise<Kept<T>>>();

  const ask = async (address: string): Promise<Kept<T>> => {
    const { document } = kept.get(address) ?? {};
    let next: Kept<T>;
    try {
      const value = parse(
        await readDocument(address, { requests, timeoutMillis: TIMEOUT_MILLIS, maxBytes: MAX_BYTES, mayBeFile }),
      );
      const at = clock.now();
      next = { document: { value, at }, askAt: at + FRESH_MILLIS };
    } catch (fault) {
      next = { ...(document && { document }), askAt: clock.now() + RETRY_MILLIS, fault };
    }
    kept.set(address, next);
    return next;
  };

  return {
    async read(address) {
      let found = kept.get(address);
      if (found === undefined || clock.now() >= found.askAt) {
        const asked = underWay.get(address) ?? ask(address).finally(() => underWay.delete(address));
        underWay.set(address, asked);
        found = await asked;
      }
      const { document, fault } = found;
      if (document === undefined || clock.now() >= document.at + USABLE_MILLIS)
        throw new Error(`The document at ${address} cannot be read.`, { cause: fault });
      return document.value;
    },
  };
};

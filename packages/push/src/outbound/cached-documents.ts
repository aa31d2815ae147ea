import type { Clock } from '@assent/engine';
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
  /** What the document says that a realm names; rejects where it was not read lately and cannot be read now. */
  read(realm: string, address: string): Promise<T>;
}

interface Kept<T> {
  /** Those that have asked for it. */
  readonly realms: ReadonlySet<string>;
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

/**
 * Documents at addresses that realms name, each read once a day at the most. Where there are too many, the realms that use the most of them
 * lose the one that was used least recently, so that no realm displaces the documents of the others (SEC-93).
 */
export const cachedDocuments = <T>({
  requests,
  clock,
  parse,
  mayBeFile = false,
}: CachedDocumentsOptions<T>): CachedDocuments<T> => {
  /** By address, the least recently used first. */
  const kept = new Map<string, Kept<T>>();
  /** Whoever asks while it is asked for gets the same answer. */
  const underWay = new Map<string, Promise<Omit<Kept<T>, 'realms'>>>();

  const keep = (address: string, entry: Kept<T>): void => {
    kept.delete(address);
    kept.set(address, entry);
    if (kept.size <= MAX_ADDRESSES) return;
    const counts = new Map<string, number>();
    for (const { realms } of kept.values()) for (const realm of realms) counts.set(realm, (counts.get(realm) ?? 0) + 1);
    // A document is protected by the one of its realms that has the fewest.
    const weights = [...kept].map(
      ([key, { realms }]) => [key, Math.min(...[...realms].map((realm) => counts.get(realm) ?? 0))] as const,
    );
    const greatest = Math.max(...weights.map(([, weight]) => weight));
    const [evicted] = weights.find(([, weight]) => weight === greatest) ?? [];
    if (evicted !== undefined) kept.delete(evicted);
  };

  const ask = async (address: string): Promise<Omit<Kept<T>, 'realms'>> => {
    const { document } = kept.get(address) ?? {};
    try {
      const value = parse(
        await readDocument(address, { requests, timeoutMillis: TIMEOUT_MILLIS, maxBytes: MAX_BYTES, mayBeFile }),
      );
      const at = clock.now();
      return { document: { value, at }, askAt: at + FRESH_MILLIS };
    } catch (fault) {
      return { ...(document && { document }), askAt: clock.now() + RETRY_MILLIS, fault };
    }
  };

  return {
    async read(realm, address) {
      let found: Omit<Kept<T>, 'realms'> | undefined = kept.get(address);
      if (found === undefined || clock.now() >= found.askAt) {
        const asked = underWay.get(address) ?? ask(address).finally(() => underWay.delete(address));
        underWay.set(address, asked);
        found = await asked;
      }
      keep(address, { ...found, realms: new Set([...(kept.get(address)?.realms ?? []), realm]) });
      const { document, fault } = found;
      if (document === undefined || clock.now() >= document.at + USABLE_MILLIS)
        throw new Error(`The document at ${address} cannot be read.`, { cause: fault });
      return document.value;
    },
  };
};

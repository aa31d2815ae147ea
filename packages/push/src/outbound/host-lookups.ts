import type { LookupAddress } from 'node:dns';
import { fairQueue, type Lane, type Timer } from '@assent/engine/host';
import { HostLookupFailed, type ResolveHost } from './host-resolver.ts';

/**
 * Look-ups of host names that run at once and that wait. A realm has 4 places, so that its names whose servers do not answer leave the others to other
 * realms; an ordinary look-up takes some milliseconds.
 */
export const HOST_LOOKUPS = Object.freeze({
  concurrency: 128,
  concurrencyOfRealm: 4,
  most: 1_024,
  mostOfRealm: 64,
  /** Longer than a look-up may take: a realm whose places are all taken still gets one. */
  deadlineMillis: 4_000,
  /** Of one look-up, from its first query. */
  lookupMillis: 3_000,
});

export interface HostLookupsOptions {
  readonly resolve: ResolveHost;
  readonly timer: Timer;
}

export type HostLookups = (lane: Lane, hostname: string) => Promise<readonly LookupAddress[]>;

/** `EAI_AGAIN`: the look-up has not begun, which says nothing of the host. */
const NOT_BEGUN = 'EAI_AGAIN';

/**
 * Whether a call failed because too many look-ups of its realm wait. It says nothing of the host, so no other realm may be told that the host does not
 * answer.
 */
export const isLookupRefused = (error: unknown): boolean =>
  error instanceof HostLookupFailed && error.code === NOT_BEGUN;

/**
 * Looks up host names by realm: realms take turns, each with a bound, and a look-up ends after 3 seconds (SEC-93). Callers of a realm that ask for the
 * same name at once share one look-up; realms share none, so that no realm waits in the line of another.
 */
export const hostLookups = ({ resolve, timer }: HostLookupsOptions): HostLookups => {
  const queue = fairQueue({ ...HOST_LOOKUPS, timer });
  const underWay = new Map<string, Promise<readonly LookupAddress[]>>();

  const inTime = (hostname: string): Promise<readonly LookupAddress[]> =>
    new Promise((done, fail) => {
      const ending = new AbortController();
      const cancel = timer(HOST_LOOKUPS.lookupMillis, () => {
        const seconds = HOST_LOOKUPS.lookupMillis / 1_000;
        fail(new HostLookupFailed('ETIMEOUT', `No name server answered for "${hostname}" within ${seconds} seconds.`));
        ending.abort();
      });
      resolve(hostname, ending.signal).then(done, fail).finally(cancel);
    });

  const inTurn = async (lane: Lane, hostname: string): Promise<readonly LookupAddress[]> => {
    let hasBegun = false;
    try {
      return await queue(lane, () => {
        hasBegun = true;
        return inTime(hostname);
      });
    } catch (error) {
      if (hasBegun) throw error;
      throw new HostLookupFailed(NOT_BEGUN, 'Too many host names of the realm are looked up. Try again later.');
    }
  };

  return (lane, hostname) => {
    const key = `${lane.realm}\0${lane.caller}\0${hostname}`;
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const begun = inTurn(lane, hostname).finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };
};

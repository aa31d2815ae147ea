import { type AuditEvent, type Change, type Committer, type EngineChange, sourceOf } from '@assent/engine/host';
import { LRUCache } from 'lru-cache';

/**
 * How often the audit log of one user says that guesses of one kind are refused.
 *
 * @internal Tests go up to it.
 */
export const REFUSALS_WRITTEN = Object.freeze({
  windowMillis: 3_600_000,
  /** Of one user within the window, each from another address. */
  places: 20,
});

/** Users that are watched at once, each for one kind of guess. */
const MAX_WINDOWS = 5_000;

interface Window {
  readonly since: number;
  readonly places: Set<string>;
}

interface Refusal {
  readonly key: string;
  readonly place: string;
  readonly at: number;
}

const eventIn = (change: Change): AuditEvent | undefined => {
  const { type, event } = change as Extract<EngineChange, { readonly type: 'audit.append' }>;
  return type === 'audit.append' ? event : undefined;
};

const isRefusal = (change: Change): boolean => eventIn(change)?.event === 'THROTTLED';
const isFailedEnd = (change: Change): boolean => {
  const event = eventIn(change);
  return event?.event === 'JOURNEY_END' && event.outcome !== 'success';
};

/** What a commit refuses, and where the guess came from. */
const refusalsIn = (changes: readonly Change[]): readonly Refusal[] => {
  const refusals = changes.filter(isRefusal);
  if (refusals.length === 0) return [];
  const ends = changes.filter(isFailedEnd);
  const address = [...refusals, ...ends]
    .map((change) => eventIn(change)?.detail?.address)
    .find((it) => it !== undefined);
  const place = address === undefined ? '' : sourceOf(String(address));
  return refusals.flatMap((change) => {
    const event = eventIn(change);
    if (event === undefined) return [];
    const { realm, userId = place, outcome = '', at } = event;
    return [{ key: JSON.stringify([realm, userId, outcome]), place, at }];
  });
};

/**
 * A guess that a lock refuses is not looked at, costs the caller nothing, and can be repeated without end. The audit log, which is kept for a
 * year and more, says so once an hour for each address, at a few addresses of each user, and leaves the rest out with the failed journeys around
 * it. Each instance counts for itself, in memory. Metrics count all of them.
 */
export const repeatedRefusals = () => {
  const windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });
  const windowOf = ({ key, at }: Refusal): Window | undefined => {
    const window = windows.get(key);
    const isOpen = window !== undefined && at >= window.since && at - window.since < REFUSALS_WRITTEN.windowMillis;
    return isOpen ? window : undefined;
  };
  const isRepeated = (refusal: Refusal): boolean => {
    const places = windowOf(refusal)?.places;
    return places !== undefined && (places.has(refusal.place) || places.size >= REFUSALS_WRITTEN.places);
  };
  const note = (refusal: Refusal): void => {
    const window = windowOf(refusal) ?? { since: refusal.at, places: new Set<string>() };
    window.places.add(refusal.place);
    windows.set(refusal.key, window);
  };
  const withoutRows = (changes: readonly Change[]): readonly Change[] => {
    const hasEnded = changes.some(isFailedEnd);
    return changes.filter((change) => {
      const isStart = eventIn(change)?.event === 'JOURNEY_START';
      return !isRefusal(change) && !(hasEnded && (isStart || isFailedEnd(change)));
    });
  };

  return {
    /** A committer that writes no row of a repeated refusal. */
    over: (committer: Committer): Committer => ({
      async commit(changes) {
        const refusals = refusalsIn(changes);
        if (refusals.length === 0) return committer.commit(changes);
        if (refusals.every(isRepeated)) {
          const rest = withoutRows(changes);
          return rest.length === 0 ? { committed: true } : committer.commit(rest);
        }
        const result = await committer.commit(changes);
        if (result.committed) for (const refusal of refusals) note(refusal);
        return result;
      },
    }),
  };
};

import { MAX_WAITING_OF_CLIENT, MAX_WAITING_OF_SOURCE } from '@assent/oidc';
import { expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { commit, countWinners, firstClients, mustCommit, NOW, refusedAt } from './rows.ts';

/** What is the same of all that waits for somebody to sign in: places that nobody can lock others out of (OIDC-22). */
export const describeWaitingPlaces = (
  store: () => Store,
  {
    put,
    isThere,
    over,
  }: {
    readonly put: (
      given: {
        idHash: string;
        source?: string;
        createdAt?: number;
        clientId?: string;
        realm?: string;
        expiresAt?: number;
      },
      now?: number,
    ) => StoreChange;
    readonly isThere: (idHash: string) => Promise<boolean>;
    /** When those that a test puts are over. */
    readonly over: number;
  },
): void => {
  /** So many from one source, the first the oldest. */
  const from = (source: string, length: number, given: { clientId?: string; realm?: string } = {}) =>
    Array.from({ length }, (_, at) => put({ idHash: `${source}-${at}`, source, createdAt: NOW + at, ...given }));

  test('a source beyond its share loses its own oldest, and no other does', async () => {
    await mustCommit(store(), put({ idHash: 'early', source: 'else', createdAt: NOW - 1 }));
    await mustCommit(store(), ...from('flood', MAX_WAITING_OF_SOURCE));
    expect(await isThere('flood-0')).toBe(true);
    await mustCommit(store(), put({ idHash: 'more', source: 'flood', createdAt: NOW + 999 }));
    expect(await isThere('more')).toBe(true);
    expect(await isThere('flood-0')).toBe(false);
    expect(await isThere('flood-1')).toBe(true);
    expect(await isThere('early')).toBe(true);
  });

  test('where all places are taken the newest gets one, from the source that has the most', async () => {
    const sources = MAX_WAITING_OF_CLIENT / MAX_WAITING_OF_SOURCE - 1;
    await mustCommit(store(), put({ idHash: 'early', source: 'else', createdAt: NOW - 1 }));
    for (let at = 0; at < sources; at += 1) await mustCommit(store(), ...from(`flood${at}`, MAX_WAITING_OF_SOURCE));
    await mustCommit(store(), ...from('half', MAX_WAITING_OF_SOURCE - 1));
    await mustCommit(store(), put({ idHash: 'newest', source: 'newcomer', createdAt: NOW + 999 }));
    expect(await isThere('newest')).toBe(true);
    expect(await isThere('early')).toBe(true);
    expect(await isThere('half-0')).toBe(true);
    expect(await isThere('flood0-0')).toBe(false);
    expect(await isThere('flood0-1')).toBe(true);
    // Of those that have as many, it goes on with the next.
    await mustCommit(store(), put({ idHash: 'next', source: 'newcomer', createdAt: NOW + 999 }));
    expect(await isThere('flood1-0')).toBe(false);
    expect(await isThere('flood0-1')).toBe(true);
  });

  test('what others have, and what is over and not swept yet, takes no place', async () => {
    await mustCommit(store(), ...from('other', MAX_WAITING_OF_SOURCE, { clientId: 'other' }));
    await mustCommit(store(), ...from('beta', MAX_WAITING_OF_SOURCE, { realm: '/beta' }));
    await mustCommit(store(), ...from('flood', MAX_WAITING_OF_SOURCE));
    for (const source of ['other', 'beta']) await mustCommit(store(), put({ idHash: `new-${source}`, source }));
    await mustCommit(store(), put({ idHash: 'later', source: 'flood', expiresAt: 2 * over }, over));
    for (const id of ['other-0', 'beta-0', 'flood-0']) expect(await isThere(id)).toBe(true);
  });

  test('of 50 that come at once to the last place of a source, all get in and as many go', async () => {
    await mustCommit(store(), firstClients());
    await mustCommit(store(), ...from('flood', MAX_WAITING_OF_SOURCE));
    const more = Array.from({ length: 50 }, (_, at) => [
      put({ idHash: `more-${at}`, source: 'flood', createdAt: NOW + 999 }),
    ]);
    expect(await countWinners(store(), more)).toBe(50);
    const left = await Promise.all(from('flood', MAX_WAITING_OF_SOURCE).map((_, at) => isThere(`flood-${at}`)));
    expect(left.indexOf(true)).toBe(50);
    expect(left.filter(Boolean)).toHaveLength(MAX_WAITING_OF_SOURCE - 50);
  });

  test('one that is not put pushes nobody out', async () => {
    await mustCommit(store(), ...from('flood', MAX_WAITING_OF_SOURCE));
    const twice = put({ idHash: 'flood-5', source: 'flood', createdAt: NOW + 999 });
    expect(await commit(store(), twice)).toEqual(refusedAt(twice.type));
    expect(await isThere('flood-0')).toBe(true);
  });
};

import type { RealmSettings } from '@assent/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { configuring, journeyRow, mustCommit, NOW, sessionRow } from './rows.ts';

const REALM = '/many';
const PAGE = 50;
/** What a look may take where figures are asked for, with a million of users (OPS-24). */
const MAX_MILLIS = 50;

const padded = (at: number): string => String(at).padStart(7, '0');

/** The middle, and the 99th of a hundred. */
const figuresOf = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
};

/** Makes the realm that is to be filled: one that is new begins empty. */
export const createManyRealm = (store: Store): Promise<unknown> =>
  configuring(store).createRealm({ realm: REALM } as RealmSettings);

/**
 * What is done with a realm that has so many users, with a mail address and a name of a thousand each. With a million of them, each
 * is timed, and the figures are printed.
 */
export const describeMeasured = (users: number, openFilled: () => Promise<Store>) => {
  const isMeasured = users >= 1_000_000;
  const looks = isMeasured ? 200 : 20;
  const minutes = isMeasured ? 60 * 60_000 : 60_000;
  let store: Store;
  beforeAll(async () => {
    store = await openFilled();
  }, minutes);
  const wasClosed = async () => store?.close();
  afterAll(wasClosed);

  const times = async (name: string, count: number, work: (at: number) => Promise<unknown>): Promise<void> => {
    const taken: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const begin = performance.now();
      await work(at);
      taken.push(performance.now() - begin);
    }
    if (!isMeasured) return;
    const { p50, p99, most } = figuresOf(taken);
    process.stdout.write(`${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, most ${most.toFixed(2)} ms\n`);
    expect(p99, name).toBeLessThan(MAX_MILLIS);
  };
  /** A few tell the same as all of them where nothing is measured. */
  const sweepAll = async (name: string, now: number): Promise<void> => {
    const batches = isMeasured ? Number.POSITIVE_INFINITY : 5;
    const begin = performance.now();
    const taken: number[] = [];
    let swept: number | undefined;
    do {
      const from = performance.now();
      swept = await store.sweep(now, 500);
      taken.push(performance.now() - from);
    } while (swept === 500 && taken.length < batches);
    if (!isMeasured) return;
    const { p50, p99 } = figuresOf(taken);
    const seconds = (performance.now() - begin) / 1_000;
    process.stdout.write(
      `${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; ${taken.length} in ${seconds.toFixed(0)} s\n`,
    );
    expect(p99, name).toBeLessThan(MAX_MILLIS);
  };
  /** Somebody else each time, all over the realm. */
  const someone = (at: number): number => (at * 7_919) % (users - 1_000);
  const page = async (query: Parameters<Store['identities']['page']>[1]) =>
    (await store.identities.page(REALM, query)).users.map(({ username }) => username);
  const namesFrom = (at: number) => Array.from({ length: PAGE }, (_, on) => `user${padded(at + on)}`);

  describe(`of ${users} in one realm`, () => {
    test(
      'a page, the first as one in the middle, and whoever has a value or a beginning',
      async () => {
        const middle = users / 4;
        await times('page 1', looks, async () => expect(await page({ limit: PAGE })).toEqual(namesFrom(0)));
        await times(`page ${middle / PAGE}`, looks, async () =>
          expect(await page({ limit: PAGE, after: `user${padded(middle - 1)}` })).toEqual(namesFrom(middle)),
        );
        await times('by mail', looks, async (at) => {
          const name = `user${padded(someone(at))}`;
          expect(await page({ attribute: 'mail', value: `${name}@example.com`, limit: PAGE })).toEqual([name]);
        });
        await times('by the beginning of a name, of all', looks, async () =>
          expect(await page({ beginning: 'user', limit: PAGE })).toEqual(namesFrom(0)),
        );
        await times('by the beginning of a name, of a thousand', looks, async (at) => {
          const begin = Math.floor(someone(at) / 1_000) * 1_000;
          expect(await page({ beginning: `user${padded(begin).slice(0, 4)}`, limit: PAGE })).toEqual(namesFrom(begin));
        });
        await times('by the beginning of an address, of all', looks, async () =>
          expect(await page({ attribute: 'mail', beginning: 'user', limit: PAGE })).toEqual(namesFrom(0)),
        );
        await times('by a value that a thousandth has', looks, async (at) =>
          expect((await page({ attribute: 'sn', value: `Name ${at}`, limit: PAGE }))[0]).toBe(`user${padded(at)}`),
        );
      },
      minutes,
    );

    test(
      'a sign-in, and a user who is deleted',
      async () => {
        await times('the reads and the commit of a sign-in', looks, async (at) => {
          const user = await store.identities.find(REALM, `USER${padded(someone(at))}`);
          const id = user?.id ?? '';
          await store.sessions.ofUser(id, NOW);
          await mustCommit(
            store,
            { type: 'identity.usable', id, credentialRev: 1 },
            { type: 'journey.insert', row: journeyRow({ id: `journey-${at}`, realm: REALM }) },
            { type: 'session.insert', row: sessionRow({ tokenHash: `new-${at}`, realm: REALM, userId: id }) },
          );
        });
        await times('the deletion of a user', looks, async (at) => {
          const id = `id-${padded(users - 1 - at)}`;
          await mustCommit(store, { type: 'identity.delete', id });
          expect(await store.identities.findById(id)).toBeUndefined();
        });
      },
      minutes,
    );

    test(
      'another list of attributes: everybody is gone through in small batches, and who looks by others is told to list them',
      async () => {
        await store.sweep(NOW, 500);
        await store.sweep(NOW + 31_000, 500);
        await times('by an attribute that is not listed, what is refused', 20, async () => {
          await expect(store.identities.findByAttribute(REALM, 'sn', 'Nobody')).rejects.toThrow(
            /Add it to indexedAttributes/,
          );
        });
        await times('a page of those who have one', 20, async () =>
          expect(await page({ attribute: 'sn', value: 'Name 1', limit: PAGE })).toEqual([`user${padded(1)}`]),
        );
        await sweepAll('a batch of the new list', NOW + 31_000);
        const name = `user${padded(someone(1))}`;
        expect(await page({ attribute: 'mail', value: `${name}@example.com`, limit: PAGE })).toEqual([name]);
      },
      minutes,
    );

    test(
      'the realm is gone at once, and each batch of its rows is a small one',
      async () => {
        await times('the deletion of the realm', 1, async () => {
          expect(await configuring(store).deleteRealm(REALM)).toBe(true);
        });
        expect(await page({ limit: PAGE })).toEqual([]);
        expect(await store.sessions.get(`token-${padded(100)}`)).toBeUndefined();
        await sweepAll('a batch of the sweep', NOW);
        if (!isMeasured) return;
        expect(await store.configuration.isBeingDeleted(REALM)).toBe(false);
      },
      minutes,
    );
  });
  return { wasClosed };
};

import type { RealmSettings } from '@assent/engine';
import { MAX_SEARCH_VALUES } from '@assent/engine/host';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  LOOK_THROUGH_TURNS,
  MAX_CHARACTERS_LOOKED_THROUGH,
  MAX_CHARACTERS_OF_TURN,
  MAX_USERS_LOOKED_THROUGH,
} from '../../rules/user-pages.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { configuring, mustCommit, NOW, newUser } from '../rows.ts';

const REALM = '/alpha';
const ROWS_OF_SWEEP = 500;
/** By then, no commit is under way any more that goes by the list of before. */
const LATER = 31_000;

const nameOf = (at: number) => `user${String(at).padStart(3, '0')}`;

/** What every store does with users who have many values. */
export const describeManyValues = (open: OpenStore): void => {
  describe('users with many values', () => {
    const store = freshStore(open);

    test('finds users by the first values of an attribute, by each way of looking (SEC-93)', async () => {
      const mail = Array.from({ length: MAX_SEARCH_VALUES + 1 }, (_, at) => `m${at}@example.com`);
      await mustCommit(store(), { ...newUser({ id: 'u', username: 'u' }), attributes: { mail } });
      const found = async (value: string) => [
        (await store().identities.findByAttribute(REALM, 'mail', value)).length,
        (await store().identities.page(REALM, { attribute: 'mail', value, limit: 2 })).users.length,
      ];
      expect(await found(`m${MAX_SEARCH_VALUES - 1}@EXAMPLE.com`)).toEqual([1, 1]);
      expect(await found(`m${MAX_SEARCH_VALUES}@example.com`)).toEqual([0, 0]);
    });
  });
};

/** How much work stores with an index of listed attributes do at once, where users are large. */
export const describeLargeUsers = (open: OpenStore): void => {
  describe('large users of a database', () => {
    const store = freshStore(open);
    const list = (...indexedAttributes: readonly string[]) =>
      configuring(store()).saveRealm({ realm: REALM, indexedAttributes } as unknown as RealmSettings);
    const add = async (count: number, attributes: Readonly<Record<string, readonly string[]>>, from = 0) => {
      for (let at = from; at < from + count; at += 1)
        await mustCommit(store(), { ...newUser({ id: nameOf(at), username: nameOf(at) }), attributes });
    };
    const sweeps = async (now: number): Promise<number> => {
      for (let times = 1; ; times += 1) {
        if ((await store().sweep(now, ROWS_OF_SWEEP)) !== ROWS_OF_SWEEP) return times;
      }
    };
    /** How many batches the index of the attributes takes. */
    const batches = async (...names: readonly string[]): Promise<number> => {
      await list(...names);
      await sweeps(now);
      now += LATER;
      return sweeps(now);
    };
    let now = NOW;
    beforeEach(async () => {
      now = NOW;
      await batches('uid');
    });

    test('a batch of the index ends after as many values as a sweep has rows (SEC-93)', async () => {
      const many = Array.from({ length: 100 }, (_, at) => `value ${at}`);
      const attributes = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`a${at}`, many]));
      await add(12, attributes);
      expect(await batches(...Object.keys(attributes))).toBeGreaterThanOrEqual((12 * 600) / ROWS_OF_SWEEP);
      const { users } = await store().identities.page(REALM, { attribute: 'a5', value: 'VALUE 99', limit: 50 });
      expect(users).toHaveLength(12);
    });

    test('the values of one user are more than one batch of the index (SEC-93)', async () => {
      const names = Array.from({ length: 20 }, (_, at) => `a${String(at).padStart(2, '0')}`);
      const many = Array.from({ length: 100 }, (_, at) => `value ${at}`);
      await add(1, Object.fromEntries(names.map((name) => [name, many])));
      expect(await batches(...names)).toBeGreaterThanOrEqual(4);
      for (const attribute of names) {
        const { users } = await store().identities.page(REALM, { attribute, value: 'value 99', limit: 50 });
        expect(users).toHaveLength(1);
      }
    });

    test('a batch of the index ends after 256 Ki characters of attributes, listed or not (SEC-93)', async () => {
      await add(12, { sn: ['Doe'], note: ['x'.repeat(150_000)] });
      expect(await batches('sn')).toBeGreaterThanOrEqual(6);
      expect(await store().identities.findByAttribute(REALM, 'sn', 'doe')).toHaveLength(2);
    });

    test('usual users are many to a batch', async () => {
      await add(120, { sn: ['Doe'], mail: ['d@example.com'], givenName: ['Ann'] });
      expect(await batches('sn')).toBeLessThanOrEqual(3);
    });

    describe('by an attribute that is not listed', () => {
      const LARGE = 200_000;
      const within = Math.floor(MAX_CHARACTERS_LOOKED_THROUGH / LARGE) - 2;
      const addLarge = async (users: number) => {
        await add(users, { note: ['x'.repeat(LARGE)] });
        await add(1, { room: ['7'] }, users);
      };
      const addMany = async (users: number) => {
        const all = Array.from({ length: users }, (_, at) => newUser({ id: nameOf(at), username: nameOf(at) }));
        for (let at = 0; at < users; at += 500)
          await mustCommit(store(), ...all.slice(at, at + 500).map((it) => ({ ...it, attributes: {} })));
      };
      const look = () => store().identities.findByAttribute(REALM, 'room', '7');

      test('looks through a bounded number of characters, and names the setting beyond (SEC-93)', async () => {
        await addLarge(within);
        expect((await look()).map(({ username }) => username)).toEqual([nameOf(within)]);
        await add(10, { note: ['x'.repeat(LARGE)] }, within + 1);
        await expect(look()).rejects.toThrow(/Add it to indexedAttributes/);
      });

      test('takes a turn of the event loop for each page (SEC-93)', async () => {
        await addLarge(within);
        let turns = 0;
        let isOver = false;
        const count = (): void => {
          turns += 1;
          if (!isOver) setImmediate(count);
        };
        setImmediate(count);
        await look();
        isOver = true;
        expect(turns).toBeGreaterThanOrEqual(Math.floor((within * LARGE) / (MAX_CHARACTERS_OF_TURN + LARGE)));
      });

      test('a full realm is looked through to its last user, and one user more is an error (SEC-93)', async () => {
        await addMany(MAX_USERS_LOOKED_THROUGH - 1);
        await add(1, { room: ['7'] }, MAX_USERS_LOOKED_THROUGH);
        expect(await look()).toHaveLength(1);
        await add(1, { sn: ['Doe'] }, MAX_USERS_LOOKED_THROUGH + 1);
        await expect(look()).rejects.toThrow(/Add it to indexedAttributes/);
      });

      test('many look-ups of one realm, each in turns of its own, delay one of another realm by a few of them (SEC-93)', async () => {
        await configuring(store()).saveRealm({
          realm: '/beta',
          indexedAttributes: ['uid'],
        } as unknown as RealmSettings);
        await batches('uid');
        await add(3, { room: ['7'] });
        await mustCommit(store(), {
          ...newUser({ id: 'b', username: 'b' }),
          realm: '/beta',
          attributes: { room: ['7'] },
        });
        const order: string[] = [];
        let turns = 0;
        const count = (): void => {
          turns += 1;
          if (order.length < 61) setImmediate(count);
        };
        setImmediate(count);
        const of = async (realm: string) => {
          const found = await store().identities.findByAttribute(realm, 'room', '7');
          order.push(realm);
          return found.length;
        };
        const found = await Promise.all([...Array.from({ length: 60 }, () => of(REALM)), of('/beta')]);
        expect(found).toEqual([...Array(60).fill(2), 1]);
        expect(order.indexOf('/beta')).toBeLessThan(10);
        expect(turns).toBeGreaterThanOrEqual(60 / LOOK_THROUGH_TURNS.concurrencyOfRealm);
      });
    });
  });
};

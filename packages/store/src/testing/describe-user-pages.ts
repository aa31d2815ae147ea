import type { UserPage, UserQuery } from '@assent/engine/host';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { mustCommit, newUser } from './rows.ts';

type Wanted = UserQuery extends infer Q ? (Q extends UserQuery ? Omit<Q, 'limit' | 'after'> : never) : never;

export const describeUserPages = (open: OpenStore): void => {
  describe('users by page (OPS-24)', () => {
    const store = freshStore(open);

    /** What all pages give, each of that many rows. */
    const pagesOf = async (wanted: Wanted, limit: number, realm = '/alpha'): Promise<readonly string[][]> => {
      const pages: string[][] = [];
      let page: UserPage | undefined;
      do {
        const query = { ...wanted, limit, ...(page?.next !== undefined && { after: page.next }) } as UserQuery;
        page = await store().identities.page(realm, query);
        pages.push(page.users.map(({ username }) => username));
      } while (page.next !== undefined);
      return pages;
    };
    const allOf = async (wanted: Wanted, limit = 2) => (await pagesOf(wanted, limit)).flat();

    describe('of a realm with users whose names begin alike', () => {
      // In the order of bytes, whatever the language of the database: `Zoë` is folded, and `_` is before letters.
      const NAMES = ['_ann', 'ann', 'Anna', 'anna%', 'anna_b', 'annb', 'ben', 'zoë', 'ünal', '東京', '😀'];
      beforeEach(async () => {
        for (const username of [...NAMES].reverse())
          await mustCommit(store(), newUser({ id: `of ${username}`, username }));
        await mustCommit(store(), newUser({ id: 'other', realm: '/alpha2', username: 'anna' }));
      });

      test.each([1, 2, 3, 10, 11, 12])(
        'pages of %i are full but for the last, and have each once, by name',
        async (limit) => {
          const pages = await pagesOf({}, limit);
          expect(pages.flat()).toEqual(NAMES);
          expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
          expect(pages).toHaveLength(Math.ceil(NAMES.length / limit));
        },
      );

      test.each([
        ['ann', ['ann', 'Anna', 'anna%', 'anna_b', 'annb']],
        ['ANNA', ['Anna', 'anna%', 'anna_b']],
        ['anna%', ['anna%']],
        ['anna_', ['anna_b']],
        ['%', []],
        ['z', ['zoë']],
        ['東', ['東京']],
        ['😀', ['😀']],
        ['\u{10ffff}', []],
        ['\ud7ff', []],
      ])('names that begin with %j are %j', async (beginning, names) => {
        expect(await allOf({ beginning })).toEqual(names);
      });

      test('who comes and goes between two pages takes nobody else along', async () => {
        const first = await store().identities.page('/alpha', { limit: 3 });
        await mustCommit(store(), { type: 'identity.delete', id: 'of ann' }, newUser({ id: 'new', username: 'aaa' }));
        await mustCommit(store(), { type: 'identity.delete', id: 'of Anna' });
        const second = await store().identities.page('/alpha', { limit: 3, after: first.next ?? '' });
        expect(second.users.map(({ username }) => username)).toEqual(['anna%', 'anna_b', 'annb']);
      });
    });

    describe('of a realm whose users have values in common', () => {
      const user = (username: string, attributes: Record<string, readonly string[]>) => ({
        ...newUser({ id: `id-${username}`, username }),
        attributes,
      });
      beforeEach(async () => {
        await mustCommit(
          store(),
          user('c', { mail: ['same@example.com'] }),
          user('a', { mail: ['Same@Example.com'] }),
          user('b', { mail: ['sam%@example.com', 'sam@example.com', 'same@example.com'], uid: ['same@example.com'] }),
          user('d', { mail: ['x@example.com'] }),
          user('e', { mail: ['same'.repeat(65)] }),
          { ...newUser({ id: 'other', realm: '/alpha2', username: 'a' }), attributes: { mail: ['same@example.com'] } },
        );
      });

      test.each([1, 2, 3, 4])('a value finds all who have it, by pages of %i', async (limit) => {
        const pages = await pagesOf({ attribute: 'mail', value: 'SAME@example.com' }, limit);
        expect(pages.flat()).toEqual(['a', 'b', 'c']);
        expect(pages).toHaveLength(Math.ceil(3 / limit));
      });

      test.each([
        ['sam', 1, ['b', 'a', 'c']],
        ['sam', 9, ['b', 'a', 'c']],
        ['same@', 2, ['a', 'b', 'c']],
        ['SAM%', 2, ['b']],
        ['x', 2, ['d']],
        ['y', 2, []],
      ])('values that begin with %j find each user once, by pages of %i', async (beginning, limit, names) => {
        expect((await pagesOf({ attribute: 'mail', beginning }, limit)).flat()).toEqual(names);
      });

      test('a place that no page has given is no place', async () => {
        const by = { attribute: 'mail', value: 'same@example.com', limit: 9 };
        for (const after of ['', '{', '7', '[]', 'null', '["same@example.com",7]']) {
          expect(await store().identities.page('/alpha', { ...by, after })).toEqual({ users: [] });
        }
      });
    });
  });
};

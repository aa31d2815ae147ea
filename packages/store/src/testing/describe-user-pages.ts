import { foldUsername, type RealmSettings, USUAL_INDEXED_ATTRIBUTES } from '@assent/engine';
import type { UserPage, UserQuery } from '@assent/engine/host';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { configuring, mustCommit, NOW, newUser } from './rows.ts';

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

const REALM = '/alpha';
const SWEPT_AT_ONCE = 500;
/** More than one sweep goes through. */
const MANY = 230;
/** By then, no commit is under way any more that goes by the list of before. */
const LATER = 31_000;

export const describeIndexedAttributes = (open: OpenStore): void => {
  describe('users by the attributes that their realm lists (OPS-24)', () => {
    const store = freshStore(open);
    let now: number;
    beforeEach(() => {
      now = NOW;
    });

    const list = (...indexedAttributes: readonly string[]) =>
      configuring(store()).saveRealm({ realm: REALM, indexedAttributes } as unknown as RealmSettings);
    const sweepAll = async (): Promise<number> => {
      for (let times = 1; ; times += 1) {
        if ((await store().sweep(now, SWEPT_AT_ONCE)) !== SWEPT_AT_ONCE) return times;
      }
    };
    /** What was listed is noticed, and a little later all is as it says. */
    const settle = async (): Promise<number> => {
      await sweepAll();
      now += LATER;
      return sweepAll();
    };
    const add = (name: string, attributes: Readonly<Record<string, readonly string[]>>) =>
      mustCommit(store(), { type: 'identity.insert', id: `of ${name}`, realm: REALM, username: name, attributes });
    const change = async (name: string, attributes: Readonly<Record<string, readonly string[]>>) => {
      const user = await store().identities.find(REALM, name);
      await mustCommit(store(), { type: 'identity.attributes', id: `of ${name}`, seenRev: user?.rev ?? 0, attributes });
    };
    const having = async (attribute: string, value: string) =>
      (await store().identities.findByAttribute(REALM, attribute, value)).map(({ username }) => username).sort();
    const pagesOf = async (attribute: string, text: { readonly value: string } | { readonly beginning: string }) => {
      const names: string[] = [];
      let page: UserPage | undefined;
      do {
        const after = page?.next === undefined ? {} : { after: page.next };
        page = await store().identities.page(REALM, { attribute, ...text, limit: 7, ...after });
        names.push(...page.users.map(({ username }) => username));
      } while (page.next !== undefined);
      return names.sort();
    };
    const person = (at: number) => ({ mail: [`p${at}@example.com`], sn: [`Family ${at % 3}`, 'Common'], room: ['7'] });
    const addMany = async () => {
      for (let at = 0; at < MANY; at += 1) await add(`p${at}`, person(at));
    };
    /** Right in every state, whichever index there is. */
    const mustBeRight = async () => {
      expect(await having('mail', 'P7@example.com')).toEqual(['p7']);
      expect(await having('sn', 'family 1')).toHaveLength(2);
      expect(await having('sn', 'nobody')).toEqual([]);
      expect(await pagesOf('room', { value: '7' })).toHaveLength(MANY);
      expect(await pagesOf('sn', { beginning: 'FAM' })).toHaveLength(MANY);
      expect(await pagesOf('mail', { beginning: 'p22' })).toEqual([
        'p22',
        ...Array.from({ length: 10 }, (_, at) => `p22${at}`),
      ]);
    };

    test('are found by every attribute, whichever are listed, also while a list changes', async () => {
      await addMany();
      await mustBeRight();
      for (const listed of [USUAL_INDEXED_ATTRIBUTES, ['sn', 'room'], [], ['mail', 'sn']]) {
        await list(...listed);
        await mustBeRight();
        await sweepAll();
        await mustBeRight();
        now += LATER;
        await store().sweep(now, SWEPT_AT_ONCE);
        // In its midst: those are read who come first by name, and others are not.
        await mustBeRight();
        await sweepAll();
        await mustBeRight();
      }
    });

    test('who comes, goes, changes or gets another name meanwhile is found by what he has then', async () => {
      await list('mail');
      await settle();
      await addMany();
      await list('sn');
      await sweepAll();
      await add('new', { sn: ['Fresh'], mail: ['new@example.com'] });
      now += LATER;
      await store().sweep(now, SWEPT_AT_ONCE);
      // One of them has been gone through by then, and one has not.
      await change('p0', { sn: ['Changed'] });
      await change('p99', { sn: ['Changed'] });
      await mustCommit(
        store(),
        { type: 'identity.rename', id: 'of p98', username: 'a98' },
        { type: 'identity.delete', id: 'of p97' },
      );
      await sweepAll();
      expect(await having('sn', 'fresh')).toEqual(['new']);
      expect(await having('sn', 'changed')).toEqual(['p0', 'p99']);
      expect(await pagesOf('sn', { value: 'Common' })).toHaveLength(MANY - 3);
      expect(await pagesOf('sn', { value: 'Family 2' })).toContain('a98');
      expect(await having('mail', 'new@example.com')).toEqual(['new']);
    });

    test('who changed while the attribute was not listed is not found by what he had', async () => {
      await list('sn');
      await settle();
      await add('demo', { sn: ['Before'] });
      await list('mail');
      await sweepAll();
      await change('demo', { sn: ['After'] });
      await list('sn');
      await settle();
      expect([await having('sn', 'before'), await having('sn', foldUsername('After'))]).toEqual([[], ['demo']]);
    });
  });
};

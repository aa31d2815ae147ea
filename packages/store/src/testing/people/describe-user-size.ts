import { MAX_USER_CHARACTERS, USER_TOO_LARGE } from '@assent/engine/host';
import { beforeEach, describe, expect, test } from 'vitest';
import type { StoreChange } from '../../ports/store.ts';
import { MAX_CHARACTERS_OF_PAGE } from '../../rules/user-pages.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { commit, mustCommit, newUser, refusedAt } from '../rows.ts';

const REFUSED = { committed: false, refused: USER_TOO_LARGE };
const EMPTY = JSON.stringify({ a: [''] }).length;

/** Attributes of as many characters, as JSON. */
const attributesOf = (characters: number, name = 'a') => ({ [name]: ['x'.repeat(characters - EMPTY)] });

const brought = (id: string, attributes: Readonly<Record<string, readonly string[]>>): StoreChange => ({
  type: 'users.insert',
  users: [
    {
      id,
      realm: '/alpha',
      username: id,
      active: true,
      credentialRev: 1,
      attributes,
      devices: [],
      oathDevices: [],
      passkeys: [],
      boundDevices: [],
      codes: [],
      consents: [],
    },
  ],
});

export const describeUserSize = (open: OpenStore): void => {
  describe('the size of a user', () => {
    const store = freshStore(open);
    const set = (seenRev: number, attributes: Readonly<Record<string, readonly string[]>>): StoreChange => ({
      type: 'identity.attributes',
      id: 'user-1',
      seenRev,
      attributes,
    });
    const stored = async () => (await store().identities.findById('user-1'))?.attributes;

    test.each<[string, (characters: number) => StoreChange]>([
      ['a new user', (characters) => ({ ...newUser(), attributes: attributesOf(characters) })],
      ['a user who is brought along', (characters) => brought('user-1', attributesOf(characters))],
    ])('refuses what makes a user larger than the limit: %s', async (_, userOf) => {
      expect(await commit(store(), userOf(MAX_USER_CHARACTERS + 1))).toEqual(REFUSED);
      expect(await stored()).toBeUndefined();
      await mustCommit(store(), userOf(MAX_USER_CHARACTERS));
      expect(await stored()).toEqual(attributesOf(MAX_USER_CHARACTERS));
    });

    test('refuses what makes a user larger than the limit: changes that are small each', async () => {
      await mustCommit(store(), { ...newUser(), attributes: {} });
      const step = attributesOf(MAX_USER_CHARACTERS / 4).a ?? [];
      const results = [];
      for (let at = 0; at < 4; at += 1)
        results.push((await commit(store(), set(at + 1, { [`a${at}`]: step }))).committed);
      expect(results).toEqual([true, true, true, false]);
      expect(Object.keys((await stored()) ?? {})).toEqual(['a0', 'a1', 'a2']);
      await mustCommit(store(), set(4, { a0: [], a3: step }));
      expect(Object.keys((await stored()) ?? {})).toEqual(['a1', 'a2', 'a3']);
    });

    test('takes back the rest of a commit that it refuses, and tells the size apart from a user who has changed', async () => {
      await mustCommit(store(), newUser());
      const tooLarge = attributesOf(MAX_USER_CHARACTERS);
      const other = newUser({ id: 'user-2', username: 'other' });
      expect(await commit(store(), other, set(1, tooLarge))).toEqual(REFUSED);
      expect(await store().identities.findById('user-2')).toBeUndefined();
      expect(await commit(store(), set(2, tooLarge))).toEqual(refusedAt('identity.attributes'));
      const disabled: StoreChange = { type: 'identity.active', id: 'user-1', active: false };
      expect(await commit(store(), disabled, set(2, tooLarge))).toEqual(REFUSED);
      expect(await store().identities.findById('user-1')).toMatchObject({ active: true, rev: 1 });
    });
  });

  describe('pages of large users', () => {
    const USERS = 60;
    const LARGE = 200_000;
    const store = freshStore(open);
    const nameOf = (at: number) => `user${String(at).padStart(2, '0')}`;
    beforeEach(async () => {
      for (let at = 0; at < USERS; at += 1) {
        const attributes = { mail: [`${nameOf(at)}@example.com`], ...attributesOf(LARGE) };
        await mustCommit(store(), { ...newUser({ id: nameOf(at), username: nameOf(at) }), attributes });
      }
    });

    test.each([
      ['by name', {}],
      ['by the beginning of a value', { attribute: 'mail', beginning: 'user' }],
      ['by the beginning of a name', { beginning: 'user' }],
    ])('hold some of them each, and have each once: %s', async (_, wanted) => {
      const pages: (readonly string[])[] = [];
      let next: string | undefined;
      do {
        const page = await store().identities.page('/alpha', {
          ...wanted,
          limit: 1_000,
          ...(next !== undefined && { after: next }),
        });
        pages.push(page.users.map(({ username }) => username));
        if (page.next !== undefined) expect(page.read).toBe(page.users.length);
        next = page.next;
      } while (next !== undefined);
      expect(pages.flat()).toEqual(Array.from({ length: USERS }, (_, at) => nameOf(at)));
      const most = Math.ceil(MAX_CHARACTERS_OF_PAGE / LARGE);
      expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(most);
      expect(pages.length).toBeLessThanOrEqual(Math.ceil(USERS / most) + 1);
    });
  });
};

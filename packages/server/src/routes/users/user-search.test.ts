import { type Identity, parseQueryFilter } from '@assent/engine';
import type { UserPage, UserQuery } from '@assent/engine/host';
import { MAX_CHARACTERS_OF_PAGE, openMemoryStore } from '@assent/store';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ComparesTooMuch, MAX_READ, type SearchPlace, UserSearch } from './user-search.ts';

const REALM = '/many';
const USERS = 3_000;
const nameOf = (at: number) => `user${String(at).padStart(4, '0')}`;

const store = await openMemoryStore();
let looks: UserQuery[] = [];
const identities = {
  async page(realm: string, query: UserQuery): Promise<UserPage> {
    looks.push(query);
    return store.identities.page(realm, query);
  },
};

const search = (text: string) => {
  const parsed = parseQueryFilter(text);
  if ('reason' in parsed) throw new TypeError(parsed.reason);
  const isKeptApart = (name: string) => name === 'kbaInfo';
  const isIndexed = (name: string) => ['mail', 'sn'].includes(name);
  return new UserSearch({ identities, isIndexed, isKeptApart }, parsed.filter);
};

/** What the pages of a search have, by number. */
const allOf = async (text: string, size: number): Promise<readonly (readonly number[])[]> => {
  const pages: number[][] = [];
  const numberOf = ({ username }: Identity) => Number(username.slice(4));
  let from: SearchPlace | undefined = { leaf: 0 };
  while (from !== undefined) {
    const { users, next } = await search(text).find(REALM, size, from);
    pages.push(users.map(numberOf));
    from = next;
  }
  return pages;
};

beforeAll(async () => {
  await store.committer.commit(
    Array.from({ length: USERS }, (_, at) => ({
      type: 'identity.insert' as const,
      id: `id-${at}`,
      realm: REALM,
      username: nameOf(at),
      attributes: {
        mail: [`${nameOf(at)}@example.com`, `alias${at % 7}@example.com`],
        sn: [`Name ${at % 10}`],
        note: [`note ${at}`],
      },
    })),
  );
});

describe('what an index finds is found by it alone (OPS-24)', () => {
  test.each([
    ['_id eq "USER0007"', [7]],
    ['username eq "user0007" and sn eq "Name 7"', [7]],
    ['mail eq "user0007@example.com"', [7]],
    ['note co "7" and mail eq "user0007@example.com"', [7]],
    ['mail eq "user0007@example.com" or _id eq "user0008"', [7, 8]],
    ['mail sw "user0007" or username sw "user0007" or mail eq "user0007@example.com"', [7]],
    ['(mail eq "user0007@example.com" or mail eq "user0009@example.com") and ! (_id eq "user0009")', [7]],
    ['false', []],
    ['kbaInfo eq "x" or false', []],
    [`mail eq "${'x'.repeat(300)}"`, []],
  ])('%s', async (text, numbers) => {
    looks = [];
    expect((await allOf(text, 50)).flat().sort((a, b) => a - b)).toEqual(numbers);
    expect(looks.every(({ attribute, value, beginning }) => (attribute ?? value ?? beginning) !== undefined)).toBe(
      true,
    );
    expect(looks.length).toBeLessThanOrEqual(3);
  });

  test('ways that find few do not use up what one search may read', async () => {
    const { users, isSpent } = await search('_id eq "user0007" or _id eq "user0008"').find(REALM, MAX_READ);
    expect([users.length, isSpent]).toEqual([2, false]);
  });

  test('a page of 50 reads 51 rows, the first as the last (AUT-80)', async () => {
    for (const after of [undefined, nameOf(2_000)]) {
      looks = [];
      const place = { leaf: 0, ...(after !== undefined && { after }) };
      expect((await search('true').find(REALM, 50, place)).users).toHaveLength(50);
      expect(looks).toEqual([{ limit: 50, ...(after !== undefined && { after }) }]);
    }
  });
});

describe('pages of a search', () => {
  test.each([
    ['true', USERS],
    ['sn eq "Name 3"', USERS / 10],
    ['sn eq "name 3" or sn eq "name 4" or mail sw "alias0@"', 944],
    ['note co "99"', 57],
    ['! (sn eq "Name 3")', (USERS * 9) / 10],
    ['note pr', USERS],
    ['username ge "user2990"', 10],
  ])('have all who pass %s, each once', async (text, count) => {
    const wanted = Array.from({ length: USERS }, (_, at) => at).filter((at) => {
      const sn = at % 10;
      if (text.includes('alias0')) return sn === 3 || sn === 4 || at % 7 === 0;
      if (text.startsWith('note co')) return String(at).includes('99');
      if (text.startsWith('!')) return sn !== 3;
      if (text.startsWith('sn')) return sn === 3;
      return !text.startsWith('username') || at >= 2_990;
    });
    expect(wanted).toHaveLength(count);
    const found = (await allOf(text, 70)).flat();
    expect(found.toSorted((a, b) => a - b)).toEqual(wanted);
  });

  test('a search that no index serves reads a bounded number, and says that there may be more', async () => {
    for (const size of [1, 30, 1_000]) {
      looks = [];
      const { users, next, isSpent } = await search('note eq "note 2900"').find(REALM, size);
      expect({ users, isSpent }).toEqual({ users: [], isSpent: true });
      expect(next?.after).toBeDefined();
      expect(looks.length).toBeLessThanOrEqual(1_000 / 30 + 1);
      expect(looks.reduce((sum, { limit }) => sum + limit, 0)).toBeLessThanOrEqual(1_000 + 30);
    }
    expect((await allOf('note eq "note 2900"', 30)).flat()).toEqual([2_900]);
  });

  test('says what no index finds', () => {
    expect(search('note eq "a" and (sn eq "b" or ! (x pr)) and _id co "c"').unindexed).toEqual(['note', 'x']);
  });
});

describe('a search over large users', async () => {
  const LARGE = 200_000;
  const WHALES = 500;
  let reads: number[] = [];
  const whales = await openMemoryStore();
  const searchOf = (text: string) => {
    const parsed = parseQueryFilter(text);
    if ('reason' in parsed) throw new TypeError(parsed.reason);
    const page = async (realm: string, query: UserQuery): Promise<UserPage> => {
      const found = await whales.identities.page(realm, query);
      reads.push(found.users.length);
      return found;
    };
    const nothing = () => false;
    return new UserSearch({ identities: { page }, isIndexed: nothing, isKeptApart: nothing }, parsed.filter);
  };
  beforeAll(async () => {
    const note = ['x'.repeat(LARGE)];
    for (let at = 0; at < WHALES; at += 1) {
      const row = { id: `id-${at}`, realm: REALM, username: nameOf(at), attributes: { note } };
      await whales.committer.commit([{ type: 'identity.insert', ...row }]);
    }
  });

  test.each(['note co "zz"', 'true'])(
    'reads them some at a time, with turns for others in between: %s',
    async (text) => {
      reads = [];
      let turns = 0;
      let isOver = false;
      const count = (): void => {
        turns += 1;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      const { users, isSpent, next } = await searchOf(text).find(REALM, MAX_READ);
      isOver = true;
      expect(Math.max(...reads)).toBeLessThanOrEqual(Math.ceil(MAX_CHARACTERS_OF_PAGE / LARGE));
      expect(turns).toBeGreaterThanOrEqual(reads.length - 1);
      expect({ isSpent, hasNext: next !== undefined }).toEqual({ isSpent: true, hasNext: true });
      expect(users.length * LARGE).toBeLessThanOrEqual(13 * 1_024 * 1_024);
    },
  );

  test('gives each of them once in its pages', async () => {
    const names: string[] = [];
    let from: SearchPlace | undefined = { leaf: 0 };
    while (from !== undefined) {
      const found = await searchOf('true').find(REALM, MAX_READ, from);
      names.push(...found.users.map(({ username }) => username));
      from = found.next;
    }
    expect(names).toEqual(Array.from({ length: WHALES }, (_, at) => nameOf(at)));
  });
});

describe('a search with many comparisons of many values (SEC-94)', async () => {
  const store = await openMemoryStore();
  const PEOPLE = 60;
  const VALUES = 100;
  const LENGTH = 240;
  beforeAll(async () => {
    for (let at = 0; at < PEOPLE; at += 1) {
      const values = Array.from(
        { length: VALUES },
        (_, on) => `${String(on).padStart(3, '0')}${'\u0436'.repeat(LENGTH - 3)}`,
      );
      const row = { id: `id-${at}`, realm: REALM, username: nameOf(at), attributes: { a: values } };
      await store.committer.commit([{ type: 'identity.insert', ...row }]);
    }
  });
  const searchOf = (clauses: number, op = 'co') => {
    const text = Array.from({ length: clauses }, (_, at) => `a ${op} z${at}`).join(' or ');
    const parsed = parseQueryFilter(text);
    if ('reason' in parsed) throw new TypeError(parsed.reason);
    const nothing = () => false;
    return new UserSearch({ identities: store.identities, isIndexed: nothing, isKeptApart: nothing }, parsed.filter);
  };

  test('compares a bounded number of characters, and says what to do beyond', async () => {
    await expect(searchOf(70).find(REALM, MAX_READ)).rejects.toThrow(ComparesTooMuch);
    const few = await searchOf(2).find(REALM, MAX_READ);
    expect({ isSpent: few.isSpent, next: few.next }).toEqual({ isSpent: false, next: undefined });
  });

  test('goes on page by page where the whole is too much', async () => {
    let from: SearchPlace | undefined = { leaf: 0 };
    let pages = 0;
    for (; from !== undefined; pages += 1) from = (await searchOf(70).find(REALM, 5, from)).next;
    expect(pages).toBeGreaterThan(1);
  });

  test('folds each value once for all comparisons', async () => {
    const folded = vi.spyOn(String.prototype, 'normalize');
    const counted = async (clauses: number): Promise<number> => {
      folded.mockClear();
      await searchOf(clauses, 'eq').find(REALM, 10);
      return folded.mock.calls.length;
    };
    const counts = [await counted(1), await counted(8)];
    folded.mockRestore();
    expect(counts[1]).toBeLessThanOrEqual((counts[0] ?? 0) + 8);
  });

  test('takes turns of the event loop by what it compares', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await searchOf(20).find(REALM, MAX_READ);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(Math.floor((PEOPLE * VALUES * LENGTH * 20) / (1_024 * 1_024)) - 2);
  });
});

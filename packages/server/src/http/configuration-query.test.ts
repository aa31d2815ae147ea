import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { answerQuery, inTurns, writtenInTurns } from './configuration-query.ts';
import { AnswerTooLarge } from './error-answer.ts';
import { textOf } from './write-answer.ts';

const DOCUMENTS = Array.from({ length: 230 }, (_, at) => at);

/** The answer to a query, and how many records were made for it. */
const asked = async (query: Readonly<Record<string, string>>) => {
  const made: number[] = [];
  const answer = await answerQuery({ query } as unknown as Call, DOCUMENTS, (at) => {
    made.push(at);
    return { _id: `n${at}`, kind: at % 2 === 0 ? 'even' : 'odd' };
  });
  const { result, ...page } = JSON.parse(textOf(answer.body)) as {
    readonly result: readonly { readonly _id: string }[];
  };
  return { ids: result?.map(({ _id }) => Number(_id.slice(1))), page, made: made.length };
};

describe('a page of all documents', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly [from: number, to: number], string | null]>([
    ['the first', { _pageSize: '10' }, [0, 10], '10'],
    ['one by its cookie', { _pageSize: '10', _pagedResultsCookie: '100' }, [100, 110], '110'],
    ['one by its offset', { _pageSize: '10', _pagedResultsOffset: '100' }, [100, 110], '110'],
    ['the last', { _pageSize: '100', _pagedResultsCookie: '200' }, [200, 230], null],
    ['one behind the last', { _pageSize: '100', _pagedResultsCookie: '300' }, [230, 230], null],
    ['all', {}, [0, 230], null],
  ])('makes the records of that page alone: %s', async (_, query, [from, to], cookie) => {
    const it = await asked({ _queryFilter: 'true', _totalPagedResultsPolicy: 'EXACT', ...query });
    expect(it.ids).toEqual(DOCUMENTS.slice(from, to));
    expect(it.made).toBe(to - from);
    expect(it.page).toMatchObject({ pagedResultsCookie: cookie, totalPagedResults: 230 });
  });
});

test('a filter is judged by the records of all documents, and its pages have each hit once', async () => {
  const odd = DOCUMENTS.filter((at) => at % 2 === 1);
  const query = { _queryFilter: 'kind eq "odd"', _pageSize: '50', _totalPagedResultsPolicy: 'EXACT' };
  const first = await asked(query);
  expect(first).toMatchObject({
    ids: odd.slice(0, 50),
    made: 230,
    page: { pagedResultsCookie: '50', totalPagedResults: 115 },
  });
  const last = await asked({ ...query, _pagedResultsCookie: '100' });
  expect(last).toMatchObject({ ids: odd.slice(100), page: { pagedResultsCookie: null } });
});

test('of a filter that nothing passes there is no page', async () => {
  expect(await asked({ _queryFilter: 'false' })).toMatchObject({ ids: [] });
});

const ITEMS_OF_TURN = 50;

test('no more items are worked on in one turn than a turn has, and all in their order', async () => {
  const items = Array.from({ length: 5 * ITEMS_OF_TURN + 3 }, (_, at) => at);
  const sizes: number[] = [0];
  let isOver = false;
  const nextTurn = (): void => {
    sizes.push(0);
    if (!isOver) setImmediate(nextTurn);
  };
  setImmediate(nextTurn);
  const made = await inTurns(items, (item) => {
    sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + 1;
    return -item;
  });
  isOver = true;
  expect(made).toEqual(items.map((item) => -item));
  expect(Math.max(...sizes)).toBe(ITEMS_OF_TURN);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(items.length);
});

test('of nothing there is nothing to wait for', async () => {
  expect(await inTurns([], () => 1)).toEqual([]);
});

describe('a list of large records (REL-14)', () => {
  const MEBIBYTE = 1_048_576;
  const LARGE = Array.from({ length: 20 }, (_, at) => at);
  const record = (at: number) => ({ _id: `n${at}`, text: 'x'.repeat(MEBIBYTE) });
  const page = async (query: Readonly<Record<string, string>>) => {
    const { body } = await answerQuery({ query: { _queryFilter: 'true', ...query } }, LARGE, record);
    const text = textOf(body);
    const { result, pagedResultsCookie, totalPagedResults } = JSON.parse(text);
    const ids = (result as { _id: string }[]).map(({ _id }) => Number(_id.slice(1)));
    return { bytes: Buffer.byteLength(text), ids, cookie: pagedResultsCookie, total: totalPagedResults };
  };

  test('is refused where the client asks for no pages, by words that name them', async () => {
    await expect(page({})).rejects.toThrow(AnswerTooLarge);
    await expect(page({})).rejects.toThrow('larger than 16 MiB. Ask for less at once: for pages with _pageSize');
    await expect(writtenInTurns(LARGE, record)).rejects.toThrow(AnswerTooLarge);
  });

  test('has pages that end by their bytes, and their cookies lead to each record once', async () => {
    const first = await page({ _pageSize: '100', _totalPagedResultsPolicy: 'EXACT' });
    expect(first).toMatchObject({ ids: LARGE.slice(0, 15), cookie: '15', total: 20 });
    expect(first.bytes).toBeLessThanOrEqual(16 * MEBIBYTE);
    expect(await page({ _pageSize: '100', _pagedResultsCookie: '15' })).toMatchObject({
      ids: LARGE.slice(15),
      cookie: null,
    });
  });

  test('writes a few of them in one turn, and not as many as of small ones', async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await writtenInTurns(LARGE.slice(0, 10), record);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});

describe('a filter over large documents (SEC-94)', () => {
  const large = (text: string) => async (clauses: number) => {
    const filter = Array.from({ length: clauses }, (_, at) => `a eq z${at}`).join(' or ');
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const documents = Array.from({ length: 60 }, (_, at) => at);
    const answer = await answerQuery({ query: { _queryFilter: filter } } as unknown as Call, documents, (at) => ({
      _id: `n${at}`,
      a: text,
    }));
    isOver = true;
    return { answer, turns };
  };

  test('names _queryFilter where it would compare too much', async () => {
    const { answer } = await large('\u0130'.repeat(31_000))(70);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('_queryFilter') } });
  });

  test('takes turns by what it compares, and not by documents alone', async () => {
    const { answer, turns } = await large('\u0130'.repeat(31_000))(9);
    expect(answer.status).toBe(200);
    expect(turns).toBeGreaterThanOrEqual(15);
  });
});

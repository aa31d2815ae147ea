import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FieldReader, parseQueryFilter, passesFilter, type QueryFilter } from './query-filter.ts';

const record: Readonly<Record<string, readonly string[]>> = {
  sn: ['Doe', 'Roe'],
  mail: ['a@example.com'],
  age: ['18'],
  'preferences/updates': ['true'],
  empty: [],
};
const judged = (filter: QueryFilter, read: FieldReader) => passesFilter(filter, { read, take: () => true });
const passes = async (text: string): Promise<boolean | string | undefined> => {
  const parsed = parseQueryFilter(text);
  return 'reason' in parsed ? parsed.reason : judged(parsed.filter, (field) => record[field] ?? []);
};

test.each([
  ['true', true],
  ['false', false],
  ['sn eq "roe"', true],
  ['sn eq Doe', true],
  ['sn co "o"', true],
  ['sn sw "o"', false],
  ['/mail sw "a@"', true],
  ['mail pr and empty pr', false],
  ['mail pr or empty pr', true],
  ['!(mail pr)', false],
  ['! empty pr', true],
  ['false and false or true', true],
  ['false and (false or true)', false],
  ['unknown eq "x"', false],
  ['sn eq "a\\"b"', false],
  ['/preferences/updates eq true', true],
  ['age lt 9', false],
  ['age gt 9', true],
  ['age le 18 and age ge 18.0', true],
  ['age lt 18 or age gt 18', false],
  ['sn gt "Doe"', true],
  ['sn lt "doe"', false],
  ['sn le "DOE"', true],
  ['unknown ge 0', false],
])('%s is %s', async (text, expected) => {
  expect(await passes(text)).toBe(expected);
});

test.each([
  '',
  '(',
  'sn',
  'sn eq',
  'sn eq "x',
  'sn eq "a\\u0000b"',
  'sn in 1',
  '/a//b pr',
  'true true',
  ')',
  '__proto__!',
  `sn eq "${'x'.repeat(2_000)}"`,
])('%j is refused', async (text) => {
  expect(await passes(text)).toBeTypeOf('string');
});

test('depth is bounded (A129)', async () => {
  expect(await passes(`${'('.repeat(100)}true${')'.repeat(100)}`)).toContain('nested');
  expect(await passes(`${'!'.repeat(100)}true`)).toContain('nested');
});

test('no text makes it throw, and any value that can be kept can be asked for (OPS-15)', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => void (await passes(text))));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (value) => {
      const parsed = parseQueryFilter(`sn eq ${JSON.stringify(value)}`);
      if ('reason' in parsed) expect(parsed.reason).toContain(value.includes('\0') ? 'NUL' : 'longer');
      else expect(await judged(parsed.filter, () => [value])).toBe(true);
    }),
  );
});

const filterOf = (text: string) => {
  const parsed = parseQueryFilter(text);
  if ('reason' in parsed) throw new TypeError(parsed.reason);
  return parsed.filter;
};

test('a comparison that is repeated counts once (SEC-94)', () => {
  const repeated = filterOf(Array.from({ length: 90 }, () => 'a eq 1').join(' or '));
  expect(repeated).toEqual({ op: 'eq', field: 'a', value: '1' });
  expect(filterOf('a eq 1 and /a EQ 1 and a eq 2')).toEqual(filterOf('a eq 1 and a eq 2'));
});

test('each field of a record is read once for all comparisons (SEC-94)', async () => {
  const read: string[] = [];
  const text = Array.from({ length: 50 }, (_, at) => `a eq ${at} or b pr or !(a ge ${at})`).join(' and ');
  await judged(filterOf(`(${text.slice(0, 900).replace(/ and [^)]*$/, '')}) and a eq x`), (field) => {
    read.push(field);
    return ['x'];
  });
  expect(read.toSorted()).toEqual([...new Set(read)].toSorted());
});

test('the work of a filter is told by the length of values and the number of comparisons, before it is done (SEC-94)', async () => {
  const filter = filterOf('a eq 1 or a co 2 or !(a pr) or b pr');
  const workOn = async (a: string[]): Promise<number> => {
    let work = 0;
    await passesFilter(filter, {
      read: (field) => (field === 'a' ? a : []),
      take: (characters) => {
        work = characters;
        return true;
      },
    });
    return work;
  };
  expect(await Promise.all([[], [''], ['x'.repeat(84)], ['', '']].map(workOn))).toEqual([0, 48, 300, 96]);
});

test('a filter whose work is refused compares nothing (SEC-93)', async () => {
  const folded: string[] = [];
  const passed = await passesFilter(filterOf('a eq x'), {
    read: () => ['x'],
    fold: (value) => {
      folded.push(value);
      return value;
    },
    take: () => false,
  });
  expect([passed, folded]).toEqual([undefined, []]);
});

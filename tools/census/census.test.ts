import { expect, test } from 'vitest';
import { GROUPS, RANKED, SEEN_ONCE, STEPS } from './census-data.mjs';
import { census, censusPage } from './census-report.mjs';

interface Row {
  readonly type: string;
  readonly journeys: number;
  readonly nodes: number;
  readonly needs: string;
}
const rows: readonly Row[] = RANKED;

test('the figures are those of the census: 91 ranked types, each once, most used first, each in a group', () => {
  const types = [...rows.map(({ type }) => type), ...SEEN_ONCE];
  expect(rows).toHaveLength(91);
  expect(new Set(types).size).toBe(types.length);
  expect(rows.map(({ journeys }) => journeys)).toEqual([...rows.map(({ journeys }) => journeys)].sort((a, b) => b - a));
  expect(rows.filter(({ needs }) => !Object.hasOwn(GROUPS, needs))).toEqual([]);
  expect(
    STEPS.flatMap(({ groups }: { groups: readonly string[] }) => groups).filter((it) => !Object.hasOwn(GROUPS, it)),
  ).toEqual([]);
});

test.each(['self', 'user', 'user + settings', 'user + mail', 'mail or SMS'])(
  'every node that needs %s is here',
  (group) => {
    const found = census().groups.find((it: { group: string }) => it.group === group);
    expect(found?.missing.map(({ type }: Row) => type)).toEqual([]);
  },
);

test('without a node its group is not complete, and the journeys with it are not counted', () => {
  const all = new Map(rows.map(({ type }) => [type, {}]));
  expect(census(all).steps.map(({ atLeast }: { atLeast: number }) => atLeast)).toEqual([95, 164, 205, 233]);
  all.delete('AcceptTermsAndConditionsNode');
  const lacking = census(all);
  expect(lacking.steps.map(({ atLeast }: { atLeast: number }) => atLeast)).toEqual([95, 164, 190, 218]);
  expect(lacking.groups.find(({ group }: { group: string }) => group === 'user + settings')?.missing).toMatchObject([
    { type: 'AcceptTermsAndConditionsNode' },
  ]);
  expect(censusPage(lacking)).toContain('`AcceptTermsAndConditionsNode` |');
});

test('a server without nodes covers nothing', () => {
  const { covered, steps } = census(new Map());
  expect(covered).toBe(0);
  expect(steps.map(({ atLeast }: { atLeast: number }) => atLeast)).toEqual([0, 0, 0, 0]);
});

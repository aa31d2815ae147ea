import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryTable, UndoLog } from './memory-table.ts';
import { RestingTable } from './resting-table.ts';

interface Row {
  readonly id: string;
  readonly colour?: string;
  readonly due: number;
}

const indexes = { colour: (row: Row) => row.colour };
const keyOf = (row: Row) => row.id;
const rest = {
  toText: (row: Row) => JSON.stringify(row),
  fromText: (text: string): Row => JSON.parse(text),
  isOver: (row: Row) => row.colour === 'red',
  sweptFrom: (row: Row) => row.due,
};

const restingTable = (undoLog = new UndoLog()) => new RestingTable<Row, 'colour'>(undoLog, keyOf, indexes, rest);

const row = (id: string, given: Partial<Row> = {}): Row => ({ id, colour: 'red', due: 5, ...given });

test('a key at rest is taken, and one that nobody has is found nowhere', () => {
  const table = restingTable();
  table.put(row('a'));
  table.rest(0);
  expect(table.insert(row('a', { colour: 'blue' }))).toBe(false);
  expect(table.get('a')).toEqual(row('a'));
  expect(table.get('b')).toBeUndefined();
  expect(table.delete('b')).toBe(false);
  expect(table.by('colour', 'blue')).toEqual([]);
  expect(table.has('colour', 'blue')).toBe(false);
});

test.each([
  ['changed', (table: RestingTable<Row, 'colour'>) => table.put(row('a', { due: 6 }))],
  ['read by its key', (table: RestingTable<Row, 'colour'>) => void table.get('a')],
  ['found by a value of it', (table: RestingTable<Row, 'colour'>) => void table.by('colour', 'blue')],
])('the oldest go to rest first, and a row that was %s is among the newest again', (_, use) => {
  const table = restingTable();
  const rows = [row('a', { colour: 'blue' }), row('b'), row('c')];
  for (const it of rows) table.put(it);
  table.rest(2);
  use(table);
  table.rest(2);
  // What rested is made anew; an object that stayed awake is the one that was put.
  expect(rows.map((it) => table.get(it.id) === it)).toEqual([false, false, true]);
});

test('a sweep takes no more than its limit, at rest or not, and nothing whose time has not come', () => {
  const table = restingTable();
  for (const id of ['a', 'b', 'c', 'd']) table.put(row(id, { due: id === 'd' ? 9 : 5 }));
  table.rest(2);
  expect(table.sweep(4, 10)).toBe(0);
  expect(table.sweep(8, 10, ({ id }) => id === 'b')).toBe(1);
  expect(table.sweep(8, 1)).toBe(1);
  expect(table.sweep(8, 10)).toBe(1);
  expect(table.by('colour', 'red')).toEqual([row('d', { due: 9 })]);
});

type Step =
  | { readonly kind: 'insert' | 'put'; readonly row: Row }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'deleteColour'; readonly colour: string }
  | { readonly kind: 'sweep'; readonly now: number }
  | { readonly kind: 'rest'; readonly awake: number }
  | { readonly kind: 'rollback' | 'commit' };

const ids = Array.from({ length: 12 }, (_, at) => `row ${at}`);
const colours = ['red', 'green', 'blue'];

const stepOf: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('insert' as const, 'put' as const),
    row: fc.record(
      { id: fc.constantFrom(...ids), colour: fc.constantFrom(...colours), due: fc.nat(9) },
      { requiredKeys: ['id', 'due'] },
    ),
  }),
  fc.record({ kind: fc.constant('delete' as const), id: fc.constantFrom(...ids) }),
  fc.record({ kind: fc.constant('deleteColour' as const), colour: fc.constantFrom(...colours) }),
  fc.record({ kind: fc.constant('sweep' as const), now: fc.nat(9) }),
  fc.record({ kind: fc.constant('rest' as const), awake: fc.nat(6) }),
  fc.record({ kind: fc.constantFrom('rollback' as const, 'commit' as const) }),
);

test('whatever happens in whatever order, it holds what a table of objects holds', () => {
  fc.assert(
    fc.property(fc.array(stepOf, { maxLength: 60 }), (steps) => {
      const logs = [new UndoLog(), new UndoLog()] as const;
      const model = new MemoryTable<Row, 'colour'>(logs[0], keyOf, indexes);
      const table = restingTable(logs[1]);
      const endCommit = (end: 'rollback' | 'forget') => {
        for (const log of logs) log[end]();
      };
      const apply = (step: Step): readonly [unknown, unknown] => {
        switch (step.kind) {
          case 'insert':
            return [table.insert({ ...step.row }), model.insert(step.row)];
          case 'put':
            return [table.put({ ...step.row }), model.put(step.row)];
          case 'delete':
            return [table.delete(step.id), model.delete(step.id)];
          case 'deleteColour': {
            const isDue = ({ colour }: Row) => colour === step.colour;
            table.deleteWhere(isDue);
            model.deleteWhere(isDue);
            return [undefined, undefined];
          }
          case 'sweep': {
            endCommit('forget');
            const swept = [table.sweep(step.now, 99), model.deleteWhere(({ due }) => due <= step.now)] as const;
            endCommit('forget');
            return swept;
          }
          case 'rest':
            endCommit('forget');
            return [table.rest(step.awake), undefined];
          case 'rollback':
            return [endCommit('rollback'), undefined];
          case 'commit':
            return [endCommit('forget'), undefined];
        }
      };
      const byId = (rows: readonly Row[]) => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const step of steps) {
        const [got, expected] = apply(step);
        expect(got).toBe(expected);
        expect(ids.map((id) => table.get(id))).toEqual(ids.map((id) => model.get(id)));
        for (const colour of colours) {
          const rows = byId(model.by('colour', colour));
          expect(byId(table.by('colour', colour))).toEqual(rows);
          expect(table.has('colour', colour)).toBe(rows.length > 0);
        }
      }
    }),
    { numRuns: 200 },
  );
});

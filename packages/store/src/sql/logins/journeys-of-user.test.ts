import { expect, test } from 'vitest';
import type { Sealer } from '../../sealing/sealer.ts';
import { nothingKept } from '../verbs/row-cache.ts';
import type { Call } from '../verbs/verb.ts';
import { journeysTopic } from './journeys.ts';

const KIBI = 1_024;

/** Looks through so many journeys of that size; what was opened in each turn of the event loop, in rows and bytes. */
const lookedThrough = (journeys: number, bytes: number) => {
  const state = Buffer.alloc(bytes);
  const turns = [{ rows: 0, bytes: 0 }];
  const sealer: Pick<Sealer, 'tryOpen'> = { tryOpen: () => Buffer.from('{"shared":{}}') };
  const topic = journeysTopic(sealer as Sealer, { steps: nothingKept(), openings: nothingKept() });
  const verb = topic.reader.ofUser({ id: 'user-1', realm: '/alpha', username: 'demo' });
  let read = 0;
  let step = verb.next();
  while (step.done !== true) {
    const asked = step.value as Call | readonly Call[];
    if (Array.isArray(asked)) {
      expect(asked).toEqual([]);
      turns.push({ rows: 0, bytes: 0 });
      step = verb.next([]);
      continue;
    }
    const wanted = Number((asked as Call).values.at(-1));
    const rows = Array.from({ length: Math.min(wanted, journeys - read) }, (_none, at) => [
      `j${read + at}`,
      '/alpha',
      state,
    ]);
    read += rows.length;
    const turn = turns.at(-1);
    if (turn !== undefined) Object.assign(turn, { rows: rows.length, bytes: rows.length * bytes });
    step = verb.next(rows);
  }
  expect(read).toBe(journeys);
  return turns;
};

test.each([
  ['small', 10_000, KIBI],
  ['as large as a journey may be', 300, 512 * KIBI],
])('journeys of a user are looked for in turns of bounded size, where all are %s (SEC-93)', (_, journeys, bytes) => {
  const turns = lookedThrough(journeys, bytes);
  expect(Math.max(...turns.map((turn) => turn.bytes))).toBeLessThanOrEqual(Math.max(512 * KIBI, 4 * bytes));
  expect(Math.max(...turns.map(({ rows }) => rows))).toBeLessThanOrEqual(1_000);
  // Small ones take few turns.
  expect(turns.length).toBeLessThan((3 * journeys * bytes) / (512 * KIBI) + 20);
});

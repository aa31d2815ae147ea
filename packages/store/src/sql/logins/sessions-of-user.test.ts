import { SESSIONS_OF_USER } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { sessionRow } from '../../testing/rows.ts';
import type { Call, Verb } from '../verbs/verb.ts';
import { sessionsTopic } from './sessions.ts';

const KIBI = 1_024;
const { reader } = sessionsTopic(
  {
    *ofSids() {},
    *ofSessions() {},
  },
  function* () {},
);

/** Reads so many sessions of these sizes; the rows and characters that each turn of the event loop has read. */
const readOf = (
  verb: Verb<readonly unknown[]>,
  sessions: number,
  charactersOf: (at: number) => number,
): { readonly found: number; readonly turns: readonly { readonly rows: number; readonly characters: number }[] } => {
  const { createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis } = sessionRow();
  const turns = [{ rows: 0, characters: 0 }];
  const properties = (at: number): string => JSON.stringify({ a: 'x'.repeat(charactersOf(at) - 8) });
  let step = verb.next();
  while (step.done !== true) {
    const asked = step.value as Call | readonly Call[];
    if (Array.isArray(asked)) {
      expect(asked).toEqual([]);
      turns.push({ rows: 0, characters: 0 });
      step = verb.next([]);
      continue;
    }
    const { statement, values } = asked as Call;
    if (/^SELECT token_hash FROM/.test(statement.text)) {
      // Nothing but hashes is read of all sessions at once.
      const limit = Number(values.at(-1));
      step = verb.next(Array.from({ length: Math.min(sessions, limit) }, (_none, at) => [String(at)]));
      continue;
    }
    const rows = (values[0] as readonly string[]).map((hash) => {
      const json = properties(Number(hash));
      const turn = turns.at(-1);
      if (turn !== undefined) Object.assign(turn, { rows: turn.rows + 1, characters: turn.characters + json.length });
      return [hash, hash, '/', 'user-1', 'demo', json, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis, hash];
    });
    step = verb.next(rows);
  }
  return { found: step.value.length, turns };
};

const LARGEST = 16 * KIBI;
const KINDS: readonly [string, (at: number) => number][] = [
  ['small', () => 256],
  ['as large as properties may be', () => LARGEST],
  ['small at first and then large', (at) => (at < 300 ? 256 : LARGEST)],
];
const HANDLES = Array.from({ length: SESSIONS_OF_USER.kept }, (_none, at) => String(at));

describe.each<[string, () => Verb<readonly unknown[]>]>([
  ['all', () => reader.ofUser('user-1', 0)],
  ['those with a handle', () => reader.byHandles('user-1', HANDLES, 0)],
])('sessions of a user: %s', (_, read) => {
  test.each(KINDS)('are read in turns of bounded size, where they are %s (SEC-93)', (_kind, charactersOf) => {
    const { kept } = SESSIONS_OF_USER;
    const { found, turns } = readOf(read(), kept + 10, charactersOf);
    expect(found).toBe(kept);
    expect(Math.max(...turns.map(({ characters }) => characters))).toBeLessThanOrEqual(1_024 * KIBI);
    expect(Math.max(...turns.map(({ rows }) => rows))).toBeLessThanOrEqual(50);
    const all = turns.reduce((sum, { characters }) => sum + characters, 0);
    // Small ones take few turns.
    expect(turns.length).toBeLessThanOrEqual(kept / 50 + all / (256 * KIBI) + 5);
  });
});

test('nothing is read behind the session with which the characters are too many (SEC-93)', () => {
  const bounds = { characters: 10 * LARGEST };
  const { found, turns } = readOf(reader.ofUser('user-1', 0, bounds), 1_000, () => LARGEST);
  expect(found).toBe(10);
  expect(turns.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(30);
});

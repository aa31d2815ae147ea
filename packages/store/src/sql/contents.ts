import { all, first, statement, type Verb } from './verbs/verb.ts';

/** How many rows of a kind a database holds, for people who want to know whether a copy is the one that they think. */
export interface Contents {
  readonly users: number;
  readonly phones: number;
  readonly passkeys: number;
  readonly trail: number;
}

const selectContents = statement<[users: number, phones: number, passkeys: number, trail: number]>(
  `SELECT (SELECT COUNT(*) FROM identity), (SELECT COUNT(*) FROM device), (SELECT COUNT(*) FROM passkey),
     (SELECT COUNT(*) FROM audit)`,
);
const selectLast = statement<[id: number | null]>('SELECT MAX(id) FROM audit');

export function* contents(): Verb<Contents> {
  const [users = 0, phones = 0, passkeys = 0, trail = 0] = (yield* first(selectContents)) ?? [];
  return { users, phones, passkeys, trail };
}

/**
 * The last row of the trail, where it goes by numbers. The trail only grows, so that what was acknowledged before a copy began is up to a
 * row that has to be in it.
 */
export function* lastOfTrail(): Verb<number> {
  return (yield* all(selectLast))[0]?.[0] ?? 0;
}

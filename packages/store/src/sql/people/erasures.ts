import type { Identity } from '@assent/engine';
import type { Erasure, ErasureReader } from '@assent/engine/host';
import { defineChanges, TABLES, type VerbsOf } from '../verbs/define-changes.ts';
import { all, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [userId: string, realm: string, at: number];

const select = statement<Row>('SELECT user_id, realm, at FROM erasure WHERE user_id > ? ORDER BY user_id LIMIT ?');
const selectThese = statement<[userId: string]>('SELECT user_id FROM erasure WHERE user_id = {any} ORDER BY user_id');
const selectAll = statement<Row>('SELECT user_id, realm, at FROM erasure');
const insert = statement('INSERT INTO erasure (user_id, realm, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');

export interface ErasureOptions {
  /** With all that others keep of the user, and of one who is gone already what may be left. */
  eraseUser(user: Pick<Identity, 'id' | 'realm'>): Verb<unknown>;
  deleteJourneys(ids: readonly string[]): Verb<unknown>;
}

const erasureOf = ([userId, realm, at]: Row): Erasure => ({ userId, realm, at });

/** For whoever puts an older database in the place of this one. */
export function* allErasures(): Verb<readonly Erasure[]> {
  return (yield* all(selectAll)).map(erasureOf);
}

export const ERASURE_CHANGES = defineChanges({
  'identity.erase': {
    tables: TABLES,
    creates: 'nothing',
    // The lock of the configuration makes an import and an erasure of one id wait for each other.
    locks: ({ id }) => ({ configuration: true, users: [id] }),
    durability: 'disk',
    isErasure: true,
  },
});

/** Users of whom nothing is to be left but an id that names nobody (security-reliability §7 "Erase", ADR 108). */
export const erasuresTopic = ({ eraseUser, deleteJourneys }: ErasureOptions) => ({
  reader: {
    *list(limit, after = '') {
      return (yield* all(select, after, limit)).map(erasureOf);
    },
    *among(ids) {
      return (yield* all(selectThese, ids)).map(([userId]) => userId);
    },
  } satisfies ReadVerbs<ErasureReader>,
  changes: {
    *'identity.erase'({ id, realm, at, journeys }) {
      yield* eraseUser({ id, realm });
      yield* deleteJourneys(journeys);
      yield* run(insert, id, realm, at);
      return true;
    },
  } satisfies VerbsOf<typeof ERASURE_CHANGES>,
});

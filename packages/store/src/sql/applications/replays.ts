import { MAX_AHEAD_MILLIS, MAX_SEEN_OF_OWNER, type ReplayReader } from '@assent/oidc';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder } from '../verbs/locked-in-order.ts';
import { first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

const select = statement('SELECT 1 FROM oauth_replay WHERE hash = ?');
const see = statement(
  `INSERT INTO oauth_replay (hash, owner, expires_at) SELECT ?, ?, CAST(? AS BIGINT)
   WHERE NOT EXISTS (SELECT 1 FROM oauth_replay AS restore WHERE restore.hash = ? AND restore.expires_at > ?)
   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at, owner = excluded.owner
   WHERE oauth_replay.expires_at <= ?`,
);
const count = statement<[kept: number]>('SELECT COUNT(*) FROM oauth_replay WHERE owner = ? AND expires_at > ?');
const sweep = statement(
  `DELETE FROM oauth_replay WHERE ${dueLockedInOrder('oauth_replay', 'hash', 'expires_at <= ?')}`,
);

/** The row that says when the database was put back: no digest is so short. */
const RESTORE = 'restore';
/** No proof that says when it was issued is good for longer, whatever clock it goes by. */
const MAX_LIFE_MILLIS = 15 * 60_000;

const noteRestore = statement(
  `INSERT INTO oauth_replay (hash, owner, expires_at) VALUES (?, '', ?)
   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at`,
);

/** From here on nothing is good that was issued before: whether it was seen since the backup, nobody knows (REL-26). */
export function* refuseProofsBefore(now: number): Verb<void> {
  yield* run(noteRestore, RESTORE, now + MAX_AHEAD_MILLIS + MAX_LIFE_MILLIS);
}

const OF_REPLAYS = { tables: ['oauth_replay'], freesPlainText: false } as const;

export const REPLAY_CHANGES = defineChanges({
  'replay.room': { ...OF_REPLAYS, creates: 'nothing' },
  // A proof that was seen must not be accepted again after a power failure.
  'replay.see': {
    ...OF_REPLAYS,
    rows: ({ hash }) => [['oauth_replay', hash]],
    creates: 'nothing',
    durability: 'disk',
  },
});

export const replaysTopic = () => {
  return {
    reader: {
      *has(hash) {
        return (yield* first(select, hash)) !== undefined;
      },
    } satisfies ReadVerbs<ReplayReader>,
    changes: {
      *'replay.room'({ owner, now }) {
        const [kept = 0] = (yield* first(count, owner, now)) ?? [];
        return kept < MAX_SEEN_OF_OWNER;
      },
      *'replay.see'({ hash, owner, expiresAt, issuedAt = Number.MAX_SAFE_INTEGER - MAX_LIFE_MILLIS, now }) {
        return (yield* run(see, hash, owner, expiresAt, RESTORE, issuedAt + MAX_LIFE_MILLIS, now)) === 1;
      },
    } satisfies VerbsOf<typeof REPLAY_CHANGES>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
  };
};

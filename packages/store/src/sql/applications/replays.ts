import { MAX_SEEN_OF_OWNER, type ReplayReader } from '@assent/oidc';
import { type ChangeVerbs, first, type ReadVerbs, run, statement } from '../verbs/verb.ts';

const select = statement('SELECT 1 FROM oauth_replay WHERE hash = ?');
const see = statement(
  `INSERT INTO oauth_replay (hash, owner, expires_at) VALUES (?, ?, ?)
   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at, owner = excluded.owner
   WHERE oauth_replay.expires_at <= ?`,
);
const count = statement<[kept: number]>('SELECT COUNT(*) FROM oauth_replay WHERE owner = ? AND expires_at > ?');
const sweep = statement(
  'DELETE FROM oauth_replay WHERE hash IN (SELECT hash FROM oauth_replay WHERE expires_at <= ? LIMIT ?)',
);

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
      *'replay.see'({ hash, owner, expiresAt, now }) {
        return (yield* run(see, hash, owner, expiresAt, now)) === 1;
      },
    } satisfies ChangeVerbs<'replay.room' | 'replay.see'>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, limit);
    },
  };
};

import type { ReplayReader } from '@assent/oidc';
import { type ChangeVerbs, first, type ReadVerbs, run, statement } from './verb.ts';

const select = statement('SELECT 1 FROM oauth_replay WHERE hash = ?');
const see = statement(
  `INSERT INTO oauth_replay (hash, expires_at) VALUES (?, ?)
   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at WHERE oauth_replay.expires_at <= ?`,
);
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
      *'replay.see'({ hash, expiresAt, now }) {
        return (yield* run(see, hash, expiresAt, now)) === 1;
      },
    } satisfies ChangeVerbs<'replay.see'>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, limit);
    },
  };
};

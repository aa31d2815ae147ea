import type { SigningKeyReader, SigningKeyRow } from '@assent/oidc';
import type { Sealer } from '../../sealing/sealer.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { all, type ReadVerbs, run, statement } from '../verbs/verb.ts';

type Row = readonly [
  kid: string,
  algorithm: SigningKeyRow['algorithm'],
  status: SigningKeyRow['status'],
  sealed: Uint8Array,
  createdAt: number,
  since: number,
];

const selectRealm = statement<Row>(
  `SELECT kid, algorithm, status, private_key, created_at, since FROM oauth_key WHERE realm = ? ORDER BY created_at, kid`,
);
const insert = statement(
  `INSERT INTO oauth_key (realm, kid, algorithm, status, private_key, created_at, since) VALUES (?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT DO NOTHING`,
);
// One of an algorithm signs, which an index demands: the one before has to go first.
const retire = statement(
  `UPDATE oauth_key SET status = 'retired', since = ? WHERE realm = ? AND kid = ? AND status = 'active'`,
);
const activate = statement(
  `UPDATE oauth_key SET status = 'active', since = ?
   WHERE realm = ? AND kid = ? AND status = 'next'
     AND algorithm = (SELECT algorithm FROM oauth_key WHERE realm = ? AND kid = ?)`,
);
const drop = statement(`DELETE FROM oauth_key WHERE realm = ? AND kid = ? AND status = 'retired'`);
const deleteRealm = statement('DELETE FROM oauth_key WHERE realm = ?');

export const placeOfSigningKey = (realm: string, kid: string) => ({ table: 'oauth_key', id: kid, realm, userId: '' });

/** A lost key would leave tokens that nothing can verify. */
const OF_SIGNING_KEYS = { tables: ['oauth_key'], durability: 'disk' } as const;

export const SIGNING_KEY_CHANGES = defineChanges({
  'signingKey.insert': { ...OF_SIGNING_KEYS, creates: 'nothing' },
  'signingKey.rotate': { ...OF_SIGNING_KEYS, creates: 'nothing' },
  'signingKey.drop': { ...OF_SIGNING_KEYS, creates: 'nothing' },
});

export const signingKeysTopic = (sealer: Sealer) => {
  const keyOf =
    (realm: string) =>
    ([kid, algorithm, status, sealed, createdAt, since]: Row): readonly SigningKeyRow[] => {
      const privateKey = sealer.tryOpen('oidc-signing', placeOfSigningKey(realm, kid), sealed)?.toString();
      return privateKey === undefined ? [] : [{ realm, kid, algorithm, status, privateKey, createdAt, since }];
    };
  return {
    reader: {
      *ofRealm(realm) {
        return (yield* all(selectRealm, realm)).flatMap(keyOf(realm));
      },
    } satisfies ReadVerbs<SigningKeyReader>,
    changes: {
      *'signingKey.insert'({ row: { realm, kid, algorithm, status, privateKey, createdAt, since } }) {
        const sealed = sealer.seal('oidc-signing', placeOfSigningKey(realm, kid), privateKey);
        return (yield* run(insert, realm, kid, algorithm, status, sealed, createdAt, since)) === 1;
      },
      *'signingKey.rotate'({ realm, nextKid, activeKid, at }) {
        if ((yield* run(retire, at, realm, activeKid)) === 0) return false;
        return (yield* run(activate, at, realm, nextKid, realm, activeKid)) === 1;
      },
      *'signingKey.drop'({ realm, kid }) {
        return (yield* run(drop, realm, kid)) === 1;
      },
    } satisfies VerbsOf<typeof SIGNING_KEY_CHANGES>,
    *deleteRealm(realm: string) {
      return yield* run(deleteRealm, realm);
    },
  };
};

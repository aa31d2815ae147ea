import type { FactorKind } from '@assent/engine';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { first, type Statement, statement } from '../verbs/verb.ts';

const SELECT: Readonly<Record<FactorKind, Statement>> = {
  push: statement('SELECT 1 FROM device WHERE uuid = ? AND user_id = ?'),
  oath: statement('SELECT 1 FROM oath_device WHERE uuid = ? AND user_id = ?'),
  webauthn: statement('SELECT 1 FROM passkey WHERE uuid = ? AND user_id = ?'),
  binding: statement('SELECT 1 FROM bound_device WHERE uuid = ? AND user_id = ?'),
};

const TABLE_OF = { push: 'device', oath: 'oath_device', webauthn: 'passkey', binding: 'bound_device' } as const;

export const HELD_FACTOR_CHANGES = defineChanges({
  'factor.held': {
    tables: ({ kind }) => [TABLE_OF[kind]],
    creates: 'nothing',
    // Each removal of a device locks the row of its user first, and so waits for this commit, or this commit for it.
    locks: ({ userId }) => ({ users: [userId] }),
    freesPlainText: false,
  },
});

export const heldFactorsTopic = () => ({
  changes: {
    *'factor.held'({ kind, uuid, userId }) {
      return (yield* first(SELECT[kind], uuid, userId)) !== undefined;
    },
  } satisfies VerbsOf<typeof HELD_FACTOR_CHANGES>,
});

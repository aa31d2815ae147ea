import { randomBytes } from 'node:crypto';
import { auditChange } from '@assent/engine/host';
import { CHECKPOINT_KEY, checkpointKeyFrom, openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { checkAuditTrail } from './audit-trail-check.ts';

const NOW = 1_800_000_000_000;

test('the audit trail: what waits to be sealed, how far it is signed, and a key that is gone (SEC-80)', async () => {
  const server = await import('@assent/server');
  const store = await openMemoryStore();
  let now = NOW;
  const look = (secrets = store.secrets) =>
    checkAuditTrail({ io: { now: () => now } as never, server }, { ...store, secrets });
  expect(await look()).toMatchObject([{ status: 'ok', message: expect.stringContaining('nothing is signed yet') }]);
  await store.committer.commit([auditChange({ at: NOW, realm: '/', transactionId: 't' }, 'LOGIN')]);
  expect(await look()).toMatchObject([{ status: 'ok' }]);
  now += server.SEALED_WITHIN_MILLIS + 1;
  expect(await look()).toMatchObject([{ status: 'warning', message: expect.stringContaining('for 5 minutes') }]);
  const key = checkpointKeyFrom(await store.secrets.getOrCreate(CHECKPOINT_KEY, () => randomBytes(32)));
  await store.auditChain.seal({ holder: 'a', now, limit: 9, key, transactionId: 't', ends: true });
  expect(await look()).toMatchObject([{ status: 'ok', message: expect.stringContaining('signed up to position 2') }]);
  expect(await look({ ...store.secrets, get: async () => undefined })).toMatchObject([{ status: 'problem' }]);
});

import { expect, test } from 'vitest';
import { describeStoreContract } from '../testing/index.ts';
import { describeKeys } from '../testing/keys/describe-keys.ts';
import { describeErasures } from '../testing/pairs/describe-erasures.ts';
import { auditEvent, messageRow, mustCommit, NOW } from '../testing/rows.ts';
import { describeAuditChain } from '../testing/trail/describe-audit-chain.ts';
import { openMemoryStore } from './memory-store.ts';

describeStoreContract(
  'memory',
  async () => openMemoryStore(),
  // Nobody else can reach what a process keeps in memory: both connections are the same store.
  async () => {
    const store = openMemoryStore();
    return [store, store];
  },
);

describeErasures(async () => openMemoryStore());
describeAuditChain(async () => {
  const store = openMemoryStore();
  return [store, store];
});

describeKeys(async () => {
  const store = openMemoryStore();
  return [store, store];
});

test('of the audit trail the newest events are kept, and a page goes on where it ended', async () => {
  const store = openMemoryStore({ auditEvents: 4 });
  const append = (from: number, to: number) =>
    mustCommit(
      store,
      ...Array.from({ length: to - from }, (_, at) => {
        const event = auditEvent({ at: NOW + from + at });
        return { type: 'audit.append', event } as const;
      }),
    );
  const query = { events: ['JOURNEY_END'], since: NOW, limit: 2 };
  await append(0, 4);
  const last = (await store.audit.page('user-1', query)).events[1];
  expect(last?.at).toBe(NOW + 2);
  await append(4, 6);
  expect((await store.audit.ofUser('user-1', 9)).map(({ at }) => at - NOW)).toEqual([5, 4, 3, 2]);
  // Of what stood before the place of the page, nothing is kept.
  expect(await store.audit.page('user-1', { ...query, before: last?.place ?? '0' })).toEqual({ events: [] });
  const behind = await store.audit.page('user-1', { ...query, before: String(Number(last?.place) + 1) });
  expect(behind.events).toEqual([last]);
});

test('the sign-ins that have made places known are found without reading another event, and go with the oldest (SEC-56, SEC-86)', async () => {
  const store = openMemoryStore({ auditEvents: 400 });
  let reads = 0;
  const append = (from: number, to: number, knownBy?: 'factor' | 'password') =>
    mustCommit(
      store,
      ...Array.from({ length: to - from }, (_, n) => {
        const plain = auditEvent({ at: NOW + from + n, ...(knownBy && { detail: { knownBy } }) });
        const event = {
          ...plain,
          get at() {
            reads += 1;
            return plain.at;
          },
        };
        return { type: 'audit.append' as const, event };
      }),
    );
  const found = async (knownBy: 'factor' | 'any') => {
    const events = await store.audit.signIns('user-1', { knownBy, since: NOW, limit: 10 });
    const counted = reads;
    reads = 0;
    return [counted, events.length];
  };
  await append(0, 4, 'factor');
  await append(4, 24, 'password');
  await append(24, 324);
  reads = 0;
  expect(await found('factor')).toEqual([4, 4]);
  expect(await found('any')).toEqual([14, 14]);
  // The oldest go when there are a quarter more than are kept.
  await append(324, 500);
  reads = 0;
  expect(await found('any')).toEqual([0, 0]);
});

test('a message that was consumed gives up what was sent, which nobody sends again', async () => {
  const store = openMemoryStore();
  const message = messageRow();
  const answer = { id: message.id, state: 'approved', at: NOW + 1, answerHash: 'a' } as const;
  await mustCommit(store, { type: 'push.open', rows: [message] }, { type: 'push.answer', ...answer });
  expect((await store.messages.get(message.id))?.envelope).toEqual(message.envelope);
  await mustCommit(store, { type: 'push.consume', request: message.request, state: 'approved', at: NOW + 2 });
  expect(await store.messages.get(message.id)).toMatchObject({ state: 'consumed', envelope: undefined });
});

import { auditChange } from '@assent/engine/host';
import { type AuditChain, checkpointKeyFrom, openMemoryStore, type Store, verifyStored } from '@assent/store';
import { beforeEach, describe, expect, test } from 'vitest';
import { AuditSealer } from './audit-sealer.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEY = checkpointKeyFrom(new Uint8Array(32).fill(3));

let store: Store;
let now: number;
let logged: string[];
let gaps: number;
beforeEach(async () => {
  store = await openMemoryStore();
  now = NOW;
  logged = [];
  gaps = 0;
});

const sealerOf = (holder = 'a', chain: AuditChain = store.auditChain, isSent = false) =>
  new AuditSealer({
    chain,
    key: KEY,
    holder,
    clock: { now: () => now },
    newTransactionId: () => 't',
    keptDays: 400,
    isSent,
    log: {
      info: () => undefined,
      error: (...said: unknown[]) => logged.push(String(said.at(-1))),
    },
    noteGap: () => {
      gaps += 1;
    },
  });

const write = async (...events: readonly string[]) => {
  const changes = events.map((event) => auditChange({ at: now, realm: '/', transactionId: 't' }, event, {}));
  expect((await store.committer.commit(changes)).committed).toBe(true);
};
const names = async () =>
  (await store.auditChain.rows({ position: 0 }, 2_000)).map(({ event, seal }) => `${event?.event}${seal ? '' : '?'}`);
const verified = () => verifyStored({ chain: store.auditChain, keys: [KEY.publicKey] });

describe('the sealer of the audit trail (SEC-80)', () => {
  test('seals all there is in batches, and writes nothing where nothing happens', async () => {
    await write(...Array.from({ length: 1_001 }, (_, at) => `E${at}`));
    const sealer = sealerOf();
    await sealer.seal();
    expect(await verified()).toMatchObject({ rows: 1_002, checkpoints: 1, faults: 0 });
    let writes = 0;
    const counted = {
      ...store.auditChain,
      seal: () => {
        writes += 1;
        return store.auditChain.seal({ holder: 'a', now, limit: 1, key: KEY, transactionId: 't' });
      },
    };
    await sealerOf('a', counted).seal();
    expect(writes).toBe(0);
  });

  test('signs where the trail ends a minute after the last row, and when the server ends', async () => {
    const sealer = sealerOf();
    await write('A');
    await sealer.seal();
    now += MINUTE;
    await sealer.seal();
    await sealer.seal();
    await write('B');
    await sealer.close();
    expect(await names()).toEqual(['A', 'AUDIT_CHECKPOINT', 'B', 'AUDIT_CHECKPOINT']);
    expect(await verified()).toMatchObject({ faults: 0, checkpoints: 2 });
  });

  test('goes on behind the last batch of one that was killed, and another instance waits until it is gone', async () => {
    await write('A', 'B');
    const killed = { ...store.auditChain, seal: () => Promise.reject(new Error('killed')) };
    await expect(sealerOf('a', killed).seal()).rejects.toThrow('killed');
    expect(await names()).toEqual(['A?', 'B?']);
    await sealerOf('a').seal();
    await write('C');
    await sealerOf('b').seal();
    expect(await names()).toEqual(['A', 'B', 'C?']);
    now += 30_000;
    await sealerOf('b').seal();
    expect(await verified()).toMatchObject({ rows: 3, faults: 0 });
  });

  test('says for how long rows wait while a database cannot be written, and is degraded for that', async () => {
    await write('A');
    const full = { ...store.auditChain, seal: () => Promise.reject(new Error('disk full')) };
    const sealer = sealerOf('a', full);
    now += 6 * MINUTE;
    await expect(sealer.seal()).rejects.toThrow('disk full');
    expect(sealer.unsealedSeconds).toBe(360);
    expect(sealer.problems).toEqual(['The audit trail is not sealed.']);
  });

  test('finds a row that was changed since the last checkpoint when it begins, and says so once, in the trail, too', async () => {
    await sealerOf().seal();
    await write('A', 'B', 'C');
    await sealerOf().seal();
    await write('D');
    const rows: AuditChain['rows'] = async (behind, limit) =>
      (await store.auditChain.rows(behind, limit)).map((row) =>
        row.position === 2 && row.event ? { ...row, event: { ...row.event, event: 'CHANGED' } } : row,
      );
    const sealer = sealerOf('a', { ...store.auditChain, rows });
    await sealer.seal();
    await write('E');
    await sealer.seal();
    expect(await names()).toEqual(['A', 'B', 'C', 'D', 'AUDIT_GAP?', 'E'].map((name) => name.replace('?', '')));
    expect([gaps, logged]).toEqual([1, ['Somebody has changed the audit trail.']]);
    expect(sealer.problems).toEqual(['The audit trail is not what was sealed: see `assent audit verify`.']);
  });

  test('lets go what is older than it is kept, by whole days, and what the sink lacks stays', async () => {
    await write(...Array.from({ length: 600 }, (_, at) => `E${at}`));
    await sealerOf().seal();
    now += 400 * DAY;
    await write('NEW');
    await sealerOf().seal();
    await store.auditFeed.begin(0);
    await sealerOf('a', store.auditChain, true).trim();
    expect(await names()).toHaveLength(602);
    await sealerOf().trim();
    // Of the day that it was, 400 days ago, not all hours are over.
    expect(await names()).toHaveLength(602);
    now += DAY;
    await sealerOf().trim();
    await sealerOf().trim();
    expect(await names()).toEqual(['NEW', 'AUDIT_CHECKPOINT', 'AUDIT_TRIMMED']);
    expect(await verified()).toMatchObject({ faults: 0 });
  });
});

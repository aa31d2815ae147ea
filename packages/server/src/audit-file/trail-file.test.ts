import { auditChange } from '@assent/engine/host';
import { type CheckpointKey, checkpointKeyFrom, openMemoryStore, type Store } from '@assent/store';
import { beforeEach, describe, expect, test } from 'vitest';
import { exportedTrail } from './trail-export.ts';
import type { TrailFilter } from './trail-filter.ts';
import { NoTrailFile, type TrailFileOptions, verifyTrailFile } from './verify-trail-file.ts';

const NOW = 1_800_000_000_000;
const KEY = checkpointKeyFrom(new Uint8Array(32).fill(3));
const OTHER_KEY = checkpointKeyFrom(new Uint8Array(32).fill(4));

let store: Store;
let now: number;
beforeEach(async () => {
  store = await openMemoryStore();
  now = NOW;
});

const write = async (event: string, given: { realm?: string; userId?: string; by?: string } = {}) => {
  now += 1_000;
  const { realm = '/', userId = 'ada', by = 'test' } = given;
  const change = auditChange({ at: now, realm, transactionId: 't' }, event, { userId, detail: { by } });
  expect((await store.committer.commit([change])).committed).toBe(true);
};
const seal = (key: CheckpointKey = KEY) =>
  store.auditChain.seal({ holder: 'a', now, limit: 999, key, transactionId: 't', ends: true });
const erase = (userId: string) =>
  store.committer.commit([
    { type: 'audit.erase', userId },
    auditChange({ at: now, realm: '/', transactionId: 't' }, 'ERASE', { userId }),
  ]);

const exported = async (filter: TrailFilter = {}): Promise<string[]> => {
  const texts: string[] = [];
  for await (const text of exportedTrail({ chain: store.auditChain, filter, keys: [KEY.publicKey], now }))
    texts.push(text);
  return texts.join('').trimEnd().split('\n');
};
async function* each(lines: readonly string[]) {
  yield* lines;
}
const verified = (lines: readonly string[], options: TrailFileOptions = { keys: [KEY.publicKey] }) =>
  verifyTrailFile(each(lines), options);
const faultsOf = async (lines: readonly string[], options?: TrailFileOptions) => [
  ...new Set((await verified(lines, options)).problems.map(({ fault }) => fault)),
];
const rowsIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ format }) => format === 'assent-audit/1');

/** Ten rows of two users in two realms, with a checkpoint in the middle and one at the end. */
const filled = async () => {
  for (let at = 0; at < 5; at += 1)
    await write('LOGIN', { realm: at % 2 === 0 ? '/' : '/alpha', userId: `user-${at}` });
  await seal();
  for (let at = 0; at < 5; at += 1)
    await write('LOGOUT', { realm: at % 2 === 0 ? '/' : '/alpha', userId: `user-${at}` });
  await seal();
};

describe('an export of the audit trail (SEC-80)', () => {
  test('has every row as a sink has it, and proves itself', async () => {
    await filled();
    const lines = await exported();
    expect(lines).toHaveLength(14);
    expect(rowsIn(lines).map(({ position }) => position)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    expect(rowsIn(lines)[0]).toMatchObject({ event: 'LOGIN', detail: { by: 'test' }, previous: 'A'.repeat(43) });
    expect(await verified(lines)).toMatchObject({
      faults: 0,
      rows: 12,
      links: 0,
      checkpoints: 2,
      keys: [KEY.publicKey],
    });
  });

  test('of a trail without a sealed row is a file that proves that', async () => {
    await write('LOGIN');
    const lines = await exported();
    expect(lines).toHaveLength(2);
    expect(await verified(lines)).toMatchObject({ faults: 0, rows: 0 });
  });

  test.each<[string, TrailFilter, readonly string[]]>([
    ['a realm', { realm: '/alpha' }, ['LOGIN user-1', 'LOGIN user-3', 'LOGOUT user-1', 'LOGOUT user-3']],
    ['events', { events: ['LOGOUT'] }, [0, 1, 2, 3, 4].map((at) => `LOGOUT user-${at}`)],
    ['a user', { user: 'user-4' }, ['LOGIN user-4', 'LOGOUT user-4']],
    ['a time', { from: NOW + 2_000, to: NOW + 4_000 }, ['LOGIN user-1', 'LOGIN user-2']],
    ['nobody', { user: 'nobody' }, []],
  ])('of %s has nothing but that, what is signed, and a digest of each row between', async (_, filter, wanted) => {
    await filled();
    const lines = await exported(filter);
    const rows = rowsIn(lines).filter(({ event }) => event !== 'AUDIT_CHECKPOINT');
    expect(rows.map(({ event, userId }) => `${event} ${userId}`)).toEqual(wanted);
    const others = [0, 1, 2, 3, 4].map((at) => `user-${at}`).filter((user) => !wanted.some((it) => it.endsWith(user)));
    for (const user of others) expect(lines.join('\n')).not.toContain(user);
    const report = await verified(lines);
    expect(report.problems).toEqual([]);
    expect(report.checkpoints > 0).toBe(wanted.length > 0);
  });

  test('of one who has done it to others has those rows', async () => {
    await write('MFA_RESET', { userId: 'ada', by: 'helper' });
    await seal();
    expect(rowsIn(await exported({ user: 'helper' }))[0]).toMatchObject({ event: 'MFA_RESET', userId: 'ada' });
  });

  test('ends with the checkpoint that signs what was asked for, not with the end of the trail', async () => {
    await filled();
    expect(rowsIn(await exported({ events: ['LOGIN'] })).at(-1)).toMatchObject({
      event: 'AUDIT_CHECKPOINT',
      position: 6,
    });
  });

  test('of users who were erased says by their ERASE that nobody else has emptied it, also where that came later', async () => {
    await filled();
    await erase('user-1');
    await seal();
    for (const filter of [{}, { realm: '/' }, { user: 'user-1' }, { events: ['LOGIN'], to: NOW + 3_000 }]) {
      const lines = await exported(filter);
      expect((await verified(lines)).problems, JSON.stringify(filter)).toEqual([]);
    }
    const lines = await exported();
    expect(await verified(lines)).toMatchObject({ erased: 2, faults: 0 });
    expect(await faultsOf(lines.filter((line) => !line.includes('"ERASE"')))).toContain('missing');
  });

  test('of a trail that somebody has changed has the fault in it', async () => {
    await filled();
    const { auditChain } = store;
    const chain: typeof auditChain = {
      ...auditChain,
      rows: async (behind, limit) =>
        (await auditChain.rows(behind, limit)).map((row) =>
          row.position === 2 && row.event ? { ...row, event: { ...row.event, userId: 'somebody else' } } : row,
        ),
    };
    for (const filter of [{}, { realm: '/' }]) {
      const texts: string[] = [];
      for await (const text of exportedTrail({ chain, filter, keys: [KEY.publicKey], now })) texts.push(text);
      expect(await faultsOf(texts.join('').trimEnd().split('\n'))).toEqual(['changed']);
    }
  });

  test('holds a batch of rows at a time', async () => {
    for (let at = 0; at < 1_200; at += 1)
      await store.committer.commit([auditChange({ at: now, realm: '/', transactionId: 't' }, 'LOGIN')]);
    await store.auditChain.seal({ holder: 'a', now, limit: 2_000, key: KEY, transactionId: 't', ends: true });
    const sizes: number[] = [];
    for await (const text of exportedTrail({ chain: store.auditChain, filter: {}, keys: [], now }))
      sizes.push(text.split('\n').length - 1);
    expect(Math.max(...sizes)).toBe(500);
  });
});

describe('a file of the audit trail that somebody has kept (SEC-80)', () => {
  const change = (line: string, edit: (value: Record<string, unknown>) => void): string => {
    const value = JSON.parse(line);
    edit(value);
    return JSON.stringify(value);
  };
  const isRow = (line: string) => line.includes('"assent-audit/1"');

  test.each([
    '',
    'x',
    '{}',
    '[]',
    'null',
    '{"format":"assent-audit/1"}',
    '{"format":"assent-audit-export/1","begins":{}}',
  ])('that begins with %j is none', async (line) => {
    await expect(verified([line])).rejects.toThrow(NoTrailFile);
  });

  test('that is empty is none', async () => {
    await expect(verified([])).rejects.toThrow(NoTrailFile);
  });

  test.each([
    'id',
    'time',
    'event',
    'realm',
    'transactionId',
    'userId',
    'outcome',
    'nodeId',
    'detail',
    'salt',
    'detailHash',
    'previous',
    'hash',
    'position',
    'somethingElse',
  ])('whose row has another %s is found', async (member) => {
    await filled();
    const lines = await exported();
    const changes: Readonly<Record<string, unknown>> = {
      time: new Date(NOW).toISOString(),
      detail: { by: 'somebody else' },
      position: 90,
      detailHash: 'B'.repeat(43),
      previous: 'B'.repeat(43),
      hash: 'B'.repeat(43),
    };
    for (const at of [2, 11]) {
      const changed = lines.with(
        at,
        change(lines[at] ?? '', (row) => Object.assign(row, { [member]: changes[member] ?? 'x' })),
      );
      expect((await verified(changed)).faults, `line ${at}`).toBeGreaterThan(0);
    }
  });

  test('each line of which is taken away, doubled, moved, emptied or cut off is found', async () => {
    await filled();
    for (const lines of [await exported(), await exported({ realm: '/alpha' })]) {
      for (let at = 1; at < lines.length; at += 1) {
        const line = lines[at] ?? '';
        const without = lines.toSpliced(at, 1);
        expect((await verified(without)).faults, `taken away: ${at}`).toBeGreaterThan(0);
        expect((await verified(lines.toSpliced(at, 0, line))).faults, `doubled: ${at}`).toBeGreaterThan(0);
        if (at > 1)
          expect((await verified(without.toSpliced(at - 1, 0, line))).faults, `moved: ${at}`).toBeGreaterThan(0);
        expect((await verified(lines.with(at, line.slice(0, -9)))).faults, `cut: ${at}`).toBeGreaterThan(0);
        expect((await verified(lines.slice(0, at))).faults, `ends before ${at}`).toBeGreaterThan(0);
      }
    }
  });

  test('whose details were taken without an erasure is found', async () => {
    await filled();
    const lines = (await exported()).map((line) =>
      isRow(line) && line.includes('user-2')
        ? change(line, (row) => Object.assign(row, { detail: undefined, salt: undefined }))
        : line,
    );
    expect(await faultsOf(lines)).toEqual(['emptied']);
  });

  test('whose checkpoint somebody has made with another key is found by the key that was kept', async () => {
    for (let at = 0; at < 3; at += 1) await write('LOGIN');
    await seal(OTHER_KEY);
    const lines = await exported();
    const forged = lines.with(
      0,
      change(lines[0] ?? '', (head) => Object.assign(head, { keys: [OTHER_KEY.publicKey] })),
    );
    expect(await faultsOf(forged)).toEqual(['forged']);
    // By the file alone it cannot be told.
    expect(await verified(forged, {})).toMatchObject({ faults: 0, keys: [OTHER_KEY.publicKey] });
  });

  test('agrees with the places that were kept elsewhere, or says where it does not', async () => {
    await filled();
    const lines = await exported();
    const { to, lastCheckpoint } = await verified(lines);
    const [, checkpoint] = rowsIn(lines).filter(({ event }) => event === 'AUDIT_CHECKPOINT');
    const kept = (...places: NonNullable<TrailFileOptions['kept']>) =>
      faultsOf(lines, { keys: [KEY.publicKey], kept: places });
    const { position, hash } = checkpoint.detail;
    expect(position).toBe(lastCheckpoint?.position);
    expect(await kept({ position, hash }, to)).toEqual([]);
    expect(await kept({ position, hash: 'B'.repeat(43) })).toEqual(['changed']);
    expect(await kept({ position: 99, hash })).toEqual(['cut']);
    const later = await exported({ events: ['LOGOUT'] });
    expect(await faultsOf(later, { keys: [KEY.publicKey], kept: [{ position: 1, hash }] })).toEqual(['beginning']);
  });
});

import { execFileSync } from 'node:child_process';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeRestore } from '../testing/describe-restore.ts';
import { emptyDatabase } from '../testing/emptied-database.ts';
import { auditEvent, mustCommit, NOW, newUser, sealAll, sessionRow, takeTrail } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';
import { restorePostgresInPlace } from './restore.ts';

const masterKey = masterKeyOf('test');
const random = systemRandom;
const open = (url: string) => openPostgresStore({ url, masterKey, random, poolSize: 2 });
const options = (url: string) => ({ url, masterKey, random, now: NOW, transactionId: 't', voidCodes: false });

describeWith(['postgres'], 'a restore of PostgreSQL', () => {
  let database: TestDatabase;
  let other: TestDatabase;
  beforeAll(async () => {
    [database, other] = await Promise.all([createDatabase(), createDatabase()]);
  });
  afterAll(async () => {
    await Promise.all([database.close(), other.close()]);
  });

  describeRestore(async () => {
    const { url } = database;
    await emptyDatabase(url);
    return {
      open: () => open(url),
      restore: (choice) => restorePostgresInPlace({ ...options(url), ...choice }),
      close: async () => undefined,
    };
  });

  test('a dump that was put back is known for one, and not served on until that is said (OPS-61, REL-26)', async () => {
    await emptyDatabase(database.url);
    const store = await open(database.url);
    await mustCommit(store, newUser(), { type: 'session.insert', row: sessionRow() });
    await store.configuration.version();
    const write = (event: string) =>
      mustCommit(store, { type: 'audit.append', event: auditEvent({ event, at: NOW - 1 }) });
    await write('SENT');
    await write('NUMBERED');
    await sealAll(store);
    const had = (await store.auditFeed.next({ holder: 'a', now: NOW }, 2)) ?? [];
    await store.auditFeed.sent({ holder: 'a', now: NOW }, had[0]?.position ?? 0);
    await write('NEW');
    const dump = execFileSync('pg_dump', ['-Fc', '--no-owner', database.url], { maxBuffer: 1 << 28 });
    execFileSync('pg_restore', ['--no-owner', '-d', other.url], { input: dump });
    await expect(open(other.url)).rejects.toThrow(/put back from a backup, or copied.*assent restore --in-place/);
    await restorePostgresInPlace(options(other.url));
    const restored = await open(other.url);
    expect(await restored.identities.find('/alpha', 'demo')).toBeDefined();
    expect(await restored.sessions.get(sessionRow().tokenHash)).toBeUndefined();
    // Numbers and mark are rows like others: nothing is left out, and nothing has another number (OPS-58).
    const comes = await takeTrail(restored, { holder: 'b', now: NOW });
    expect(comes.map(({ event, position }) => [event, position])).toEqual([
      ['NUMBERED', 2],
      ['NEW', 3],
      ['RESTORE', 4],
    ]);
    expect(comes[0]).toEqual({ ...had[1], epoch: 1 + (had[1]?.epoch ?? 0) });
    await restored.close();

    // Under a server that runs, in the place of what it works on.
    execFileSync('pg_restore', ['--clean', '--if-exists', '--no-owner', '-d', database.url], { input: dump });
    await expect(store.configuration.version()).rejects.toMatchObject({
      name: 'StoreReplaced',
      message: expect.stringContaining('its tables were made anew'),
    });
    await store.close();
    await restorePostgresInPlace(options(database.url));
    await (await open(database.url)).close();
  });

  test('refuses while servers tell of themselves, and where the master key is another', async () => {
    const store = await open(database.url);
    const instance = {
      name: 'one',
      processId: 'p',
      host: 'h',
      version: '1',
      startedAt: NOW,
      configurationVersion: 1,
      facts: {},
    };
    const now = Date.now();
    await store.instances.put({ ...instance, seenAt: now });
    // Whatever time it is for whoever restores.
    for (const theirs of [now - 3_600_000, now + 3_600_000])
      await expect(restorePostgresInPlace({ ...options(database.url), now: theirs })).rejects.toThrow(
        'one on h. Stop them first',
      );
    await store.instances.put({ ...instance, seenAt: now - 31_000 });
    await store.close();
    await expect(
      restorePostgresInPlace({ ...options(database.url), masterKey: masterKeyOf('another') }),
    ).rejects.toThrow('The master key is not the one');
    await restorePostgresInPlace(options(database.url));
  });
});

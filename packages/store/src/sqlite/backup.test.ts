import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runInChild } from '../testing/processes/run-in-child.ts';
import { mustCommit, newUser } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { backupSqlite } from './backup.ts';
import { driverFor, openDatabase } from './driver.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const masterKey = masterKeyOf('test');
const random = systemRandom;
const open = (file: string) => openSqliteStore({ file, masterKey, random });

/** A copy is no database to serve on until it is put back, which would end what is looked for here. */
const openCopy = async (file: string) => {
  await expect(open(file)).rejects.toThrow('This file is a backup');
  const db = await openDatabase(file, driverFor(process.versions.node));
  db.exec('UPDATE configuration_version SET home = NULL');
  db.close();
  return open(file);
};

/** A database with a user, closed, and the name of a copy that is not there yet. */
const somebody = async () => {
  const file = scratchFile();
  const store = await open(file);
  await mustCommit(store, newUser());
  await store.close();
  return { file, to: join(dirname(file), 'copy.db') };
};

test('is one file for its user alone, that opens and holds what was there (OPS-60)', async () => {
  const { file, to } = await somebody();
  const made = await backupSqlite({ file, to, masterKey, random });
  expect(made).toMatchObject({ bytes: statSync(to).size, rows: { users: 1, phones: 0, passkeys: 0, trail: 0 } });
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(to)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  const store = await openCopy(to);
  expect(await store.identities.find('/alpha', 'demo')).toBeDefined();
  await store.close();
});

test('replaces no file unless it is told to, and never the database', async () => {
  const { file, to } = await somebody();
  writeFileSync(to, 'mine');
  await expect(backupSqlite({ file, to, random })).rejects.toMatchObject({ name: 'BackupExists' });
  expect(readFileSync(to, 'utf8')).toBe('mine');
  await backupSqlite({ file, to, random, replaces: true });
  expect(statSync(to).size).toBeGreaterThan(4096);
  const link = join(dirname(file), 'link.db');
  symlinkSync(file, link);
  for (const same of [file, link])
    await expect(backupSqlite({ file, to: same, random, replaces: true })).rejects.toThrow('is the database itself');
});

test('leaves nothing of a copy that cannot be finished', async () => {
  const { file, to } = await somebody();
  await expect(backupSqlite({ file, to, masterKey: masterKeyOf('another'), random })).rejects.toThrow(
    'The master key is not the one',
  );
  await expect(backupSqlite({ file, to: join(to, 'no', 'folder.db'), random })).rejects.toThrow('is no folder');
  const noDatabase = scratchFile();
  writeFileSync(noDatabase, 'no database at all');
  await expect(backupSqlite({ file: noDatabase, to, random })).rejects.toThrow(
    /^The backup was not made: .*not a database/,
  );
  expect(readdirSync(dirname(to)).filter((name) => name.includes('copy'))).toEqual([]);
});

test('refuses a folder that it may not write to', async () => {
  const { file } = await somebody();
  const folder = join(dirname(file), 'closed');
  mkdirSync(folder, { mode: 0o500 });
  const isRoot = process.getuid?.() === 0;
  const made = backupSqlite({ file, to: join(folder, 'copy.db'), random });
  // Whoever may do everything may do that too.
  if (isRoot) await made;
  else await expect(made).rejects.toThrow('is no folder that can be written to');
  chmodSync(folder, 0o700);
});

test('refuses a database that is damaged', async () => {
  const { file, to } = await somebody();
  // The last pages, which are those of tables and indexes.
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(8 * 4096, 7), 0, 8 * 4096, statSync(file).size - 8 * 4096);
  closeSync(handle);
  await expect(backupSqlite({ file, to, random })).rejects.toThrow(/The backup was not made/);
  expect(existsSync(to)).toBe(false);
});

test('goes on beside a server: whoever writes goes on, and what was acknowledged before is in it (OPS-60)', async () => {
  const file = scratchFile();
  const to = join(dirname(file), 'copy.db');
  const child = runInChild(new URL('../testing/processes/commit-until-killed.ts', import.meta.url), file);
  const acknowledged: string[] = [];
  let before: readonly string[] = [];
  let after = 0;
  let backup: Promise<unknown> | undefined;
  let killed: Promise<void> | undefined;
  for await (const id of child.lines) {
    acknowledged.push(id);
    if (acknowledged.length === 300) {
      before = [...acknowledged];
      backup = backupSqlite({ file, to, masterKey, random }).then(() => {
        after = acknowledged.length;
      });
    }
    // Some more once it is done: the writer was not held up for good.
    if (after > 0 && acknowledged.length >= after + 100) killed ??= child.kill();
  }
  await backup;
  await killed;
  const copy = await openCopy(to);
  const lost: string[] = [];
  for (const id of before) if ((await copy.journeySessions.get(id)) === undefined) lost.push(id);
  await copy.close();
  expect(before).toHaveLength(300);
  expect(lost).toEqual([]);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { misplacedStatements } from './sql-texts.mjs';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

test('a statement beside a driver is found, and what migrations do is not one (OPS-02)', () => {
  const root = mkdtempSync(join(tmpdir(), 'assent-sql-texts-'));
  roots.push(root);
  const write = (path: string, text: string) => {
    const file = join(root, 'packages/store/src', path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  write('migrations/0001.ts', 'CREATE TABLE session (token_hash TEXT); CREATE TABLE device (uuid TEXT)');
  write('sqlite/driver.ts', 'PRAGMA data_version');
  write('sqlite/migrate.ts', 'SELECT version FROM session');
  write('sqlite/planted.ts', "prepare('DELETE FROM session WHERE realm = ?')");
  write('sqlite/planted.test.ts', "prepare('DELETE FROM device')");
  expect(misplacedStatements(root)).toEqual([
    'packages/store/src/sqlite/planted.ts names the table session; statements belong into sql/ (OPS-02).',
  ]);
});

test('the store has none', () => {
  expect(misplacedStatements('.')).toEqual([]);
});

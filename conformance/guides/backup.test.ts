import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

// Whoever follows the guides types what stands in them: every block is run, in its order, by a shell.

const guide = new Guide('backup');
const upgrade = new Guide('upgrade');
const keys = new Guide('keys');

const lacking = ['psql', 'pg_dump', 'pg_restore'].filter((name) => spawnSync(name, ['--version']).status !== 0);

describeWith(
  ['postgres'],
  `the guides to keys, backups and upgrades`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let postgres: PostgresServer;
    let server: ServerProcess;
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      postgres = await PostgresServer.launch({ fsync: false });
      const { host, port, superuser } = postgres.address;
      server = await startServerProcess();
      await server.stop();
      cpSync(server.dataDir, join(directory, 'data'), { recursive: true });
      ({ code, printed } = await new Guide('keys', [...guide.blocks, ...upgrade.blocks]).follow({
        directory,
        env: { PGHOST: host, PGPORT: String(port), PGUSER: superuser },
      }));
    });
    afterAll(async () => {
      await Promise.all([postgres?.stop(), server?.close()]);
      rmSync(directory, { recursive: true, force: true });
    });

    test('run to their end (SEC-75, SEC-76, OPS-60, OPS-61, OPS-62, OPS-65)', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(keys.blocks.length + guide.blocks.length + upgrade.blocks.length);
      expect(printed.join('\n')).toContain('A rolling upgrade is possible');
    });

    test('replace keys, and leave the one master key that opens what there is (SEC-75)', () => {
      expect(printed[0]).toMatch(/auth-id +1 +active/);
      expect(printed[1]).toMatch(/persistent-cookie +2 {2}is in use/);
      expect(printed[2]).toContain('All keys lie under the master key');
      expect(readdirSync(join(directory, 'data')).filter((name) => name.startsWith('master.key'))).toEqual([
        'master.key',
      ]);
    });

    test('keep the database that was replaced, and leave nothing half done', () => {
      const files = readdirSync(join(directory, 'data'));
      expect(files.filter((name) => name.includes('.before-'))).toHaveLength(1);
      expect(files.filter((name) => /\.part|\.copying/.test(name))).toEqual([]);
    });

    test('name no setting that is none', () => {
      const settings = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8');
      const named = [...new Set([keys, guide, upgrade].flatMap(({ text }) => text.match(/\bASSENT_\w+/g) ?? []))];
      expect(named.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
    });
  },
  { lacking },
);

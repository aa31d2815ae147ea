import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@assent/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { ASSENT } from '../support/server-process.ts';

// Whoever follows the guide types what stands in it. systemd is not there in a container: what stands in for it starts the server by the unit
// that the guide has installed. nginx is started by its own suite, from the same file (conformance/deploy).

const ofProxies = new Guide('proxy-errors');
const guide = new Guide('production', ofProxies.blocks);
const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['--version']).status !== 0);
const stub = fileURLToPath(new URL('../support/as-systemd.mjs', import.meta.url));

describe.skipIf(missing.length > 0)(
  `the guides to one machine in production, and to errors of its proxy${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const root = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      for (const folder of ['etc/systemd/system', 'etc/nginx/conf.d', 'usr/local/sbin', 'var/lib/assent', 'lib/assent'])
        mkdirSync(join(root, folder), { recursive: true });
      symlinkSync(fileURLToPath(new URL('../../deploy', import.meta.url)), join(root, 'lib/assent/deploy'));
      const [port, management] = [await freePort(), await freePort()];
      const atFreePorts = `sed -i 's/8080/${port}/; s/9464/${management}/' ${root}/etc/assent/assent.env\necho ASSENT_DRAIN_SECONDS=0 >> ${root}/etc/assent/assent.env\n`;
      const rewrite = (block: string): string =>
        block
          .replaceAll(/ \/(etc|usr|var)\//g, ` ${root}/$1/`)
          // Paths that a command of the service is given are the machine's for it, too.
          .replaceAll(`backup ${root}`, 'backup ')
          .replaceAll('9464', String(management))
          .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
          .concat(block.includes('assent.env') ? atFreePorts : '')
          // The end of the test, which is not that of a reader.
          .concat(block === guide.blocks.at(-1) ? 'systemctl stop assent\n' : '');
      ({ code, printed } = await guide.follow({
        directory: root,
        env: { ROOT: root, ASSENT },
        commands: {
          systemctl: `"${process.execPath}" "${stub}" systemctl "$@"`,
          'systemd-run': `exec "${process.execPath}" "${stub}" systemd-run "$@"`,
          'assent-admin': `exec "${root}/usr/local/sbin/assent-admin" "$@"`,
          nginx: 'exit 0',
          npm: `echo "${root}/lib"`,
        },
        rewrite,
      }));
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    test('runs to its end', () => {
      expect(code, `${printed.join('\n')}\n${readFileSync(join(root, 'log'), 'utf8')}`).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('makes secrets that root alone reads, and leaves none in the log or in the settings', () => {
      for (const name of ['master-key', 'admin-password']) {
        const file = join(root, 'etc/assent/credentials', name);
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const secret = readFileSync(file, 'utf8').trim();
        for (const other of ['log', 'etc/assent/assent.env', 'etc/systemd/system/assent.service'])
          expect(readFileSync(join(root, other), 'utf8')).not.toContain(secret);
      }
    });

    test('serves, lists the user who was made, and is read anew by a reload', () => {
      expect(printed[2]).toContain('"status":"ready"');
      expect(printed[4]).toContain('trial');
      expect(readFileSync(join(root, 'log'), 'utf8')).toContain('were read anew');
    });

    test('tells by an answer past the proxy that the server is there, and which it is', () => {
      const [past = '', itself = ''] = printed.slice(-ofProxies.blocks.length);
      expect(past).toMatch(/^HTTP\/1\.1 200 .*\r?\n[\s\S]*^x-transaction-id: \S/m);
      expect(itself).toContain('"status":"ready"');
    });

    test('leaves a backup', () => {
      expect(statSync(join(root, 'var/lib/assent/backup.db')).size).toBeGreaterThan(10_000);
    });
  },
);

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, PostgresServer, RedisServer } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';

// Whoever follows the guide types what stands in it: every block is run, in its order, by a shell. The ports of a reader may be taken here.

const guide = new Guide('cluster');

const lacking = ['curl', 'psql', 'openssl'].filter((name) => spawnSync(name, ['--version']).status !== 0);

describeWith(
  ['postgres', 'redis', 'haproxy'],
  `the guide to several instances`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let postgres: PostgresServer;
    let redis: RedisServer;
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([
        PostgresServer.launch({ fsync: false }),
        RedisServer.launch({ kind: 'redis' }),
      ]);
      const ports = await Promise.all(['8000', '8081', '8082'].map(async (port) => [port, await freePort()] as const));
      const atFreePorts = (block: string): string =>
        ports.reduce((text, [port, free]) => text.replaceAll(port, String(free)), block);
      ({ code, printed } = await guide.follow({
        directory,
        rewrite: atFreePorts,
        env: {
          PGHOST: postgres.address.host,
          PGPORT: String(postgres.address.port),
          PGUSER: postgres.address.superuser,
          REDIS_PORT: String(redis.port),
        },
      }));
    });
    afterAll(async () => {
      await Promise.all([postgres?.stop(), redis?.stop()]);
      rmSync(directory, { recursive: true, force: true });
    });

    const log = (instance: 'one' | 'two') => readFileSync(join(directory, `${instance}.log`), 'utf8');

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('prints one password of the administrator, of two that were started at once (OPS-21)', () => {
      expect(printed.join('\n').match(/amadmin \/ \S+/g)).toHaveLength(1);
    });

    test('lists a user who was made while both served', () => {
      const [listed = ''] = printed.filter((text) => text.includes('user list') || text.includes('trial'));
      expect(listed).toContain('trial');
    });

    test('connects both to Redis, and neither tells of an error', () => {
      for (const name of ['one', 'two'] as const) {
        expect(log(name)).toContain('Redis passes on hints.');
        // On a slow machine a query may take longer than its limit.
        const errors = log(name)
          .split('\n')
          .filter((line) => /"level":"(error|fatal)"/.test(line))
          .filter((line) => !/timeout exceeded when trying to connect|Query read timeout/.test(line));
        expect(errors).toEqual([]);
      }
    });

    test('names no setting that is none', () => {
      const settings = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8');
      const named = [...new Set(guide.text.match(/\bASSENT_\w+/g))];
      expect(named.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
    });
  },
  { lacking },
);

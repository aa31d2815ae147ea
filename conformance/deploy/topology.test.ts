import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sendTrusting } from '../support/https-send.ts';
import { addUser, attributesOf } from '../support/people.ts';
import { type Send, type World, walks } from '../walks/index.ts';
import { startNginx, startPgBouncer } from './around-topology.ts';
import { DEPLOY } from './compose-file.ts';
import { Topology } from './topology.ts';

// The files of deploy/ are what is started here (OPS-70): a key, a port or a health check that does not hold shows as it would to whoever runs
// them. Each secret is made the file of the user of a container, which takes root.

const lacking = [
  ...['wget', 'openssl', 'psql'].filter((name) => spawnSync(name, ['--version']).error !== undefined),
  ...(process.getuid?.() === 0 ? [] : ['root']),
];

const walkBy = (title: RegExp) => {
  const walk = walks.find((it) => title.test(it.title));
  if (walk === undefined) throw new Error(`There is no walk ${title}.`);
  return walk;
};
/** A person who has no phone yet, and one who has. */
const REGISTERS = walkBy(/^I: an unregistered user registers/);
const APPROVES = walkBy(/^A: an approval shows at the next poll/);

describeWith(
  ['postgres', 'valkey', 'haproxy', 'nginx', 'pgbouncer'],
  'the services of compose.yaml',
  () => {
    let topology: Topology;
    beforeAll(async () => {
      topology = await Topology.prepare();
      await topology.up();
    });
    afterAll(() => topology?.close());

    const send = (): Send => sendTrusting(topology.authority);
    const world = (by: Send = send()): World => {
      const at = {
        am: topology.am,
        send: by,
        administrator: { name: 'amadmin', password: topology.secret('admin-password') },
      };
      return {
        ...at,
        now: () => Date.now(),
        pass: async () => {},
        createUser: (username, password, realm) => addUser(at, username, password, realm),
        attributes: (username, realm) => attributesOf(at, username, realm),
        log: async () => [],
      };
    };

    test('let a person without a phone register one and sign in with it', () => REGISTERS.go(world(), 'PushLogin'));

    test('send whoever comes by http to https, and tell instances who it is', async () => {
      const plain = await fetch(`http://localhost:${topology.portOf('haproxy:8080')}/am/login`, { redirect: 'manual' });
      expect([plain.status, plain.headers.get('location')?.startsWith('https://')]).toEqual([308, true]);
      const { status, headers } = await send()({ method: 'GET', url: `${topology.am}/health/ready` });
      expect([status, headers['x-assent-forwarded']]).toEqual([200, 'believed']);
      expect(headers['strict-transport-security']).toContain('max-age=31536000');
    });

    test('hear of each other by Valkey, whose user may do that and nothing else', async () => {
      for (const name of ['assent-1', 'assent-2']) {
        const answer = await fetch(`http://127.0.0.1:${topology.portOf(`${name}:9464`)}/health/ready`);
        expect(await answer.json()).toMatchObject({ status: 'ready', degraded: [] });
      }
      const cli = ['--tls', '--cacert', topology.compose.secretFile('internal-authority'), '--no-auth-warning'];
      const as = (...words: string[]) =>
        spawnSync(findProgram('valkey-cli') ?? '', ['-p', String(topology.portOf('valkey:6379')), ...cli, ...words], {
          encoding: 'utf8',
        });
      const assent = ['--user', 'assent', '--pass', topology.secret('valkey-password')];
      expect(as(...assent, 'SET', 'a', 'b').stdout).toContain('NOPERM');
      expect(as(...assent, 'PUBLISH', 'other', 'x').stdout).toContain('NOPERM');
      expect(as('PUBLISH', 'assent:hints', 'x').stdout).toContain('NOPERM');
    });

    test('keep everybody from the database who has no TLS, or another name', async () => {
      const port = topology.portOf('postgres:5432');
      const password = topology.secret('database-password');
      const connected = async (config: pg.ClientConfig) => {
        const client = new pg.Client({
          host: 'localhost',
          port,
          database: 'assent',
          user: 'assent',
          password,
          ...config,
        });
        await client.connect().finally(() => client.end());
      };
      const ssl = { ca: topology.secret('internal-authority') };
      await connected({ ssl });
      await expect(connected({})).rejects.toThrow('no encryption');
      await expect(connected({ ssl, user: 'postgres' })).rejects.toThrow('no pg_hba.conf entry');
      expect(
        topology.query("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'assent'"),
      ).toBe('f');
    });

    test('have secrets that the user of their container alone reads', () => {
      const { services } = topology.compose;
      const mounted = Object.values(services).flatMap(({ user, secrets = [] }) =>
        secrets.map((name) => ({ user, name })),
      );
      for (const { user = '99:99', name } of mounted) {
        const { uid, gid, mode } = statSync(topology.compose.secretFile(name));
        const expected = name === 'internal-authority' ? [0o444] : [0o400, user];
        expect([mode & 0o777, `${uid}:${gid}`].slice(0, expected.length), name).toEqual(expected);
      }
    });

    test('write no file where they work (OPS-36)', () => {
      for (const name of ['assent-1', 'assent-2', 'migrate', 'valkey', 'haproxy'])
        expect(topology.written(name), name).toEqual([]);
    });

    test('have what the probes of kubernetes ask for', async () => {
      const deployment = parse(readFileSync(join(DEPLOY, 'kubernetes/base/deployment.yaml'), 'utf8'));
      const [container] = deployment.spec.template.spec.containers;
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const { path } = container[probe].httpGet;
        const { status } = await fetch(`http://127.0.0.1:${topology.portOf('assent-1:9464')}${path}`);
        expect([path, status]).toEqual([path, 200]);
      }
    });

    test('serve behind nginx by deploy/nginx, too', async () => {
      const { server, am } = await startNginx(topology);
      // The public URL stays that of HAProxy, as it does for whoever changes the proxy.
      const byNginx: Send = (request) => send()({ ...request, url: request.url.replace(topology.am, am) });
      await APPROVES.go(world(byNginx), 'PushLogin');
      const { headers } = await send()({ method: 'GET', url: `${am}/health/ready` });
      expect(headers['x-assent-forwarded']).toBe('believed');
      await server.stop();
    });

    test('work through PgBouncer by deploy/pgbouncer, with no password in its files', async () => {
      topology.query("ALTER ROLE assent SET statement_timeout = '2s'; ALTER ROLE assent SET lock_timeout = '1s'");
      const { server, port } = await startPgBouncer(
        topology,
        topology.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'assent'"),
      );
      const url = topology.environmentOf('assent-1').ASSENT_DATABASE_URL ?? '';
      const through = {
        ASSENT_DATABASE_URL: url.replace(/:\d+\//, `:${port}/`),
        ASSENT_DATABASE_POOLER: 'transaction',
      };
      const { isWell, said } = await topology.command(['instances', '--json'], through);
      expect(said, server.log).toContain('"two"');
      expect(isWell).toBe(true);
      await server.stop();
    });
  },
  { lacking },
);

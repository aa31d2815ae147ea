import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findProgram } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METRICS } from '../telemetry/metric-table.ts';
import { inject } from '../testing/inject.ts';
import { restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

// What operators are told of a server that people sign in to, read as Prometheus reads it.

let server: SteeredServer;
let at = '';
let text = '';

const read = async () => {
  text = await (await fetch(`${at}/metrics`)).text();
};
/** The value of a line, by its labels as they stand there. */
const told = (name: string, labels = ''): number | undefined => {
  const start = `${name}${labels === '' ? '' : `{${labels}}`} `;
  const line = text.split('\n').find((it) => it.startsWith(start));
  return line === undefined ? undefined : Number(line.slice(start.length));
};

beforeAll(async () => {
  server = await steeredServer({ port: 0, managementPort: 0 });
  await server.assent.listen();
  const opened = server.logged().find(({ msg }) => msg === 'The management port is open.');
  at = `http://127.0.0.1:${opened?.port}`;
  const rest = restClient(server);
  const { name, password } = TEST_ADMINISTRATOR;
  await signIn(rest, '/', name, password);
  await signIn(rest, '/', name, 'wrong');
  await signIn(rest, '/', 'nobody', 'wrong');
  await read();
});
afterAll(() => server?.assent.stop());

test('every metric that is declared is told, by its kind and in its words, and none beside them (OPS-54)', () => {
  const kinds = [...text.matchAll(/^# TYPE (assent_\w+) (\w+)$/gm)].map(([, name, kind]) => `${name} ${kind}`);
  expect(kinds.toSorted()).toEqual(
    Object.values(METRICS)
      .map(({ name, kind }) => `${name} ${kind}`)
      .toSorted(),
  );
  for (const { name, help } of Object.values(METRICS)) expect(text).toContain(`# HELP ${name} ${help}\n`);
});

test('sign-ins are counted once each, by how they ended (OPS-54, REL-27)', () => {
  const login = 'realm="/",tree="Login"';
  expect(told('assent_journeys_started_total', login)).toBe(3);
  expect(told('assent_journey_ends_total', `${login},outcome="success"`)).toBe(1);
  expect(told('assent_journey_ends_total', `${login},outcome="failure"`)).toBe(2);
  expect(told('assent_journey_duration_seconds_count', 'tree="Login",outcome="success"')).toBe(1);
  expect(told('assent_sessions_created_total', 'realm="/"')).toBe(1);
  expect(told('assent_password_checks_total', 'realm="/",outcome="right"')).toBe(1);
  expect(told('assent_password_checks_total', 'realm="/",outcome="wrong"')).toBe(2);
  expect(told('assent_password_hash_seconds_count')).toBeGreaterThanOrEqual(3);
  expect(told('assent_node_outcomes_total', 'node_type="DataStoreDecisionNode",outcome="true"')).toBe(1);
  expect(told('assent_node_outcomes_total', 'node_type="DataStoreDecisionNode",outcome="false"')).toBe(2);
  expect(told('assent_store_commits_total', 'outcome="applied"')).toBeGreaterThanOrEqual(3);
  expect(told('assent_store_reads_total', 'reader="identities.find"')).toBeGreaterThanOrEqual(1);
  expect(told('assent_audit_rows_total')).toBeGreaterThanOrEqual(6);
});

const PROMTOOL = findProgram('promtool');
const lacking = PROMTOOL === undefined ? ['promtool (Debian: promtool)'] : [];

describeWith(
  [],
  'OPS-54: promtool',
  () => {
    test('finds no fault in what is told', () => {
      const { status, stdout, stderr } = spawnSync(PROMTOOL ?? '', ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
      });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
    });
  },
  { lacking },
);

test('rules and dashboard name nothing of the process that is not told (OPS-55, REL-27)', () => {
  const named = ['recording.yaml', 'alerts.yaml', 'dashboard.json'].flatMap((name) => {
    const file = new URL(`../../../../deploy/prometheus/${name}`, import.meta.url);
    return readFileSync(file, 'utf8').match(/\b(?:process|nodejs)_\w+/g) ?? [];
  });
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => told(name) === undefined)).toEqual([]);
});

test('what there is, is read when it is asked for', async () => {
  expect(told('assent_instances')).toBe(1);
  expect(told('assent_ready')).toBe(1);
  expect(told('assent_hint_bus_up')).toBe(1);
  expect(told('assent_clock_offset_seconds')).toBe(0);
  expect(told('assent_streams_open', 'kind="wait"')).toBe(0);
  expect(told('assent_configuration_version')).toBe(server.assent.configuration.version);
  expect(told('assent_outbox_messages', 'kind="mail",state="waiting"')).toBeUndefined();
  await server.assent.store.committer.commit([
    { type: 'outbox.put', entry: { id: 'x', kind: 'mail', realm: '/', recipient: 'smtp', payload: '{}' } },
  ] as never);
  // An answer is remembered.
  server.clock.advance(600_000);
  await read();
  expect(told('assent_outbox_messages', 'kind="mail",state="waiting"')).toBe(1);
});

test('no user, device, address, token or id is in any label (OPS-54, SEC-84)', () => {
  for (const secret of ['amadmin', 'nobody', '127.0.0.1', TEST_ADMINISTRATOR.password]) {
    const lines = text.split('\n').filter((line) => line.includes(`"${secret}`));
    expect(lines).toEqual([]);
  }
});

test('a page that is only looked at counts as no journey and no node: it leaves nothing behind (OPS-54)', async () => {
  const counts = () => text.split('\n').filter((line) => /^assent_(?:node_outcomes|journeys_started)_total/.test(line));
  const before = counts();
  const { statusCode } = await inject(server.assent, {
    method: 'GET',
    url: '/am/login?service=Login',
    headers: { host: 'localhost:0', 'accept-language': 'en' },
  });
  expect(statusCode).toBe(200);
  await read();
  expect(counts()).toEqual(before);
});

test('an instance that is about to stop is not ready (OPS-53, OPS-55)', async () => {
  server.assent.health.drain();
  await read();
  expect(told('assent_ready')).toBe(0);
  const answer = await fetch(`${at}/health/ready`);
  expect(answer.status).toBe(503);
});

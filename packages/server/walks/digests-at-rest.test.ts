import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterEach, expect, test } from 'vitest';
import { restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

/** Short enough to be found in a moment, by whoever has something fast to compare with. */
const PASSWORD = 'tulip-17';
const LOGIN = '/authenticate?authIndexType=service&authIndexValue=TwoSteps';
const nodes = {
  name: { nodeType: 'UsernameCollectorNode', connections: { outcome: 'password' } },
  password: { nodeType: 'PasswordCollectorNode', connections: { outcome: 'ask' } },
  ask: { nodeType: 'MessageNode', connections: { true: 'check', false: 'check' } },
  check: {
    nodeType: 'DataStoreDecisionNode',
    connections: {
      true: '70e691a5-1e33-4ac3-a356-e7b6d60d92e0',
      false: 'e301438c-0bd0-429c-ab0c-66126501069a',
    },
  },
};

const dirs: string[] = [];
const servers: SteeredServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.assent.stop();
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

const started = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-digests-'));
  dirs.push(dataDir);
  const server = await steeredServer({ port: 18_479, dataDir });
  servers.push(server);
  await server.createUser('/', 'typist', PASSWORD);
  const tree = treeDocument.parse({ entryNodeId: 'name', nodes });
  const documents = Object.entries(nodes).map(([id, { nodeType: type }]) => [id, { id, type, config: {} }]);
  await configuring(server.assent.store).publishTree({
    realm: '/',
    name: 'TwoSteps',
    tree,
    nodes: Object.fromEntries(documents),
  });
  await server.assent.configuration.refresh();
  return { server, dataDir, rest: restClient(server) };
};

const textsOf = (body: unknown, callbacks: unknown): readonly string[] => [
  PASSWORD,
  `typist${PASSWORD}`,
  `typist:${PASSWORD}`,
  JSON.stringify(body),
  JSON.stringify(callbacks),
  // As the engine has them: without what only the wire needs.
  JSON.stringify([{ type: 'PasswordCallback', input: { '': PASSWORD } }]),
];

const digestsOf = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) =>
    ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
      (['hex', 'base64', 'base64url'] as const).map((encoding) =>
        createHash(algorithm).update(text).digest(encoding).slice(0, 16),
      ),
    ),
  );

test('no file holds a fast digest of a password that was typed, nor the password (A5, SEC-55)', async () => {
  const { server, dataDir, rest } = await started();
  const first = (await rest('POST', LOGIN, { body: {} })).body;
  const answering = (step: Readonly<Record<string, unknown>>, value: string) => ({
    authId: step.authId,
    callbacks: (step.callbacks as { input: object[] }[]).map((callback) => ({
      ...callback,
      input: callback.input.map((input) => ({ ...input, value })),
    })),
  });
  const second = (await rest('POST', LOGIN, { body: answering(first, 'typist') })).body;
  const body = answering(second, PASSWORD);
  const third = await rest('POST', LOGIN, { body });
  expect(third.body.callbacks).toBeDefined();
  expect((await rest('POST', LOGIN, { body })).body).toEqual(third.body);

  const written = readdirSync(dataDir)
    .map((name) => readFileSync(join(dataDir, name)))
    .map((bytes) => bytes.toString('latin1'))
    .join('\n');
  const found = [PASSWORD, ...digestsOf(textsOf(body, body.callbacks))].filter((digest) => written.includes(digest));
  expect(found).toEqual([]);
  expect(server.logged().filter((line) => JSON.stringify(line).includes(PASSWORD))).toEqual([]);
});

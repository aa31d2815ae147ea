import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCatalogue } from '@assent/nodes';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ShippedNode, toPublishedTree } from '../src/journeys/shipped-journey.ts';
import { type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

const GUIDE = readFileSync(new URL('../../../docs/guides/leaving-pingam.md', import.meta.url), 'utf8');
/** What the guide puts into `texts/en.json`. */
const FILE = /```json\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '';
const texts = JSON.parse(FILE) as Readonly<Record<string, string>>;

let dataDir: string;
let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-words-'));
  mkdirSync(join(dataDir, 'texts'));
  writeFileSync(join(dataDir, 'texts/en.json'), FILE);
  server = await steeredServer({ port: 18_491, dataDir });
  rest = restClient(server);
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shownBy = async (type: string, config: ShippedNode['config'] = {}, language = 'en-GB'): Promise<string> => {
  const nodes = { node: { type, displayName: type, config } };
  const journey = { name: `Shows-${type}`, description: '', entry: 'node', nodes };
  await configuring(server.assent.store).publishTree(toPublishedTree('/', journey));
  await server.assent.configuration.refresh();
  const { body } = await rest('POST', `/authenticate?authIndexType=service&authIndexValue=${journey.name}`, {
    body: {},
    headers: { 'accept-language': language },
  });
  return JSON.stringify(body.callbacks);
};

describe('words that clients of AM look for (B8)', () => {
  test('are put in place by the file of the guide: a server that starts with it shows them', async () => {
    expect(await shownBy('PushWaitNode')).toContain(texts['PushWaitNode.waiting']);
    expect(await shownBy('GetAuthenticatorAppNode')).toContain('The app is in the ');
  });

  test('are those of the file’s language alone, and after those that the node says itself', async () => {
    expect(await shownBy('PushWaitNode', {}, 'de')).toContain('Warten auf Ihr');
    const own = { waitingMessage: { en: 'Look at your phone' } };
    expect(await shownBy('PushWaitNode', own)).toContain('Look at your phone');
  });

  test('have the keys that the guide names', () => {
    const named = [...GUIDE.matchAll(/`(\w+Node)\.(\w+)`/g)].map(([, type = '', id = '']) => ({ type, id }));
    expect(named.length).toBeGreaterThan(10);
    const missing = named.filter(({ type, id }) => !Object.hasOwn(nodeCatalogue.get(type)?.texts ?? {}, id));
    expect(missing).toEqual([]);
  });
});

import { memoryIdentities, memoryLog, runNode, seededRandom, testRealm } from '@assent/engine/testing';
import { nodeCatalogue } from '@assent/nodes';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { scriptsAdapter } from './scripts-adapter.ts';
import { testScript } from './testing/run-script.ts';

const sandbox = new Sandbox({ workers: 1, limits: { cpuMillis: 1_000 }, killMillis: 20_000 });
afterAll(() => sandbox.close());

const configProvider = nodeCatalogue.get('ConfigProviderNode');
const setCustomCookie = nodeCatalogue.get('SetCustomCookieNode');

const provide = async (source: string, evaluatorVersion: '1.0' | '2.0') => {
  if (configProvider === undefined || setCustomCookie === undefined) throw new TypeError('The catalogue lacks a node.');
  const script = testScript('s1', 'Make settings', source, { evaluatorVersion });
  const ports = {
    scripts: scriptsAdapter({
      configuration: { script: () => script, scripts: () => [] },
      sandbox,
      random: seededRandom(3),
    })({ realm: testRealm() } as never),
    identities: memoryIdentities({ demo: { theme: ['dark'] } }),
  };
  const log = memoryLog();
  const { action, journey } = await runNode(
    configProvider as never,
    {
      config: { nodeType: 'SetCustomCookieNode', script: 's1' },
      ports,
      children: [{ id: 'x', definition: setCustomCookie, config: { name: 'x', value: 'x' } }],
      state: { username: 'demo' },
      log,
    } as never,
  );
  return { action, cookies: journey.cookies, log: log.lines.map(({ msg }) => msg) };
};

test.each([
  [
    '1.0',
    `config = { name: 'theme', value: idRepository.getAttribute(nodeState.get('username').asString(), 'theme').iterator().next(), maxAge: '60' };`,
  ],
  [
    '2.0',
    `var config = { name: 'theme', value: idRepository.getIdentity(nodeState.get('username')).getAttributeValues('theme')[0], maxAge: 60 };`,
  ],
] as const)('a script of engine %s makes settings out of state and of users', async (engine, source) => {
  expect(await provide(source, engine)).toMatchObject({
    action: { outcome: 'outcome' },
    cookies: [{ name: 'theme', value: 'dark', maxAgeSeconds: 60 }],
  });
});

test.each([
  [`config = 'theme';`, 'set no map "config"'],
  [`config = null;`, 'set no map "config"'],
  [`outcome = 'true';`, 'set no map "config"'],
  [`config = {}; config.self = config;`, 'failed'],
  [`\nmissing();`, 'failed at line 2'],
])('%s is no configuration', async (source, reason) => {
  const { action, log } = await provide(source, '1.0');
  expect(action).toMatchObject({ outcome: 'CONFIGURATION_FAILED' });
  expect(log.at(-1)).toContain(reason);
});

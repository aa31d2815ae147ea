import { fakeRequest, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { deviceProfileCollector } from './device-profile-collector.node.ts';

const profile = { identifier: 'abc', metadata: { platform: {} }, location: { latitude: 1, longitude: 2 } };
const answer = async (text: string, config = {}) => (await runNode(deviceProfileCollector, { config })).again([text]);

test.each([['three'], [''], ['-1'], ['1e3']])('refuses %j as maximum size', async (maximumSize) => {
  await expect(runNode(deviceProfileCollector, { config: { maximumSize } })).rejects.toThrow('maximumSize');
});

test('refuses an unknown locale in its message', async () => {
  const config = { message: { 'not-a-locale': 'x' } };
  await expect(runNode(deviceProfileCollector, { config })).rejects.toThrow('Invalid locale provided');
});

describe('an answer that is no profile ends the journey', () => {
  test.each([
    ['a profile without identifier', '{"metadata":{}}'],
    ['an identifier that is no text', '{"identifier":7}'],
    ['an empty identifier', '{"identifier":""}'],
    ['no JSON', 'hello'],
    ['no object', '"abc"'],
    ['a list', '[{"identifier":"abc"}]'],
    ['null', 'null'],
    [
      'a profile that no store could write, so deep is it (SEC-94)',
      `{"identifier":"abc","metadata":${'['.repeat(1_400)}${']'.repeat(1_400)}}`,
    ],
  ])('%s', async (_what, text) => {
    await expect(answer(text)).rejects.toThrow(/^Device Identifier is not captured$/);
  });

  test('a profile that is too large, counted in bytes', async () => {
    const large = JSON.stringify({ identifier: 'é'.repeat(600) });
    await expect(answer(large, { maximumSize: '1' })).rejects.toThrow(/^Captured data exceed maximum accepted size$/);
    await expect(answer(large, { maximumSize: '1.5' })).resolves.toMatchObject({ action: { outcome: 'outcome' } });
  });
});

test('asks again, for ever, when nothing comes back', async () => {
  const first = await runNode(deviceProfileCollector, {});
  expect((await first.again([''])).callbacks).toEqual(first.callbacks);
});

test.each([
  [{}, { metadata: true, location: false, message: '' }],
  [
    { deviceMetadata: false, deviceLocation: true },
    { metadata: false, location: true, message: '' },
  ],
  [{ message: { fr: 'Un instant', de: 'Moment' } }, { metadata: true, location: false, message: 'Un instant' }],
])('with settings %j asks for %j', async (config, output) => {
  const { callbacks } = await runNode(deviceProfileCollector, { config, request: fakeRequest({ locales: ['es'] }) });
  expect(callbacks).toMatchObject([{ type: 'DeviceProfileCallback', output }]);
});

test('keeps the profile in shared state, and tells the audit nothing of what is in it', async () => {
  const { action, shared } = await answer(JSON.stringify(profile));
  expect(action).toEqual({ kind: 'goTo', outcome: 'outcome', detail: { hasLocation: true } });
  expect(shared['forgeRock.device.profile']).toEqual(profile);
});

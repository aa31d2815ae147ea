import { totp } from '@assent/factors';
import { parseOathUri } from '@assent/push/protocol';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

let server: SteeredServer;
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';

beforeAll(async () => {
  server = await steeredServer({ port: 18_460 });
  const node = (id: string, nodeType: string, connections: Record<string, string>) =>
    [id, { displayName: id, nodeType, connections }] as const;
  const config = (id: string, type: string, given = {}) => [id, { id, type, config: given }] as const;
  await configuring(server.assent.store).publishTree({
    realm: '/',
    name: 'Otp',
    tree: {
      entryNodeId: 'name',
      enabled: true,
      nodes: Object.fromEntries([
        node('name', 'UsernameCollectorNode', { outcome: 'verify' }),
        node('verify', 'OathTokenVerifierNode', {
          successOutcome: SUCCESS,
          failureOutcome: FAILURE,
          notRegisteredOutcome: 'register',
        }),
        node('register', 'OathRegistrationNode', { successOutcome: 'prove', failureOutcome: FAILURE }),
        node('prove', 'OathTokenVerifierNode', {
          successOutcome: 'store',
          failureOutcome: FAILURE,
          notRegisteredOutcome: FAILURE,
        }),
        node('store', 'OathDeviceStorageNode', { successOutcome: SUCCESS, failureOutcome: FAILURE }),
      ]),
    } as never,
    nodes: Object.fromEntries([
      config('name', 'UsernameCollectorNode'),
      config('verify', 'OathTokenVerifierNode'),
      config('register', 'OathRegistrationNode', { postponeDeviceProfileStorage: true }),
      config('prove', 'OathTokenVerifierNode'),
      config('store', 'OathDeviceStorageNode'),
    ]),
  });
  await server.assent.configuration.refresh();
});
afterAll(() => server.assent.stop());

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks: { type: string; output: { value: unknown }[]; input?: { name: string; value: unknown }[] }[];
}

const post = async (body: object = {}): Promise<Step> => {
  const reply = await inject(server.assent, {
    method: 'POST',
    url: '/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=Otp',
    headers: { 'accept-api-version': 'resource=2.1, protocol=1.0', host: 'localhost:18460' },
    payload: body,
  });
  return reply.json();
};
const answer = (step: Step, ...values: readonly unknown[]): Promise<Step> => {
  const fields = step.callbacks.filter(({ type }) => type === 'NameCallback' || type === 'ConfirmationCallback');
  for (const [at, { input }] of fields.entries()) if (input?.[0]) input[0].value = values[at];
  return post(step);
};

test('a generator is registered, proven and stored, signs in once for each password, and lets nobody replay one', async () => {
  let step = await answer(await post(), 'demo');
  const uri = step.callbacks
    .flatMap(({ output }) => output)
    .find(({ value }) => /^otpauth:/.test(String(value)))?.value;
  const scanned = parseOathUri(String(uri));
  if (!scanned.ok) throw new Error(scanned.reason);
  const { secret } = scanned.value.oath;
  const code = () => totp({ secret, digits: 6, intervalSeconds: 30, atMillis: server.clock.now() });

  step = await answer(await answer(step, 0), code(), 0);
  expect(step.tokenId).toEqual(expect.any(String));
  expect((await server.attributes('/', 'demo')).oath2faEnabled).toEqual(['2']);

  expect((await answer(await answer(await post(), 'demo'), code(), 0)).tokenId).toBeUndefined();
  server.clock.advance(30_000);
  expect((await answer(await answer(await post(), 'demo'), code(), 0)).tokenId).toEqual(expect.any(String));
  expect((await answer(await answer(await post(), 'demo'), code(), 0)).tokenId).toBeUndefined();
});

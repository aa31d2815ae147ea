import { parseCombinedUri } from '@assent/push/protocol';
import { TestPhone } from '@assent/push/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
beforeAll(async () => {
  server = await steeredServer({ port: 18_461 });
  rest = restClient(server);
  await publishTree(server, 'Both', {
    name: ['UsernameCollectorNode', { outcome: 'register' }],
    register: [
      'CombinedMultiFactorRegistrationNode',
      { successOutcome: 'display', failureOutcome: FAILURE, timeoutOutcome: FAILURE },
    ],
    display: ['RecoveryCodeDisplayNode', { outcome: SUCCESS }],
  });
  for (const recoveryCodeType of ['PUSH', 'OATH']) {
    await publishTree(server, recoveryCodeType, {
      name: ['UsernameCollectorNode', { outcome: 'code' }],
      code: ['RecoveryCodeCollectorDecisionNode', { true: SUCCESS, false: FAILURE }, { recoveryCodeType }],
    });
  }
});
afterAll(() => server?.assent.stop());

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks: { type: string; output: { value: unknown }[]; input?: { name: string; value: unknown }[] }[];
}
const post = async (tree: string, body: object = {}): Promise<Step> => {
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  const path = `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  return (await rest('POST', path, { body, headers })).body as unknown as Step;
};
/** Answers the first callback that asks for something. */
const answer = (tree: string, step: Step, value: string): Promise<Step> => {
  const input = step.callbacks.find((callback) => callback.input !== undefined)?.input?.[0];
  if (input) input.value = value;
  return post(tree, step);
};
const textsOf = (step: Step) => step.callbacks.flatMap(({ output }) => output.map(({ value }) => String(value)));

/** Registers a phone for both, and signs in; the codes that were shown. */
const register = async (username: string): Promise<readonly string[]> => {
  const step = await answer('Both', await post('Both'), username);
  const scanned = parseCombinedUri(textsOf(step).find((text) => text.startsWith('mfauth:')) ?? '');
  if (!scanned.ok) throw new Error(scanned.reason);
  const registerUrl = new URL(scanned.value.push.registerUrl);
  const reply = await inject(server.assent, {
    method: 'POST',
    url: `${registerUrl.pathname}${registerUrl.search}`,
    headers: { host: registerUrl.host },
    payload: new TestPhone().registration(scanned.value.push),
  });
  expect(reply.statusCode).toBe(200);
  const shown = await post('Both', step);
  expect((await post('Both', shown)).tokenId).toEqual(expect.any(String));
  return [
    ...new Set(
      textsOf(shown)
        .join('\n')
        .match(/\b(?:[0-9A-Z]{4}-?){3}[0-9A-Z]{4}\b/g),
    ),
  ];
};
const signInWith = async (type: string, username: string, code: string) =>
  (await answer(type, await answer(type, await post(type), username), code)).tokenId;

test('one code registers both, and a recovery code is used up for both at once (nodes-mfa §8.2, 8)', async () => {
  await server.createUser('/', 'both', 'correct horse');
  const [first = '', second = '', ...others] = await register('both');
  expect(others).toHaveLength(8);
  expect(await server.attributes('/', 'both')).toMatchObject({ push2faEnabled: ['2'], oath2faEnabled: ['2'] });

  expect(await signInWith('PUSH', 'both', first)).toEqual(expect.any(String));
  expect(await signInWith('OATH', 'both', first)).toBeUndefined();
  expect(await signInWith('OATH', 'both', second)).toEqual(expect.any(String));
  expect(await signInWith('PUSH', 'both', second)).toBeUndefined();
});

test('the generator is listed without its secret, kept from strangers, and goes without the phone', async () => {
  await server.createUser('/', 'owner', 'correct horse');
  await register('owner');
  const administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const path = '/users/owner/devices/2fa';
  const list = async (type: string) =>
    (await rest('GET', `${path}/${type}?_queryFilter=true`, { token: administrator })).body.result as {
      readonly uuid: string;
    }[];
  const [device] = await list('oath');
  expect(Object.keys(device ?? {}).sort()).toEqual(
    ['_id', '_rev', 'createdDate', 'deviceManagementStatus', 'deviceName', 'lastAccessDate', 'uuid'].sort(),
  );
  expect((await rest('DELETE', `${path}/oath/${device?.uuid}`)).status).toBe(401);
  const skip = { token: administrator, body: { value: true } };
  expect((await rest('POST', `${path}/oath?_action=skip`, skip)).status).toBe(403);

  const away = { token: administrator, headers: { 'x-assent-reason': 'request 4711' } };
  expect((await rest('DELETE', `${path}/oath/${device?.uuid}`, away)).status).toBe(200);
  expect(await list('oath')).toEqual([]);
  expect(await list('push')).toHaveLength(1);
  expect((await rest('DELETE', `${path}/oath/${device?.uuid}`, away)).status).toBe(404);

  expect((await rest('POST', `${path}/oath?_action=skip`, skip)).status).toBe(200);
  const check = { token: administrator, body: {} };
  expect((await rest('POST', `${path}/oath?_action=check`, check)).body).toEqual({ result: true });
  const reset = { token: administrator, body: { reason: 'request 4711' } };
  expect((await rest('POST', `${path}/oath?_action=reset`, reset)).body).toEqual({ result: true });
  expect((await rest('POST', `${path}/oath?_action=check`, check)).body).toEqual({ result: false });
});

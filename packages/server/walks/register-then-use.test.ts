import { parseRegistrationUri } from '@assent/push/protocol';
import { TestPhone } from '@assent/push/testing';
import { URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 18_467 });
  rest = restClient(server);
  await publishTree(server, 'Generator', {
    name: ['UsernameCollectorNode', { outcome: 'verify' }],
    verify: [
      'OathTokenVerifierNode',
      {
        successOutcome: SUCCESS,
        failureOutcome: FAILURE,
        notRegisteredOutcome: 'register',
        recoveryCodeOutcome: FAILURE,
      },
      { algorithm: 'TOTP' },
    ],
    register: [
      'OathRegistrationNode',
      { successOutcome: 'verify', failureOutcome: FAILURE },
      { algorithm: 'TOTP', generateRecoveryCodes: false },
    ],
  });
  await publishTree(server, 'Phone', {
    name: ['UsernameCollectorNode', { outcome: 'send' }],
    send: ['PushAuthenticationSenderNode', { SENT: 'wait', NOT_REGISTERED: 'register', SKIPPED: FAILURE }],
    register: [
      'PushRegistrationNode',
      { successOutcome: 'send', failureOutcome: FAILURE, timeoutOutcome: FAILURE },
      { generateRecoveryCodes: false },
    ],
    wait: ['PushWaitNode', { DONE: FAILURE, EXITED: FAILURE, SPAM: FAILURE }],
  });
});
afterAll(() => server?.assent.stop());

interface Step {
  readonly callbacks: { type: string; output: { value: unknown }[]; input?: { name: string; value: unknown }[] }[];
}

const post = async (tree: string, body: object = {}): Promise<Step> => {
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  const path = `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  return (await rest('POST', path, { body, headers })).body as unknown as Step;
};

const registering = async (tree: string, username: string): Promise<Step> => {
  await server.createUser('/', username, 'correct horse');
  const step = await post(tree);
  const [input] = step.callbacks[0]?.input ?? [];
  if (input !== undefined) input.value = username;
  return post(tree, step);
};

const textWith = (step: Step, beginning: string): string =>
  step.callbacks
    .flatMap(({ output }) => output.map(({ value }) => String(value)))
    .find((text) => text.startsWith(beginning)) ?? '';

describe('what a node has registered, the next node of the same unit of work uses (B1)', () => {
  test('a generator is asked for its code, not registered again', async () => {
    const step = await registering('Generator', 'generator');
    const uri = textWith(step, 'otpauth:');
    expect(() => URI.parse(uri)).not.toThrow();
    const next = await post('Generator', step);
    expect(textWith(next, 'otpauth:')).toBe('');
    expect(next.callbacks.map(({ type }) => type)).toContain('NameCallback');
  });

  test('a phone rings, and is not registered again', async () => {
    const step = await registering('Phone', 'phone');
    const scanned = parseRegistrationUri(textWith(step, 'pushauth:'));
    if (!scanned.ok) throw new Error(scanned.reason);
    const registerUrl = new URL(scanned.value.registerUrl);
    const reply = await inject(server.assent, {
      method: 'POST',
      url: `${registerUrl.pathname}${registerUrl.search}`,
      headers: { host: registerUrl.host },
      payload: new TestPhone().registration(scanned.value),
    });
    expect(reply.statusCode).toBe(200);
    const next = await post('Phone', step);
    expect(textWith(next, 'pushauth:')).toBe('');
    expect(next.callbacks.map(({ type }) => type)).toContain('PollingWaitCallback');
  });
});

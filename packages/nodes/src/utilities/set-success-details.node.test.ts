import { FAILURE, SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { setFailureDetails } from './set-failure-details.node.ts';
import { setSuccessDetails } from './set-success-details.node.ts';

describe.each(['tokenId', 'successUrl', 'realm'])('a member called %s', (name) => {
  test.each(['successDetails', 'sessionProperties'])('is refused in %s', (setting) => {
    const { error } = setSuccessDetails.config.safeParse({ [setting]: { [name]: 'x' } });
    expect(error?.issues[0]?.message).toBe('None may be called tokenId, successUrl, realm: success says those itself.');
  });
});

test('asks for its members, and for those out of the session', async () => {
  const config = { successDetails: { a: '1' }, sessionProperties: { b: 'mood' } };
  const { action, journey } = await runNode(setSuccessDetails, { config });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(journey.sessionOptions).toMatchObject({ successDetails: { a: '1' }, successProperties: { b: 'mood' } });
});

const harness = (end: string) =>
  journeyHarness({
    nodes: [setSuccessDetails, setFailureDetails],
    trees: {
      Login: {
        entry: 'first',
        nodes: {
          first: {
            type: 'SetSuccessDetailsNode',
            config: { successDetails: { plain: 'text', list: '["a",1]', both: 'first' } },
            to: { outcome: 'second' },
          },
          second: {
            type: 'SetSuccessDetailsNode',
            config: { successDetails: { both: 'second' }, sessionProperties: { tree: 'Service' } },
            to: { outcome: 'failure' },
          },
          failure: {
            type: 'SetFailureDetailsNode',
            config: { failureDetails: { code: '42', failureUrl: 'evil' }, failureMessage: { en: 'Not today.' } },
            to: { outcome: end },
          },
        },
        settings: { noSession: true },
      },
    },
  });

test('a journey that fails says nothing of success', async () => {
  await expect(harness(FAILURE).start()).rejects.toMatchObject({
    code: 'LOGIN_FAILED',
    detail: { message: 'Not today.', members: { code: 42, failureUrl: 'evil' } },
  });
});

test('a journey whose user is not known ends without either', async () => {
  await expect(harness(SUCCESS).start()).rejects.toMatchObject({ code: 'ACCOUNT_UNUSABLE' });
});

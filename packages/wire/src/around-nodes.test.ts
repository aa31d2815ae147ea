import { choiceCallback, JourneyError, textInputCallback, textOutputCallback } from '@assent/engine';
import { describe, expect, test } from 'vitest';
import { formatErrorV1, formatJourneyError } from './errors/errors.ts';
import { formatAuthIdClaims, parseAuthIdClaims } from './login/auth-id.ts';
import { writeCallbacks } from './login/written-callbacks.ts';

test('callbacks are as clients know them, with inputs named by their place in the step (spec: journeys-rest §3.2)', () => {
  const sent = [
    textInputCallback({ prompt: 'Nick"name' }),
    choiceCallback({ prompt: 'Which way?', choices: ['mail', 'phone'], defaultChoice: 1 }),
    { ...textOutputCallback({ message: 'Wait.', messageType: 0 }), pageId: 3 },
  ];
  expect(writeCallbacks(sent)).toBe(
    '[{"type":"TextInputCallback","output":[{"name":"prompt","value":"Nick\\"name"}],"input":[{"name":"IDToken1","value":""}]},' +
      '{"type":"ChoiceCallback","output":[{"name":"prompt","value":"Which way?"},{"name":"choices","value":["mail","phone"]},' +
      '{"name":"defaultChoice","value":1}],"input":[{"name":"IDToken2","value":1}]},' +
      '{"type":"TextOutputCallback","output":[{"name":"message","value":"Wait."},{"name":"messageType","value":"0"}],"_id":3}]',
  );
  expect(writeCallbacks([])).toBe('[]');
});

describe('words of a node reach the client (spec: journeys-rest §1.8)', () => {
  test.each([
    ['LOGIN_FAILED', { failureUrl: '/x' }, 'Login failure'],
    ['LOGIN_FAILED', { failureUrl: '/x', message: 'Come back tomorrow.' }, 'Come back tomorrow.'],
    ['ACCOUNT_UNUSABLE', { reason: 'inactive', failureUrl: '/x' }, 'User Locked Out.'],
    ['ACCOUNT_UNUSABLE', { reason: 'inactive', failureUrl: '/x', message: 'Ask the desk.' }, 'Ask the desk.'],
    ['ACCOUNT_UNUSABLE', { reason: 'unknown', failureUrl: '/x', message: 'Ask the desk.' }, 'Login failure'],
  ] as const)('%s %j', (code, detail, message) => {
    const body = formatJourneyError(new JourneyError(code, detail));
    expect(body).toEqual({ code: 401, reason: 'Unauthorized', message, detail: { failureUrl: '/x' } });
    expect(formatErrorV1(body)).toEqual({ errorMessage: message, failureUrl: '/x' });
  });
});

test('an authId carries the versions of the inner trees that an unstored start went into', () => {
  const reference = {
    realm: '/',
    tree: 'Login',
    treeVersion: 3,
    journeyId: 'id',
    nonce: 'nonce',
    expiresAt: 1_700_000_000_123,
    start: {},
    innerVersions: { Sub: 2 },
  };
  expect(parseAuthIdClaims(formatAuthIdClaims(reference))).toEqual(reference);
});

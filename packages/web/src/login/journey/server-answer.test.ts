import { expect, test } from 'vitest';
import { readAnswer } from './server-answer.ts';

const failure = (status: number, message: string, detail?: object) =>
  [status, { code: status, reason: 'x', message, ...(detail === undefined ? {} : { detail }) }] as const;

// journeys-rest.md §1.8
test.each([
  ['time out', ...failure(401, 'Session has timed out', { errorCode: '110' }), { kind: 'timed-out' }],
  [
    'login failure',
    ...failure(401, 'Login failure', { failureUrl: '' }),
    { kind: 'failure', message: 'Login failure', locked: false },
  ],
  [
    'a failure with a place to go',
    ...failure(401, 'No', { failureUrl: 'https://x.example/' }),
    { kind: 'failure', message: 'No', failureUrl: 'https://x.example/' },
  ],
  ['a lock by text', ...failure(401, 'User Locked Out.'), { kind: 'failure', locked: true }],
  ['a lock by code', ...failure(401, 'Anything', { errorCode: '112' }), { kind: 'failure', locked: true }],
  [
    'a used link',
    ...failure(401, 'org.forgerock.openam.auth.nodes.framework.token.SuspendedAuthSessionException: Token not found.'),
    { kind: 'link-gone' },
  ],
  [
    'a used link to a journey that another one asked for',
    ...failure(401, 'The transaction is not known, or it is over.'),
    { kind: 'link-gone' },
  ],
  ['an unknown tree', ...failure(400, 'No Configuration found'), { kind: 'no-journey' }],
  ['an unknown realm', ...failure(400, 'Invalid realm, /x'), { kind: 'no-journey' }],
  ['another bad request', ...failure(400, 'Required callback not found in JSON response'), { kind: 'fault' }],
  ['a fault', ...failure(500, 'Internal Server Error'), { kind: 'fault' }],
  ['a page of a proxy', 502, undefined, { kind: 'fault' }],
  ['too many', 429, undefined, { kind: 'busy', retryAfter: 5000 }],
  [
    'success',
    200,
    { tokenId: 't', successUrl: '/am/console', realm: '/' },
    { kind: 'success', successUrl: '/am/console' },
  ],
  ['success without a session', 200, { realm: '/' }, { kind: 'success', successUrl: undefined }],
  ['a step', 200, { authId: 'a', callbacks: [] }, { kind: 'step', step: { authId: 'a', callbacks: [] } }],
  ['no JSON', 200, undefined, { kind: 'fault' }],
])('reads %s', (_what, status, body, answer) => {
  expect(readAnswer(status, new Headers(), body)).toMatchObject(answer);
});

test('keeps the reference of a fault, and the time a busy server asks for', () => {
  expect(readAnswer(500, new Headers({ 'x-transaction-id': 'tx-1' }), {})).toEqual({
    kind: 'fault',
    reference: 'tx-1',
  });
  expect(readAnswer(503, new Headers({ 'Retry-After': '8' }), {})).toEqual({ kind: 'busy', retryAfter: 8000 });
  expect(readAnswer(503, new Headers({ 'Retry-After': '99999' }), {})).toEqual({ kind: 'busy', retryAfter: 120_000 });
});

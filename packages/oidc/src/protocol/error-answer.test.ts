import type { RealmSettings } from '@assent/engine';
import { expect, test } from 'vitest';
import { errorAnswer } from './error-answer.ts';
import { OAuthError } from './errors.ts';
import type { OAuthRequest } from './request.ts';

const request = (headers: Readonly<Record<string, string>> = {}, isNavigation = false): OAuthRequest => ({
  method: 'GET',
  realm: { realm: '/alpha' } as RealmSettings,
  parameters: {},
  header: (name) => headers[name],
  address: 'https://am.example.com/am/oauth2/userinfo',
  query: '',
  isNavigation,
  clientAddress: '192.0.2.1',
  transactionId: 't',
  hasSessionHeader: false,
});

test('a program is told in the shape of RFC 6749 §5.2, a person by a page', () => {
  const error = new OAuthError('redirect_uri_mismatch', { detail: 'for the log' });
  const { code, description } = error;
  const body = { error: code, error_description: description };
  expect(errorAnswer(error, request(), true)).toEqual({ kind: 'json', status: 400, body });
  expect(errorAnswer(error, request({}, true), false)).toEqual({ kind: 'json', status: 400, body });
  expect(errorAnswer(error, request({}, true), true)).toEqual({
    kind: 'page',
    status: 400,
    page: { kind: 'error', code, description },
  });
});

test('a client that has tried Basic is asked for it again, no other is: a browser would ask its user', () => {
  const error = new OAuthError('invalid_client');
  expect(errorAnswer(error, request({ authorization: 'Basic x' }), false)).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="/alpha"' },
  });
  expect(errorAnswer(error, request(), false)).not.toHaveProperty('headers');
});

test.each([
  ['Bearer x', 'invalid_token', 401, 'Bearer'],
  ['DPoP x', 'invalid_token', 401, 'DPoP'],
  ['Bearer x', 'insufficient_scope', 403, 'Bearer'],
] as const)('%s that fails by %s learns by which scheme', (authorization, code, status, scheme) => {
  const answer = errorAnswer(new OAuthError(code), request({ authorization }), false);
  expect(answer).toMatchObject({
    status,
    headers: { 'www-authenticate': expect.stringMatching(`^${scheme} realm="/alpha", error="${code}"`) },
  });
});

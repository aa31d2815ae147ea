import { createHash } from 'node:crypto';
import { heldKeys } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { RequestMarks } from './request-marks.ts';

const marks = new RequestMarks(heldKeys(new Uint8Array(32).fill(1)));
const request = { client_id: 'app', prompt: 'login', state: 's' };
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

test('a time that somebody else wrote is no time (OIDC-10)', () => {
  const mark = marks.since('/', request, 1_000);
  expect(marks.readSince('/', request, mark.replace('1000', '2000'))).toBeUndefined();
  expect(marks.readSince('/', request, `${mark.slice(0, -1)}!`)).toBeUndefined();
  expect(marks.readSince('/', request, '')).toBeUndefined();
  expect(marks.readSince('/', request, `${mark}\n`)).toBeUndefined();
  expect(new RequestMarks(heldKeys(new Uint8Array(32).fill(2))).readSince('/', request, mark)).toBeUndefined();
});

test('a time is of one request in one realm: a parameter more, less or other is another request', () => {
  const mark = marks.since('/', request, 1_000);
  expect(marks.readSince('/alpha', request, mark)).toBeUndefined();
  expect(marks.readSince('/', { ...request, prompt: 'none' }, mark)).toBeUndefined();
  expect(marks.readSince('/', { client_id: 'app', state: 's' }, mark)).toBeUndefined();
  expect(marks.readSince('/', { ...request, scope: 'openid' }, mark)).toBeUndefined();
  expect(marks.readSince('/', { 'client_id":"app","prompt': 'login', state: 's' }, mark)).toBeUndefined();
});

test('the order of the parameters does not matter', () => {
  expect(marks.readSince('/', { state: 's', prompt: 'login', client_id: 'app' }, marks.since('/', request, 7))).toBe(7);
});

test('a form is of one session, client and scope (OIDC-09)', () => {
  const session = hashOf('token');
  const mark = marks.form(session, 'app', ['openid', 'email']);
  expect(marks.isForm(mark, session, 'app', ['openid', 'email'])).toBe(true);
  expect(marks.isForm(mark, hashOf('other'), 'app', ['openid', 'email'])).toBe(false);
  expect(marks.isForm(mark, session, 'other', ['openid', 'email'])).toBe(false);
  expect(marks.isForm(mark, session, 'app', ['openid'])).toBe(false);
  expect(marks.isForm(mark, session, 'app', ['openid email'])).toBe(false);
  expect(marks.isForm('', session, 'app', ['openid', 'email'])).toBe(false);
});

test('whoever shows the token of the session needs no form of ours, as clients of AM do it', () => {
  expect(marks.isForm('token', hashOf('token'), 'app', [])).toBe(true);
  expect(marks.isForm(hashOf('token'), hashOf('token'), 'app', [])).toBe(false);
});

test('a key of any other length is refused', () => {
  expect(() => new RequestMarks(heldKeys(new Uint8Array(16)))).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import { userHandleOf } from '../user-handle-of.ts';
import { isSameUserHandle, tokenOfUserHandle } from './user-handle.ts';

const USER = 'b5b14b0e-3bd9-4a3e-9cb1-5bd0d7a3d001';
const issued = userHandleOf(USER);
const encoded = Buffer.from(issued).toString('base64url');

test('a handle is base64url of 24 characters that fit into a path, the same for a user and another for others (WA-13)', () => {
  expect(tokenOfUserHandle(issued)).toMatch(/^[\w-]{24}$/);
  expect(issued).toBe(Buffer.from(tokenOfUserHandle(issued) ?? '').toString('base64url'));
  expect(userHandleOf(USER)).toBe(issued);
  expect(userHandleOf(USER.replace('1', '2'))).not.toBe(issued);
});

test.each([
  ['as it was issued', issued],
  ['padded', `${issued}==`],
  ['as base64url once more', encoded],
  ['once more and padded', Buffer.from(issued).toString('base64')],
  ['once more, of a padded text', Buffer.from(`${issued}=`).toString('base64')],
  ['with a line end', `${encoded}\n`],
])('is the same %s', (_how, sent) => {
  expect(isSameUserHandle(sent, issued)).toBe(true);
});

test.each([
  ['of another user', userHandleOf('another')],
  ['with two levels to undo', Buffer.from(encoded).toString('base64url')],
  ['that is the token in it', tokenOfUserHandle(issued) ?? ''],
  ['that is a name', 'admin'],
  ['in other letters', issued.toLowerCase()],
  ['without its end', issued.slice(0, -1)],
  ['that is empty', ''],
  ['that is no base64', '%%%'],
])('is another one %s (WA-13)', (_how, sent) => {
  expect(isSameUserHandle(sent, issued)).toBe(false);
});

test('a handle that AM has made of a name stays good, by whichever client (A14)', () => {
  const ofName = Buffer.from('demo').toString('base64url');
  expect(isSameUserHandle(ofName, ofName)).toBe(true);
  expect(isSameUserHandle(Buffer.from(ofName).toString('base64'), ofName)).toBe(true);
  expect(isSameUserHandle('demo', ofName)).toBe(false);
});

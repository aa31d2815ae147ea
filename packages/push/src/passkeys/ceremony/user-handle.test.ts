import { expect, test } from 'vitest';
import { repeatableRandom } from '../../testing/simulated.ts';
import { isSameUserHandle, newUserHandle, tokenOfUserHandle } from './user-handle.ts';

const issued = newUserHandle(repeatableRandom());
const encoded = Buffer.from(issued).toString('base64url');

test('a new handle is base64url of 24 characters that fit into a path, and another one each time (WA-13)', () => {
  const random = repeatableRandom('two');
  const [one, other] = [newUserHandle(random), newUserHandle(random)];
  expect(tokenOfUserHandle(one)).toMatch(/^[\w-]{24}$/);
  expect(one).toBe(Buffer.from(tokenOfUserHandle(one) ?? '').toString('base64url'));
  expect(other).not.toBe(one);
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
  ['of another user', newUserHandle(repeatableRandom('other'))],
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

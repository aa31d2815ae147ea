import { expect, test } from 'vitest';
import { parseMessageBody } from './message-body.ts';
import { messageId, parseMessageId } from './message-id.ts';

const uuid = 'c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e5';
const id = `AUTHENTICATE:${uuid}1760000300000`;

test.each([
  '',
  ':',
  'AUTHENTICATE',
  'AUTHENTICATE:',
  `authenticate:${uuid}`,
  `REFRESH:${uuid}`,
  `REGISTER:AUTHENTICATE:${uuid}`,
  '__proto__:x',
  'AUTHENTICATE:a\u0000b',
  'AUTHENTICATE:a b',
  `AUTHENTICATE:${'x'.repeat(10_240)}`,
])('%j is not a message id (A032)', (text) => {
  expect(parseMessageId(text)).toBeUndefined();
});

test('an id is the type, a UUID and a time, and tells its type', () => {
  expect(messageId('AUTHENTICATE', uuid, 1760000300000)).toBe(id);
  expect(parseMessageId(id)).toEqual({ type: 'AUTHENTICATE' });
  expect(parseMessageId(messageId('REGISTER', uuid, 0))).toEqual({ type: 'REGISTER' });
});

test('an id without UUID or time is a mistake of ours', () => {
  expect(() => messageId('REGISTER', 'x', 1)).toThrow(RangeError);
  expect(() => messageId('REGISTER', uuid, 1.5)).toThrow(RangeError);
});

test.each([undefined, null, 7, [], [id], {}, 'x', `${id}\u0000`, '__proto__', "AUTHENTICATE:' OR '1'='1"])(
  'a body with messageId %j is refused (A032)',
  (messageId) => {
    expect(parseMessageBody({ messageId, jwt: 'a.b.c' }).ok).toBe(false);
  },
);

test.each([undefined, null, 7, ['a.b.c'], {}, 'x'.repeat(8193)])('a body with jwt %j is refused', (jwt) => {
  expect(parseMessageBody({ messageId: id, jwt }).ok).toBe(false);
});

test.each([null, [], 'x', 1, undefined])('%j is not a body', (body) => {
  expect(parseMessageBody(body).ok).toBe(false);
});

test('members beside the two are ignored (A033)', () => {
  const body = { messageId: id, jwt: 'a.b.c', userId: 'jane', realm: 'x', state: 'SUCCESS', deny: true };
  expect(parseMessageBody(body)).toEqual({ ok: true, value: { messageId: id, type: 'AUTHENTICATE', jwt: 'a.b.c' } });
});

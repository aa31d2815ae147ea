import { expect, test } from 'vitest';
import { parseMessageReference, parseRelayList, parseRelayTokenClaims, relayUrl } from './relay.ts';

const token = { iat: 1760000300, jti: 'j1', mechanismUid: 'M-1', aud: 'https://id.example.net/am/json/push/relay' };

test.each([
  { iat: undefined },
  { iat: '1' },
  { jti: undefined },
  { jti: '' },
  { mechanismUid: undefined },
  { aud: undefined },
  { aud: [token.aud] },
])('a token with %j is refused', (changes) => {
  expect(parseRelayTokenClaims({ ...token, ...changes }).ok).toBe(false);
});

test('a token says who, when and for which relay', () => {
  expect(parseRelayTokenClaims(token)).toEqual({ ok: true, value: token });
});

test('the relay stands beside the message address', () => {
  expect(relayUrl('https://id.example.net/am/json/staff/push/sns/message?_action=register')).toBe(
    'https://id.example.net/am/json/staff/push/relay',
  );
  expect(relayUrl('https://id.example.net/other?_action=register')).toBeUndefined();
});

test.each([null, [], {}, { messages: {} }, { messages: [null] }, { messages: [{ messageId: 'a' }] }])(
  '%j is no list',
  (body) => {
    expect(parseRelayList(body).ok).toBe(false);
  },
);

test('a list keeps its order and only the two members', () => {
  const messages = [
    { messageId: 'b', message: '2' },
    { messageId: 'a', message: '1' },
  ];
  expect(parseRelayList({ messages: messages.map((it) => ({ ...it, more: 1 })) })).toEqual({
    ok: true,
    value: { messages },
  });
});

test.each([null, {}, { messageId: 1 }, { messageId: 'x'.repeat(161) }])('%j names no message', (value) => {
  expect(parseMessageReference(value).ok).toBe(false);
});

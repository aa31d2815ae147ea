import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { cookiePresenceDecision } from './cookie-presence-decision.node.ts';

test.each([
  ['seen', undefined, 'false'],
  ['seen', { other: '1' }, 'false'],
  ['seen', { Seen: '1' }, 'false'],
  ['toString', {}, 'false'],
  ['seen', { seen: '' }, 'true'],
  ['seen', { seen: '1' }, 'true'],
])('of %s among %j it says %s', async (cookieName, cookies, outcome) => {
  const request = fakeRequest(cookies === undefined ? {} : { cookies: cookies as Record<string, string> });
  expect((await runNode(cookiePresenceDecision, { config: { cookieName }, request })).action).toMatchObject({
    outcome,
  });
});

test('a cookie without a name is refused', () => {
  expect(cookiePresenceDecision.config.safeParse({ cookieName: '' }).success).toBe(false);
});

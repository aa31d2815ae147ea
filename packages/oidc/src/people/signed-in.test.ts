import type { Identity } from '@assent/engine';
import { expect, test } from 'vitest';
import { signedInBy } from './signed-in.ts';

const identity = { id: 'id-1', username: 'demo' } as Identity;
const session = (properties: Readonly<Record<string, string>>) => ({ sid: 'sid-1', tokenHash: 'hash-1', properties });

test('a session says what was proven and walked, and apart from that what authors of journeys wrote', () => {
  const properties = {
    AuthFactors: 'password@5|push@7',
    Journeys: 'Login@6|PushLogin@8',
    NodeType: 'AuthenticatorPush|',
    Service: 'PushLogin',
    amr: 'geo',
  };
  expect(signedInBy(session(properties), identity)).toEqual({
    sid: 'sid-1',
    tokenHash: 'hash-1',
    identity,
    factors: [
      { method: 'password', at: 5 },
      { method: 'push', at: 7 },
    ],
    journeys: [
      { tree: 'Login', at: 6 },
      { tree: 'PushLogin', at: 8 },
    ],
    properties: { amr: 'geo' },
  });
});

test('a session from before any of it was noted says nothing', () => {
  expect(signedInBy(session({ Service: 'Login' }), identity)).toMatchObject({
    factors: [],
    journeys: [],
    properties: {},
  });
});

import { isSystemSessionProperty } from '@assent/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPublishedTree } from '../journeys/shipped-journey.ts';
import { type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';

const REALM = '/alpha';
const USER = 'sam';
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  await server.createUser(REALM, USER, PASSWORD);
});
afterAll(() => server?.assent.stop());

/** Makes `Login` a password login that ends with those wishes for the session. */
const publishLogin = async (config: Readonly<Record<string, unknown>>): Promise<void> => {
  const journey = {
    name: 'Login',
    description: '',
    entry: 'page',
    nodes: {
      page: {
        type: 'PageNode',
        displayName: 'Sign in',
        inside: [
          { type: 'UsernameCollectorNode', displayName: 'Name' },
          { type: 'PasswordCollectorNode', displayName: 'Password' },
        ],
        to: { outcome: 'check' },
      },
      check: { type: 'DataStoreDecisionNode', displayName: 'Check', to: { true: 'set', false: 'Failure' } },
      set: { type: 'SetSessionPropertiesNode', displayName: 'Set', config, to: { outcome: 'Success' } },
    },
  };
  await server.assent.store.configuration.publishTree(toPublishedTree(REALM, journey));
  await server.assent.configuration.refresh();
};

const name = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), fc.constantFrom('constructor', 'colour', 'a.b'))
  .filter((it) => !isSystemSessionProperty(it) && it !== '__proto__');
const minutes = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });

test('what Set Session Properties wants is what getSessionInfo tells, to the letter and to the second', async () => {
  const wishes = fc.record({
    properties: fc.dictionary(name, fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), { maxKeys: 6 }),
    maxSessionTime: minutes,
    maxIdleTime: minutes,
  });
  await fc.assert(
    fc.asyncProperty(wishes, async ({ properties, maxSessionTime, maxIdleTime }) => {
      await publishLogin({
        properties,
        ...(maxSessionTime !== undefined && { maxSessionTime }),
        ...(maxIdleTime !== undefined && { maxIdleTime }),
      });
      const token = await signIn(rest, REALM, USER, PASSWORD);
      expect(token).toBeTypeOf('string');
      const { status, body } = await rest('POST', `${REALM}/sessions?_action=getSessionInfo`, {
        body: { tokenId: token },
        headers: { 'accept-api-version': 'resource=4.0' },
      });
      expect(status).toBe(200);
      const told = Object.entries(body.properties as Record<string, string>);
      // The rest are the server's own, and none of them may have come from the author.
      expect(Object.fromEntries(told.filter(([it]) => !isSystemSessionProperty(it)))).toEqual({ ...properties });

      const [lasts, idle] = [maxSessionTime ?? 120, Math.min(maxIdleTime ?? 30, maxSessionTime ?? 120)];
      const after = (millis: number) => `${new Date(server.clock.now() + millis).toISOString().slice(0, 19)}Z`;
      expect(body).toMatchObject({
        username: USER,
        realm: REALM,
        maxSessionExpirationTime: after(lasts * 60_000),
        maxIdleExpirationTime: after(idle * 60_000),
      });
    }),
    { numRuns: 40 },
  );
}, 60_000);

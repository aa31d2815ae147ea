import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { createPasswordHasher } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { Interleaving, isOfPasswordCheck } from '../src/testing/interleaving.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const FIRST = 'correct horse';
const OWN = 'battery staple';
const OTHER = 'another staple';
const RESET = 'reset by the desk';

/** A user with two sessions, each of them a browser. */
interface Someone {
  readonly name: string;
  readonly id: string;
  readonly here: { readonly token: string; readonly tokenHash: string; readonly handle: string };
  readonly there: { readonly token: string; readonly tokenHash: string };
}

/** One call, and whether it says that it has done what it was asked. */
interface Operation {
  readonly run: (user: Someone) => Promise<boolean>;
  /** It waits while another one checks the password of the same user, so that it cannot run within that. */
  readonly checksPassword?: boolean;
}

interface End {
  readonly didFirst: boolean;
  readonly didSecond: boolean;
  readonly password: string | undefined;
  readonly isActive: boolean | undefined;
  readonly livesHere: boolean;
  readonly livesThere: boolean;
}

const dataDir = mkdtempSync(join(tmpdir(), 'assent-races-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

describe('on SQLite', () => {
  let server: SteeredServer;
  let rest: RestClient;
  let administrator: string | undefined;
  const interleaving = new Interleaving();
  let count = 0;

  beforeAll(async () => {
    server = await steeredServer({
      port: 18_491,
      dataDir,
      between: interleaving.between,
    });
    rest = restClient(server);
    administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const inPage = { name: 'UsernameCollectorNode', next: 'ValidatedPasswordNode' };
    const nodes = {
      page: { nodeType: 'PageNode', connections: { outcome: 'patch' } },
      patch: { nodeType: 'PatchObjectNode', connections: { PATCHED: SUCCESS, FAILURE } },
    };
    const settings: Readonly<Record<string, object>> = {
      page: { nodes: Object.entries(inPage).map(([_id, nodeType]) => ({ _id, nodeType })) },
      patch: { patchAsObject: true },
    };
    const types = { ...Object.fromEntries(Object.entries(nodes).map(([id, it]) => [id, it.nodeType])), ...inPage };
    await configuring(server.assent.store).publishTree({
      realm: '/',
      name: 'Renew',
      tree: treeDocument.parse({ entryNodeId: 'page', nodes }),
      nodes: Object.fromEntries(
        Object.entries(types).map(([id, type]) => [id, { id, type, config: { ...settings[id] } }]),
      ),
    });
    await server.assent.configuration.refresh();
  });
  afterAll(() => server.assent.stop());

  const someone = async (): Promise<Someone> => {
    const name = `racer${++count}`;
    await server.createUser('/', name, FIRST);
    const here = await openSession(server, '/', name);
    const there = await openSession(server, '/', name);
    return {
      name,
      id: here.session.userId,
      here: { token: here.token, ...here.session },
      there: { token: there.token, ...there.session },
    };
  };

  const changePassword = async (user: Someone, token: string, userpassword: string) => {
    const path = `/users/${user.name}?_action=changePassword`;
    return (await rest('POST', path, { token, body: { currentpassword: FIRST, userpassword } })).status === 200;
  };
  /** Changes the password by a journey, which goes by the session that the caller brings. */
  const renew = async ({ name, here: { token } }: Someone) => {
    const path = '/authenticate?authIndexType=service&authIndexValue=Renew&noSession=true';
    const { body } = await rest('POST', path, { token, body: {} });
    const given = [name, OWN];
    const callbacks = (body.callbacks as { input: object[] }[]).map((callback, at) => ({
      ...callback,
      input: callback.input.map((input, part) => (part === 0 ? { ...input, value: given[at] } : input)),
    }));
    return (await rest('POST', path, { token, body: { ...body, callbacks } })).status === 200;
  };
  const administer = async (method: 'PUT' | 'DELETE', { name }: Someone, body?: object) =>
    (await rest(method, `/users/${name}`, { token: administrator, ...(body && { body }) })).status === 200;
  const resultOf = ({ body }: RestAnswer) => body.result;

  const setters: Readonly<Record<string, Operation>> = {
    'changePassword over REST': { run: (user) => changePassword(user, user.here.token, OWN), checksPassword: true },
    'a new password by a journey': { run: renew },
  };
  const others: Readonly<Record<string, Operation & { readonly holds: (end: End) => void }>> = {
    'a reset by an administrator': {
      run: (user) => administer('PUT', user, { userpassword: RESET }),
      holds: (end) => expect(end).toMatchObject({ didSecond: true, password: RESET, ...NO_SESSION }),
    },
    'a disabling': {
      run: (user) => administer('PUT', user, { inetUserStatus: 'Inactive' }),
      holds: (end) => expect(end).toMatchObject({ didSecond: true, isActive: false, ...NO_SESSION }),
    },
    'a logout': {
      run: async ({ here }) =>
        resultOf(await rest('POST', '/sessions?_action=logout', { token: here.token, body: {} })) ===
        'Successfully logged out',
      holds: (end) => expect(end).toMatchObject({ didSecond: true, livesHere: false }),
    },
    'a logout by handle from elsewhere': {
      run: async ({ here, there }) => {
        const body = { sessionHandles: [here.handle] };
        const answer = await rest('POST', '/sessions?_action=logoutByHandle', { token: there.token, body });
        return JSON.stringify(resultOf(answer)) === JSON.stringify({ [here.handle]: true });
      },
      // Whoever was signed out first cannot sign the other out any more.
      holds: (end) => expect(end.livesHere).toBe(!end.didSecond),
    },
    'a deletion': {
      run: (user) => administer('DELETE', user),
      holds: (end) => expect(end).toMatchObject({ didSecond: true, isActive: undefined, ...NO_SESSION }),
    },
    'another changePassword': {
      run: (user) => changePassword(user, user.there.token, OTHER),
      checksPassword: true,
      holds: ({ didFirst, didSecond, password, livesHere, livesThere }) => {
        expect([didFirst, didSecond].filter(Boolean)).toHaveLength(1);
        expect({ password, livesHere, livesThere }).toEqual({
          password: didFirst ? OWN : OTHER,
          livesHere: didFirst,
          livesThere: didSecond,
        });
      },
    },
  };
  const NO_SESSION = { livesHere: false, livesThere: false };

  const hasher = createPasswordHasher({ cost: 'cheap-for-tests' });
  const stateOf = async (user: Someone) => {
    const { identities, sessions } = server.assent.store;
    const identity = await identities.findById(user.id);
    const hash = await identities.passwordHash(user.id);
    const tried = [FIRST, OWN, OTHER, RESET];
    const rights = await Promise.all(tried.map((it) => hasher.verify(hash, it, { realm: '/' })));
    return {
      password: tried[rights.indexOf(true)],
      isActive: identity?.active,
      livesHere: (await sessions.get(user.here.tokenHash)) !== undefined,
      livesThere: (await sessions.get(user.there.tokenHash)) !== undefined,
    };
  };

  const pairs = Object.keys(setters).flatMap((setter) => Object.keys(others).map((other) => [setter, other] as const));
  test.each(pairs)('%s undoes nothing of %s, in whatever order (A3, SEC-61, SEC-62)', async (setter, other) => {
    const first = setters[setter];
    const second = others[other];
    if (first === undefined || second === undefined) throw new RangeError('no such operation');
    const checks = first.checksPassword === true && second.checksPassword === true;
    for (const isFirstOutside of [true, false]) {
      let isNested = true;
      for (let at = 0; isNested; at += 1) {
        const user = await someone();
        const did = { didFirst: false, didSecond: false };
        const doFirst = async () => {
          did.didFirst = await first.run(user);
        };
        const doSecond = async () => {
          did.didSecond = await second.run(user);
        };
        const [outer, inner] = isFirstOutside ? [doFirst, doSecond] : [doSecond, doFirst];
        isNested = await interleaving.nest(outer, inner, at, (point) => !checks || !isOfPasswordCheck(point));
        // The last time round, one after the other.
        if (!isNested) await inner();
        second.holds({ ...did, ...(await stateOf(user)) });
      }
    }
  });
});

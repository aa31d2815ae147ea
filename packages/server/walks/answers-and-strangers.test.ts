import { expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

// SEC-87: users answer security questions in a realm that allows a number of wrong answers, while strangers answer wrongly for days.

const PASSWORD = 'correct horse 7';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 10;
const PORT = 18_922;

interface From {
  readonly address: string;
  readonly cookie?: string;
}
interface Step {
  readonly authId?: string;
  readonly callbacks?: readonly { readonly input?: readonly object[] }[];
}
/** What is typed in the fields of each step: the fields of a callback are a list. */
type Values = readonly (string | readonly string[])[];

const fill = ({ authId, callbacks = [] }: Step, values: Values) => ({
  authId,
  callbacks: callbacks.map((it, at) => ({
    ...it,
    input: it.input?.map((input, n) => ({ ...input, value: [values[at] ?? ''].flat()[n] ?? '' })),
  })),
});

const world = async (most: number) => {
  const options = { port: PORT, insecure: true, privateHosts: ['127.0.0.1'], trustedProxies: ['127.0.0.1'] };
  const server = await steeredServer(options);
  const rest = restClient(server);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const body = {
    questions: { '1': { en: 'First pet?' } },
    numberOfAttemptsAllowed: most,
    kbaAttemptsPropertyName: 'kbaAttempts',
  };
  expect((await rest('PUT', '/realm-config/services/selfservice.kba', { token, body })).status).toBe(201);
  const byPassword = (next: string) =>
    ({
      name: ['UsernameCollectorNode', { outcome: 'secret' }],
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: next, false: FAILURE }],
    }) as const;
  await publishTree(server, 'Password', byPassword(SUCCESS));
  await publishTree(server, 'Define', {
    ...byPassword('define'),
    define: ['KbaCreateNode', { outcome: 'patch' }],
    patch: ['PatchObjectNode', { PATCHED: SUCCESS, FAILURE }, { ignoredFields: ['password'] }],
  });
  await publishTree(server, 'Answers', {
    name: ['UsernameCollectorNode', { outcome: 'ask' }],
    ask: ['KbaVerifyNode', { true: SUCCESS, false: FAILURE }],
  });
  await server.assent.configuration.refresh();
  await server.createUser('/', 'jane', PASSWORD);

  const post = async (tree: string, step: object, { address, cookie }: From) => {
    const answer = await inject(server.assent, {
      method: 'POST',
      url: `/am/json/authenticate?authIndexType=service&authIndexValue=${tree}`,
      headers: {
        host: `localhost:${PORT}`,
        'content-type': 'application/json',
        'accept-api-version': 'resource=2.1, protocol=1.0',
        ...PAGE,
        'x-forwarded-for': address,
        ...(cookie !== undefined && { cookie }),
      },
      payload: JSON.stringify(step),
    });
    const cookies = [answer.headers['set-cookie'] ?? []].flat().map((it) => String(it).split(';')[0] ?? '');
    return { status: answer.statusCode, body: answer.json<Step>(), cookies };
  };
  const walk = async (tree: string, from: From, ...steps: Values[]) => {
    let step = await post(tree, {}, from);
    for (const values of steps) {
      if (step.status !== 200) break;
      step = await post(tree, fill(step.body, values), from);
    }
    return step;
  };
  const attempts = async () => (await server.attributes('/', 'jane')).kbaAttempts;
  /** What the node answers: the outcome of a journey, or why it asked or checked nothing. */
  const answer = async (from: From, value: string): Promise<'right' | 'wrong' | 'refused'> => {
    const asked = await walk('Answers', from, ['jane']);
    if (asked.status !== 200) return 'refused';
    const { status } = await post('Answers', fill(asked.body, [value]), from);
    return status === 200 ? 'right' : 'wrong';
  };
  return { server, walk, answer, attempts };
};

const HOME: From = { address: '192.0.2.10' };

test.each([4, 9, 25])(
  'one address that answers wrongly for 10 days, where %i are allowed, is refused, and locks out the owner from no place (SEC-57, SEC-87)',
  async (most) => {
    const { server, walk, answer, attempts } = await world(most);
    try {
      expect((await walk('Define', HOME, ['jane'], [PASSWORD], [['First pet?', 'rex']])).status).toBe(200);
      const signedIn = await walk('Password', HOME, ['jane'], [PASSWORD]);
      const cookie = signedIn.cookies.filter((it) => /kb/.test(it)).join('; ');
      expect(cookie).not.toBe('');

      const stranger: From = { address: '198.51.100.7' };
      const seen = { right: 0, wrong: 0, refused: 0 };
      for (let day = 0; day < DAYS; day += 1) {
        const before = seen.wrong;
        for (let hour = 0; hour < 24; hour += 1) {
          for (let n = 0; n < 2; n += 1) seen[await answer(stranger, 'wrong')] += 1;
          server.clock.advance(HOUR);
        }
        expect(seen.wrong - before).toBeLessThanOrEqual(Math.min(most + 1, 10));
      }
      // From the view of the stranger the number of the realm holds, and that of a source.
      expect(seen).toEqual({ right: 0, wrong: 50, refused: DAYS * 24 * 2 - 50 });
      expect(await attempts()).toEqual([String(Math.min(most + 1, 50))]);

      expect(await answer({ address: '203.0.113.1' }, 'rex')).toBe('right');
      expect(await attempts()).toBeUndefined();
      expect(await answer(HOME, 'rex')).toBe('right');
      expect(await answer({ address: '203.0.113.2', cookie }, 'rex')).toBe('right');
      expect(await answer(stranger, 'rex')).toBe('refused');
      const refusals = server.logged().filter(({ msg }) => msg === 'Maximum attempts exceeded');
      expect(refusals).toHaveLength(seen.refused + 1);
    } finally {
      await server.assent.stop();
    }
  },
);

test.each([4, 9, 25])(
  'strangers at 3 addresses, where %i are allowed, use up their own day alone: known places go on, and unknown ones the day after (SEC-57, SEC-87)',
  async (most) => {
    const { server, walk, answer } = await world(most);
    try {
      expect((await walk('Define', HOME, ['jane'], [PASSWORD], [['First pet?', 'rex']])).status).toBe(200);
      const signedIn = await walk('Password', HOME, ['jane'], [PASSWORD]);
      const cookie = signedIn.cookies.filter((it) => /kb/.test(it)).join('; ');

      let wrong = 0;
      for (let hour = 0; hour < 4 * 24; hour += 1) {
        for (let n = 0; n < 3; n += 1)
          if ((await answer({ address: `198.51.100.${n}` }, 'wrong')) === 'wrong') wrong += 1;
        server.clock.advance(HOUR);
      }
      expect(wrong).toBe(4 * Math.min(3 * (most + 1), 20));
      expect(await answer(HOME, 'rex')).toBe('right');
      expect(await answer({ address: '203.0.113.2', cookie }, 'rex')).toBe('right');
      server.clock.advance(DAY);
      expect(await answer({ address: '203.0.113.1' }, 'rex')).toBe('right');
    } finally {
      await server.assent.stop();
    }
  },
);

test('an attempts attribute above the number, from an import or earlier guesses, refuses no right answer, which clears it (SEC-87)', async () => {
  const { server, walk, answer, attempts } = await world(1);
  try {
    expect((await walk('Define', HOME, ['jane'], [PASSWORD], [['First pet?', 'rex']])).status).toBe(200);
    await server.setAttributes('/', 'jane', { kbaAttempts: ['7'] });
    expect(await answer({ address: '203.0.113.1' }, 'rex')).toBe('right');
    expect(await attempts()).toBeUndefined();
  } finally {
    await server.assent.stop();
  }
});

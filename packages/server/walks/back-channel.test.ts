import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { storedJourney } from '@assent/engine/testing';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../src/composition/seed.ts';
import { restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly output: readonly { readonly name: string; readonly value: unknown }[];
    readonly input?: readonly { readonly name: string; readonly value: unknown }[];
  }[];
}
type Node = readonly [
  type: string,
  config: Readonly<Record<string, unknown>>,
  connections: Readonly<Record<string, string>>,
];

const OTHER = { name: 'other', password: 'An0ther-password' };
const REFUSED = { code: 401, reason: 'Unauthorized', message: 'The transaction is not known, or it is over.' };
const WAITS = { pending: 'pending', inprogress: 'inprogress', failure: 'failure', unknown: 'unknown', error: FAILURE };

/** A page that says how it stands and asks again when it is answered. */
const says = (text: string): Node => ['MessageNode', { message: { en: text } }, { true: 'status', false: FAILURE }];

describe('a journey that another one asks for', () => {
  let server: SteeredServer;
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-back-channel-'));
  const rest: ReturnType<typeof restClient> = (...call) => restClient(server)(...call);

  const publish = async (name: string, nodes: Readonly<Record<string, Node>>, settings = {}) => {
    await configuring(server.assent.store).publishTree({
      realm: '/',
      name,
      tree: treeDocument.parse({
        entryNodeId: Object.keys(nodes)[0],
        nodes: Object.fromEntries(
          Object.entries(nodes).map(([id, [nodeType, , connections]]) => [id, { nodeType, connections }]),
        ),
        ...settings,
      }),
      nodes: Object.fromEntries(Object.entries(nodes).map(([id, [type, config]]) => [id, { id, type, config }])),
    });
  };
  const asking = (init: Readonly<Record<string, unknown>>): Readonly<Record<string, Node>> => ({
    name: ['UsernameCollectorNode', {}, { outcome: 'init' }],
    init: [
      'BackChannelInitNode',
      { tree: 'Approve', usernameKey: 'username', timeout: 120, redirectUrlType: 'GET', ...init },
      { created: 'status', unknown: 'nobody', error: FAILURE },
    ],
    status: [
      'BackChannelStatusNode',
      { recordData: true, recordTransactionData: true },
      { ...WAITS, success: 'success' },
    ],
    nobody: says('nobody'),
    pending: says('pending'),
    inprogress: says('in progress'),
    failure: says('failure'),
    unknown: says('unknown'),
    success: says('success'),
  });

  beforeAll(async () => {
    server = await steeredServer({ port: 18_481, dataDir });
    await server.createRealm('/alpha');
    await server.createUser('/', OTHER.name, OTHER.password);
    // The one who approves is named already and gives the password alone.
    const approve: Readonly<Record<string, Node>> = {
      password: ['PasswordCollectorNode', {}, { outcome: 'check' }],
      check: ['DataStoreDecisionNode', {}, { true: SUCCESS, false: FAILURE }],
    };
    await publish('Approve', approve, { transactionalOnly: true });
    await publish('ApproveAsAnybody', { name: ['UsernameCollectorNode', {}, { outcome: 'password' }], ...approve });
    await publish('Ask', asking({}));
    await publish('AskOnce', asking({ allowRetry: false }));
    await publish('AskAnybody', asking({ idType: 'NONE', tree: 'ApproveAsAnybody' }));
    await publish('Telling', {
      name: ['ValidatedUsernameNode', {}, { outcome: 'tell' }],
      tell: ['BackchannelNotificationNode', { dataKey: 'objectAttributes' }, { success: 'password', error: FAILURE }],
      ...approve,
    });
    await publish('AskTelling', asking({ tree: 'Telling', redirectUrlType: 'POST' }));
    await publish('AskForeign', asking({ tree: 'ApproveAsAnybody' }));
    await publish('AskNowhere', asking({ tree: 'Nowhere' }));
    await server.assent.configuration.refresh();
  });
  afterAll(async () => {
    await server.assent.stop();
    rmSync(dataDir, { recursive: true });
  });

  const start = (tree: string) => `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const answer = async (path: string, step: Step, ...values: readonly unknown[]) => {
    const callbacks = step.callbacks?.map((callback, at) => ({
      ...callback,
      input: callback.input?.map((input) => ({ ...input, value: values[at] ?? input.value })),
    }));
    return rest('POST', path, { body: { ...step, callbacks } });
  };
  /** The first journey up to its first status, and the link, as its state has it. */
  const ask = async (tree: string, username: string = DEMO_USER.name) => {
    const first = (await rest('POST', start(tree), { body: {} })).body as Step;
    const step = (await answer(start(tree), first, username)).body as Step;
    return { tree, step, ...(await linkOf(step)) };
  };
  /** A script would show or mail the link; the test looks into the state that the script would see. */
  const linkOf = async (step: Step) => {
    const [, payload = ''] = (step.authId ?? '').split('.');
    const { sessionId } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sessionId: string };
    const row = await server.assent.store.journeySessions.get(sessionId);
    const { shared = {} } = storedJourney(row) as { shared?: Record<string, string> };
    const link = shared['backchannel-redirectUri'];
    return { link: link === undefined ? undefined : new URL(link), shared };
  };
  const saysOf = ({ callbacks }: Step) => callbacks?.[0]?.output.find(({ name }) => name === 'message')?.value;
  /** Asks again; the first answer of a message is yes. */
  const askAgain = async ({ tree, step }: { readonly tree: string; readonly step: Step }) => {
    const { body } = await answer(start(tree), step, undefined, 0);
    return { tree, step: body as Step };
  };
  const open = (link: URL | undefined, realm = '') => rest('POST', `${realm}/authenticate${link?.search}`);
  const approve = async (link: URL | undefined, ...values: readonly string[]) => {
    let step = (await open(link)).body as Step;
    for (const value of values.slice(0, -1)) step = (await answer('/authenticate', step, value)).body as Step;
    return answer('/authenticate', step, values.at(-1));
  };

  test('is pending, in progress, and a success once the user has signed in elsewhere', async () => {
    const asked = await ask('Ask');
    expect(saysOf(asked.step)).toBe('pending');
    expect(asked.link?.origin).toBe('http://localhost:18481');
    expect(asked.link?.pathname).toBe('/am/login');
    expect(Object.fromEntries(asked.link?.searchParams ?? [])).toEqual({
      realm: '/',
      authIndexType: 'transaction',
      authIndexValue: asked.shared['backchannel-transaction'],
    });
    const step = (await open(asked.link)).body as Step;
    const second = await askAgain(asked);
    expect(saysOf(second.step)).toBe('in progress');
    const { body } = await answer('/authenticate', step, DEMO_USER.password);
    expect(body).toHaveProperty('tokenId');
    expect(saysOf((await askAgain(second)).step)).toBe('success');
  });

  test('begins by a POST where a client of its own runs it, and tells how far it has come', async () => {
    const asked = await ask('AskTelling');
    expect(asked.link?.origin).toBe('http://localhost:18481');
    expect(asked.link?.pathname).toBe('/am/json/realms/root/authenticate');
    const name = (await open(asked.link)).body as Step;
    await answer('/authenticate', name, DEMO_USER.name);
    const next = await askAgain(asked);
    expect(saysOf(next.step)).toBe('in progress');
    expect((await linkOf(next.step)).shared).toMatchObject({
      'backchannel-transactionData': { userName: DEMO_USER.name },
    });
  });

  test('is kept without its id', async () => {
    const { shared } = await ask('Ask');
    const id = shared['backchannel-transaction'] ?? '';
    expect(id).toMatch(/^[\w-]{24}$/);
    expect(await server.assent.store.backChannels.get(id)).toBeUndefined();
  });

  test('is used up by success: the link then starts nothing', async () => {
    const { link } = await ask('Ask');
    expect((await approve(link, DEMO_USER.password)).body).toHaveProperty('tokenId');
    expect(await open(link)).toMatchObject({ status: 401, body: REFUSED });
  });

  test('can be opened twice, and completed once', async () => {
    const asked = await ask('Ask');
    const [one, other] = [(await open(asked.link)).body as Step, (await open(asked.link)).body as Step];
    const ends = await Promise.all([one, other].map((step) => answer('/authenticate', step, DEMO_USER.password)));
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(saysOf((await askAgain(asked)).step)).toBe('success');
  });

  test('may be tried again after a failure, unless it allows one try', async () => {
    const again = await ask('Ask');
    expect((await approve(again.link, 'wrong')).status).toBe(401);
    const next = await askAgain(again);
    expect(saysOf(next.step)).toBe('in progress');
    expect((await approve(again.link, DEMO_USER.password)).body).toHaveProperty('tokenId');
    expect(saysOf((await askAgain(next)).step)).toBe('success');

    const once = await ask('AskOnce');
    expect((await approve(once.link, 'wrong')).status).toBe(401);
    expect(await open(once.link)).toMatchObject({ status: 401, body: REFUSED });
    expect(saysOf((await askAgain(once)).step)).toBe('failure');
  });

  test('is over when its time is: it starts no more, does not end in success, and nothing can be said about it', async () => {
    const asked = await ask('Ask');
    const step = (await open(asked.link)).body as Step;
    server.clock.advance(120_000);
    expect(await open(asked.link)).toMatchObject({ status: 401, body: REFUSED });
    const late = await answer('/authenticate', step, DEMO_USER.password);
    expect(late).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    expect(late.headers).not.toHaveProperty('set-cookie');
    expect(saysOf((await askAgain(asked)).step)).toBe('unknown');
  });

  test('that ended in time stays a success for who asks late', async () => {
    const asked = await ask('Ask');
    expect((await approve(asked.link, DEMO_USER.password)).body).toHaveProperty('tokenId');
    server.clock.advance(150_000);
    expect(saysOf((await askAgain(asked)).step)).toBe('success');
  });

  test('is for its user alone: another one with the right password does not complete it', async () => {
    const asked = await ask('AskForeign');
    const { status, headers } = await approve(asked.link, OTHER.name, OTHER.password);
    expect(status).toBe(401);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(saysOf((await askAgain(asked)).step)).toBe('in progress');
    const anybody = await ask('AskAnybody');
    expect((await approve(anybody.link, OTHER.name, OTHER.password)).body).toHaveProperty('tokenId');
  });

  test('is refused in another realm, which does not use it up', async () => {
    const { link } = await ask('Ask');
    const elsewhere = new URL(link ?? '');
    elsewhere.searchParams.delete('realm');
    expect(await open(elsewhere, '/alpha')).toMatchObject({ status: 401, body: REFUSED });
    expect((await approve(link, DEMO_USER.password)).body).toHaveProperty('tokenId');
  });

  test.each([
    ['no id', ''],
    ['an id that is none', 'x'],
    ['another id', 'AAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('is not started by %s', async (_what, id) => {
    const path = `/authenticate?authIndexType=transaction&authIndexValue=${id}`;
    expect(await rest('POST', path)).toMatchObject({ status: 401, body: REFUSED });
  });

  test('is not asked for where there is no such user, and not where there is no such journey', async () => {
    expect(saysOf((await ask('Ask', 'nobody')).step)).toBe('nobody');
    const first = (await rest('POST', start('AskNowhere'), { body: {} })).body as Step;
    expect((await answer(start('AskNowhere'), first, DEMO_USER.name)).status).toBe(401);
  });

  test('is no way round: a journey for back channels alone cannot be started by its name', async () => {
    expect((await rest('POST', start('Approve'))).status).toBe(400);
  });

  test('starts only journeys that the realm lists, by link and by advice, and opens no other (SEC-85)', async () => {
    const list = async (startableJourneys: readonly string[]): Promise<void> => {
      const realm = server.assent.configuration.realm('/');
      if (realm === undefined) throw new RangeError('There is no root realm.');
      await configuring(server.assent.store).saveRealm({ ...realm, startableJourneys });
      await server.assent.configuration.refresh();
    };
    const { link } = await ask('Ask');
    const id = link?.searchParams.get('authIndexValue');
    const advice = `<Advices><AttributeValuePair><Attribute name="TransactionConditionAdvice"/><Value>${id}</Value></AttributeValuePair></Advices>`;
    const byAdvice = `/authenticate?${new URLSearchParams({ authIndexType: 'composite_advice', authIndexValue: advice })}`;
    const unknown = await rest('POST', start('NoSuchJourney'), { body: {} });
    try {
      await list(['Ask']);
      for (const answer of [await open(link), await rest('POST', byAdvice)])
        expect([answer.status, answer.body]).toEqual([unknown.status, unknown.body]);
      const first = (await rest('POST', start('Ask'), { body: {} })).body as Step;
      expect((await answer(start('Ask'), first, DEMO_USER.name)).status).toBe(401);

      await list(['Ask', 'Approve']);
      expect((await open(link)).body).toHaveProperty('authId');
      expect((await rest('POST', byAdvice)).body).toHaveProperty('authId');
      expect((await rest('POST', start('Approve'))).status).toBe(400);
      expect((await ask('Ask')).link).toBeDefined();
    } finally {
      await list([]);
    }
  });

  test('is on record from beginning to end, without the id', async () => {
    const { link } = await ask('Ask');
    await approve(link, DEMO_USER.password);
    const demo = await server.assent.store.identities.find('/', DEMO_USER.name);
    const { events } = await server.assent.store.audit.page(demo?.id ?? '', {
      events: ['BACK_CHANNEL_END'],
      since: 0,
      limit: 1,
    });
    const [end] = events;
    expect(end).toMatchObject({ outcome: 'approved', journey: 'Approve', detail: { backChannel: expect.any(String) } });
    expect(JSON.stringify(end)).not.toContain(link?.searchParams.get('authIndexValue'));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILURE, SUCCESS } from '@assent/engine/host';
import { type AskedToSign, BoundPhone } from '@assent/factors/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone } from '../src/testing/account-fixture.ts';
import { Interleaving } from '../src/testing/interleaving.ts';
import { journeyConfigurationClient } from '../src/testing/journey-configuration-client.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Apps that bind and sign, over REST and a store (spec: webauthn §7, §14 A10).

const APPS = { applicationIds: ['com.example.app'] };
const PASSWORD = 'correct horse battery';
const ERRORS = { Unsupported: FAILURE, Abort: FAILURE, Timeout: FAILURE };

const SCRIPT = crypto.randomUUID();
/** Puts a phone of its own wherever one waits, or waited once, to be stored. */
const PLANTS = `
  var mine = { uuid: 'mine', deviceName: 'Mine', attested: true };
  var names = ['DeviceBinding.DEVICE', 'boundPendingDevice', 'boundDevice', 'handedOver'];
  for (var i = 0; i < names.length; i++) {
    transientState.put(names[i], mine);
    sharedState.put(names[i], mine);
  }
  outcome = 'done';
`;
const interleaving = new Interleaving();
let racers = 0;

let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;

type Node = readonly [type: string, config: object, to: Readonly<Record<string, string>>];

const publish = async (name: string, nodes: Readonly<Record<string, Node>>) => {
  const journeys = journeyConfigurationClient(rest, administrator);
  const ids = Object.fromEntries(Object.keys(nodes).map((id) => [id, crypto.randomUUID()]));
  const idOf = (id: string) => ids[id] ?? id;
  for (const [id, [type, config]] of Object.entries(nodes)) await journeys.put(`nodes/${type}/${idOf(id)}`, config);
  const placed = Object.entries(nodes).map(([id, [nodeType, , to]]) => [
    idOf(id),
    {
      displayName: id,
      nodeType,
      connections: Object.fromEntries(Object.entries(to).map(([outcome, next]) => [outcome, idOf(next)])),
    },
  ]);
  await journeys.put(`trees/${name}`, { entryNodeId: idOf('first'), nodes: Object.fromEntries(placed) });
};

const journeyScript = async (document: object) => {
  const body = { ...document, script: Buffer.from(PLANTS).toString('base64') };
  const headers = { 'accept-api-version': 'protocol=1.0,resource=1.0' };
  const { status } = await rest('PUT', `/scripts/${SCRIPT}`, { token: administrator, body, headers });
  if (status >= 300) throw new Error(`The script was refused: ${status}`);
};

const signing = (config: object = {}): Node => [
  'DeviceSigningVerifierNode',
  { ...APPS, ...config },
  {
    success: SUCCESS,
    failure: FAILURE,
    noDeviceRegistered: FAILURE,
    keyNotFound: FAILURE,
    ...ERRORS,
    ClientNotRegistered: FAILURE,
  },
];
const password: Readonly<Record<string, Node>> = {
  first: ['UsernameCollectorNode', {}, { outcome: 'password' }],
  password: ['PasswordCollectorNode', {}, { outcome: 'check' }],
  check: ['DataStoreDecisionNode', {}, { true: 'bind', false: FAILURE }],
};

interface Entry {
  readonly name: string;
  readonly value: unknown;
}
interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly output: readonly Entry[];
    readonly input?: readonly Entry[];
  }[];
}

interface Answer {
  readonly status: number;
  readonly step: Step;
}

const post = async (tree: string, body: object): Promise<Answer> => {
  const path = `/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const answer = await rest('POST', path, { body, headers: { 'accept-api-version': 'protocol=1.0,resource=2.1' } });
  return { status: answer.status, step: answer.body as Step };
};
/** The step with these values in its inputs, by what their names end with. */
const answering = ({ authId, callbacks = [] }: Step, values: Readonly<Record<string, string>>): object => ({
  authId,
  callbacks: callbacks.map((callback) => ({
    ...callback,
    input: callback.input?.map(({ name, value }) => ({
      name,
      value: values[name.replace(/^IDToken\d+/, '')] ?? value,
    })),
  })),
});
const askedBy = ({ callbacks = [] }: Step): AskedToSign => {
  const said = Object.fromEntries(callbacks[0]?.output.map(({ name, value }) => [name, value]) ?? []);
  return { userId: String(said.userId), challenge: String(said.challenge), now: server.clock.now() };
};

/** Up to where the app is asked. */
const afterPassword = async (tree: string, name: string) => {
  const first = await post(tree, {});
  const second = await post(tree, answering(first.step, { '': name }));
  return post(tree, answering(second.step, { '': PASSWORD }));
};
const bind = async (name: string, phone: BoundPhone, tree = 'Bind') => {
  const { step } = await afterPassword(tree, name);
  return post(tree, answering(step, { jws: phone.bind(askedBy(step)), deviceId: 'installation', deviceName: 'Phone' }));
};
const userWith = async (name: string, ...phones: readonly BoundPhone[]) => {
  await server.createUser('/', name, PASSWORD);
  for (const phone of phones) expect((await bind(name, phone)).step.tokenId).toBeTypeOf('string');
  return `id=${name},ou=user,ou=services,ou=am-config`;
};
const propertiesOf = async (tokenId: string | undefined) => {
  const { body } = await rest('POST', '/sessions?_action=getSessionInfo', { token: tokenId, body: {} });
  return body as { readonly username?: string; readonly properties?: Readonly<Record<string, string>> };
};

/** Has the second happen at one point of the first after the other, and at last after it, with somebody new each time. */
const atEachPoint = async (
  begin: (name: string) => Promise<readonly [outer: () => Promise<Answer>, inner: () => Promise<Answer>]>,
  holds: (name: string, ends: readonly Answer[], isNested: boolean) => Promise<void>,
): Promise<void> => {
  for (let at = 0, isNested = true; isNested; at += 1) {
    const name = `racer-${++racers}`;
    await server.createUser('/', name, PASSWORD);
    const [outer, inner] = await begin(name);
    const ends: Answer[] = [];
    const notes = (run: () => Promise<Answer>) => async () => void ends.push(await run());
    isNested = await interleaving.nest(notes(outer), notes(inner), at);
    if (!isNested) await notes(inner)();
    await holds(name, ends, isNested);
    expect(isNested || at > 0).toBe(true);
  }
};
const boundOf = async (name: string) => {
  const user = await server.assent.store.identities.find('/', name);
  return server.assent.store.boundDevices.ofUser(user?.id ?? '');
};
const signedIn = (ends: readonly Answer[]) => ends.filter(({ step: { tokenId } }) => tokenId !== undefined);
const oneBound = async (name: string, ends: readonly Answer[]) => {
  expect(signedIn(ends)).toHaveLength(1);
  expect(await boundOf(name)).toHaveLength(1);
};
const binding = (step: Step, phone: BoundPhone, tree = 'Bind') => {
  const values = { jws: phone.bind(askedBy(step)), deviceId: 'x' };
  return () => post(tree, answering(step, values));
};

describe('bound phones', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-bound-'));
  const started = () =>
    steeredServer({
      port: 18_553,
      between: interleaving.between,
      dataDir: directory,
    });
  beforeAll(async () => {
    server = await started();
    rest = restClient(server);
    administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const script = {
      name: 'Plants a phone',
      language: 'JAVASCRIPT',
      context: 'AUTHENTICATION_TREE_DECISION_NODE',
    };
    await journeyScript(script);
    await publish('Bind', {
      ...password,
      bind: ['DeviceBindingNode', APPS, { success: SUCCESS, failure: FAILURE, ...ERRORS }],
    });
    await publish('BindLater', {
      ...password,
      bind: [
        'DeviceBindingNode',
        { ...APPS, postponeDeviceProfileStorage: true },
        { success: 'store', failure: FAILURE, ...ERRORS },
      ],
      store: ['DeviceBindingStorageNode', {}, { true: 'again', false: FAILURE }],
      // Of the same submit as the storage: it sees what was stored.
      again: ['DeviceSigningVerifierNode', APPS, { ...signing()[2], noDeviceRegistered: FAILURE }],
    });
    await publish('BindScripted', {
      ...password,
      bind: [
        'DeviceBindingNode',
        { ...APPS, postponeDeviceProfileStorage: true },
        { success: 'script', failure: FAILURE, ...ERRORS },
      ],
      script: ['ScriptedDecisionNode', { script: SCRIPT, outcomes: ['done'] }, { done: 'store' }],
      store: ['DeviceBindingStorageNode', {}, { true: SUCCESS, false: FAILURE }],
    });
    await publish('BindPaused', {
      ...password,
      bind: [
        'DeviceBindingNode',
        { ...APPS, postponeDeviceProfileStorage: true },
        { success: 'pause', failure: FAILURE, ...ERRORS },
      ],
      pause: ['ChoiceCollectorNode', { choices: ['Go on', 'Stop'] }, { 'Go on': 'store', Stop: FAILURE }],
      store: ['DeviceBindingStorageNode', {}, { true: SUCCESS, false: FAILURE }],
    });
    await publish('BindAnother', {
      ...password,
      bind: ['DeviceSigningVerifierNode', APPS, { ...signing()[2], success: 'another' }],
      another: ['DeviceBindingNode', APPS, { success: SUCCESS, failure: FAILURE, ...ERRORS }],
    });
    await publish('Sign', { first: signing() });
    await publish('SignFor', {
      first: ['UsernameCollectorNode', {}, { outcome: 'sign' }],
      sign: signing({ captureFailure: true }),
    });
    await publish('Pay', {
      first: ['SetStateNode', { attributes: { text: 'Pay 12' } }, { outcome: 'sign' }],
      sign: signing({ challenge: false, sharedStateAttribute: 'text' }),
    });
  });
  afterAll(async () => {
    await server?.assent.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  describe.each(['android', 'ios'] as const)('an app on %s (A10)', (platform) => {
    test('binds a phone after the password, and signs its user in by it without a name', async () => {
      const phone = new BoundPhone({ platform });
      const name = `person-${platform}`;
      const userId = await userWith(name, phone);
      const { step } = await post('Sign', {});
      expect(askedBy(step).userId).toBe('');
      const jws = phone.sign({ ...askedBy(step), userId });
      const { step: end } = await post('Sign', answering(step, { jws }));
      expect(await propertiesOf(end.tokenId)).toMatchObject({ username: name });
      // The step was answered, and nothing that was signed is good for another one (WA-41).
      expect((await post('Sign', answering(step, { jws }))).status).toBe(401);
      const next = (await post('Sign', {})).step;
      expect(askedBy(next).challenge).not.toBe(askedBy(step).challenge);
      expect((await post('Sign', answering(next, { jws }))).status).toBe(401);
    });
  });

  test('of two answers to one challenge at the same time, one signs in (WA-41)', async () => {
    const phone = new BoundPhone();
    const userId = await userWith('twice', phone);
    const { step } = await post('Sign', {});
    const answers = [1, 2, 3].map(() =>
      post('Sign', answering(step, { jws: phone.sign({ ...askedBy(step), userId }) })),
    );
    const ends = await Promise.all(answers);
    expect(ends.filter(({ step: { tokenId } }) => tokenId !== undefined)).toHaveLength(1);
  });

  test('a text that was signed is accepted once, in whatever journey (WA-41, WA-47)', async () => {
    const phone = new BoundPhone();
    const userId = await userWith('payer', phone);
    const [one, other] = [await post('Pay', {}), await post('Pay', {})];
    expect(askedBy(one.step).challenge).toBe('Pay 12');
    const jws = phone.sign({ ...askedBy(one.step), userId });
    expect((await post('Pay', answering(one.step, { jws }))).step.tokenId).toBeTypeOf('string');
    expect((await post('Pay', answering(other.step, { jws }))).status).toBe(401);
    const again = (await post('Pay', {})).step;
    server.clock.advance(1_000);
    const fresh = phone.sign({ ...askedBy(again), userId });
    expect((await post('Pay', answering(again, { jws: fresh }))).step.tokenId).toBeTypeOf('string');
  });

  test('nobody binds a second phone by the password alone, and whoever signs with the first one does (§10.1)', async () => {
    const [first, second] = [new BoundPhone(), new BoundPhone()];
    await userWith('two-phones', first);
    expect((await afterPassword('Bind', 'two-phones')).status).toBe(401);
    const { step } = await afterPassword('BindAnother', 'two-phones');
    const { step: bound } = await post('BindAnother', answering(step, { jws: first.sign(askedBy(step)) }));
    const jws = second.bind(askedBy(bound));
    const { step: end } = await post('BindAnother', answering(bound, { jws, deviceId: 'x' }));
    expect(end.tokenId).toBeTypeOf('string');
    const withPush = 'phone-and-app';
    await server.createUser('/', withPush, PASSWORD);
    await addPhone(server, '/', withPush);
    expect((await afterPassword('Bind', withPush)).status).toBe(401);
  });

  test('a phone that is bound first and stored later is there for the next node of the same submit', async () => {
    const phone = new BoundPhone();
    await server.createUser('/', 'later', PASSWORD);
    const { step } = await bind('later', phone, 'BindLater');
    expect(step.callbacks?.[0]?.type).toBe('DeviceSigningVerifierCallback');
    const { step: end } = await post('BindLater', answering(step, { jws: phone.sign(askedBy(step)) }));
    expect(end.tokenId).toBeTypeOf('string');
  });

  test('nobody signs for somebody else, nor binds by the name of a key that another has (WA-44, WA-46)', async () => {
    const [victim, thief] = [new BoundPhone(), new BoundPhone()];
    const userId = await userWith('victim', victim);
    await userWith('thief', thief);
    for (const by of [thief, new BoundPhone({ kid: victim.kid })]) {
      const { step } = await post('SignFor', answering((await post('SignFor', {})).step, { '': 'victim' }));
      const asked = askedBy(step);
      expect(asked.userId).toBe(userId);
      expect((await post('SignFor', answering(step, { jws: by.sign(asked) }))).status).toBe(401);
    }
    await server.createUser('/', 'late', PASSWORD);
    expect((await bind('late', new BoundPhone({ kid: victim.kid }))).status).toBe(401);
  });

  test('what a client may send is bounded, and none of it is an error of the server', async () => {
    const { step } = await post('Sign', {});
    for (const jws of ['x', 'a.b.c', '{}', 'x'.repeat(32_768)])
      expect((await post('Sign', answering((await post('Sign', {})).step, { jws }))).status).toBe(401);
    expect((await post('Sign', answering(step, { jws: 'x'.repeat(32_769) }))).status).toBe(400);
    expect((await post('Sign', answering(step, { clientError: 'x'.repeat(257) }))).status).toBe(400);
    for (const clientError of ['success', 'Abort']) {
      const next = (await post('Sign', {})).step;
      expect((await post('Sign', answering(next, { clientError }))).status).toBe(401);
    }
  });

  describe('two answers at the same time (A3)', () => {
    test.each(['Bind', 'BindScripted'])('two phones that answer one step of %s are one phone (WA-41)', async (tree) => {
      await atEachPoint(async (name) => {
        const { step } = await afterPassword(tree, name);
        return [binding(step, new BoundPhone(), tree), binding(step, new BoundPhone(), tree)];
      }, oneBound);
    });

    test('two answers to the step before the storing store one phone', async () => {
      await atEachPoint(
        async (name) => {
          const { step } = await bind(name, new BoundPhone(), 'BindPaused');
          const goes = () => post('BindPaused', answering(step, {}));
          return [goes, goes];
        },
        async (name) => expect(await boundOf(name)).toHaveLength(1),
      );
    });

    test('of two journeys that each bind a first phone by the password, one does (WA-18)', async () => {
      await atEachPoint(async (name) => {
        const [one, other] = [await afterPassword('Bind', name), await afterPassword('Bind', name)];
        return [binding(one.step, new BoundPhone()), binding(other.step, new BoundPhone())];
      }, oneBound);
    });

    test('of two users whose phones call their keys by one name, one has it (WA-44)', async () => {
      await atEachPoint(
        async (name) => {
          const other = `${name}-other`;
          await server.createUser('/', other, PASSWORD);
          const kid = crypto.randomUUID();
          const [one, two] = [await afterPassword('Bind', name), await afterPassword('Bind', other)];
          return [binding(one.step, new BoundPhone({ kid })), binding(two.step, new BoundPhone({ kid }))];
        },
        async (name, ends) => {
          expect(signedIn(ends)).toHaveLength(1);
          expect([...(await boundOf(name)), ...(await boundOf(`${name}-other`))]).toHaveLength(1);
        },
      );
    });

    test.each(['Sign', 'Pay'])(
      'one signature signs in once, in one journey or in two (%s, WA-41, WA-47)',
      async (tree) => {
        await atEachPoint(
          async (name) => {
            const phone = new BoundPhone();
            expect((await bind(name, phone)).step.tokenId).toBeTypeOf('string');
            const [one, two] = [await post(tree, {}), await post(tree, {})];
            const jws = phone.sign({ ...askedBy(one.step), userId: `id=${name},ou=user,ou=services,ou=am-config` });
            const of = (step: Step) => () => post(tree, answering(step, { jws }));
            return [of(one.step), of(tree === 'Pay' ? two.step : one.step)];
          },
          async (_name, ends) => {
            expect(signedIn(ends)).toHaveLength(1);
          },
        );
      },
    );

    test('a phone that is removed meanwhile signs nobody in (WA-32)', async () => {
      await atEachPoint(
        async (name) => {
          const phone = new BoundPhone();
          expect((await bind(name, phone)).step.tokenId).toBeTypeOf('string');
          const { step } = await post('Sign', {});
          const jws = phone.sign({ ...askedBy(step), userId: `id=${name},ou=user,ou=services,ou=am-config` });
          const removes = async () => {
            const removal = { type: 'bound.delete', realm: '/', uuid: phone.kid } as const;
            expect(await server.assent.store.committer.commit([removal])).toEqual({ committed: true });
            return { status: 200, step: {} };
          };
          return [() => post('Sign', answering(step, { jws })), removes];
        },
        async (name, ends, isNested) => {
          expect(await boundOf(name)).toEqual([]);
          expect(signedIn(ends)).toHaveLength(isNested ? 0 : 1);
        },
      );
    });
  });

  test('a phone that waits to be stored is stored after a restart, once', async () => {
    await server.createUser('/', 'restarted', PASSWORD);
    const { step } = await bind('restarted', new BoundPhone(), 'BindPaused');
    await server.assent.stop();
    server = await started();
    rest = restClient(server);
    expect((await post('BindPaused', answering(step, {}))).step.tokenId).toBeTypeOf('string');
    await post('BindPaused', answering(step, {}));
    expect(await boundOf('restarted')).toHaveLength(1);
  });

  test('what a script writes about a phone that waits to be stored is stored by nobody (WA-18)', async () => {
    await server.createUser('/', 'scripted', PASSWORD);
    const phone = new BoundPhone();
    expect((await bind('scripted', phone, 'BindScripted')).step.tokenId).toBeTypeOf('string');
    expect(await boundOf('scripted')).toMatchObject([{ uuid: phone.kid, attested: false, deviceName: 'Phone' }]);
  });
});

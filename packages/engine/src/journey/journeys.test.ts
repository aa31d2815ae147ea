import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { JourneyReference } from '../step/journey-requests.ts';
import { fakeRequest, submitted, type TestTree, testRealm } from '../testing/index.ts';
import { codeOf, login, passwordJourneys, rejection, short } from '../testing/password-journeys.ts';

describe('what a journey refuses', () => {
  test('an authId in the realm of another', async () => {
    const it = passwordJourneys({ Login: login }, [testRealm(), testRealm({ realm: '/alpha' })]);
    const first = await it.begin();
    const foreign = it.post(first.reference, submitted(first, ['demo']), { realm: '/alpha' });
    expect(await codeOf(foreign)).toBe('JOURNEY_EXPIRED');
    await expect(it.step(first, 'demo')).resolves.toMatchObject({ kind: 'step' });
  });

  test('a realm that does not exist or is switched off', async () => {
    const it = passwordJourneys({ Login: login }, [testRealm(), testRealm({ realm: '/off', active: false })]);
    const start = (realm: string) => it.journeys.start({ realm, parameters: {}, request: fakeRequest() });
    expect(await codeOf(start('/none'))).toBe('REALM_UNKNOWN');
    expect(await codeOf(start('/off'))).toBe('REALM_UNKNOWN');
  });

  test.each([{ enabled: false }, { innerTreeOnly: true }, { transactionalOnly: true }])(
    'a tree with %j',
    async (settings) => {
      const it = passwordJourneys({ Login: login, Other: { ...login, settings } });
      expect(await codeOf(it.start('Other'))).toBe('TREE_NOT_FOUND');
    },
  );

  test('a tree that the realm does not list, however it is started; the default journey always is (SEC-85)', async () => {
    const trees = { Login: login, Other: login, Listed: login };
    const it = passwordJourneys(trees, [testRealm({ startableJourneys: ['Listed'] })]);
    for (const tree of ['Login', 'Listed']) expect(await it.start(tree)).toMatchObject({ kind: 'step' });
    for (const tree of ['Other', 'None']) expect(await codeOf(it.start(tree))).toBe('TREE_NOT_FOUND');
    const preview = it.journeys.preview({ realm: '/', tree: 'Other', parameters: {}, request: fakeRequest() });
    expect(await codeOf(preview)).toBe('TREE_NOT_FOUND');
  });

  test('a tree that does not exist', async () => {
    expect(await codeOf(passwordJourneys().start('None'))).toBe('TREE_NOT_FOUND');
  });

  test('any submit once the time is up, also of a step that was never stored', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const stored = await it.step(await it.begin(), 'demo');
    it.clock.advance(5 * 60_000);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
    expect(await codeOf(it.answer(stored, 'right'))).toBe('JOURNEY_EXPIRED');
  });

  test('the limit of the tree goes before the one of the realm', async () => {
    const it = passwordJourneys({ Login: { ...login, settings: { treeTimeout: 15 } } });
    const first = await it.begin();
    it.clock.advance(14 * 60_000);
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
    it.clock.advance(60_000);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('a journey of which nothing is known', async () => {
    const it = passwordJourneys();
    const { start: _, ...stored } = (await it.begin()).reference;
    expect(await codeOf(it.post(stored as JourneyReference, []))).toBe('JOURNEY_EXPIRED');
  });

  test('callbacks that do not fit, without using up the step (SEC-40)', async () => {
    const it = passwordJourneys();
    const second = await it.step(await it.begin(), 'demo');
    const commits = it.store.commits;
    const types = [{ type: 'NameCallback', input: { '': 'x' } }];
    const values = [{ type: 'PasswordCallback', input: { '': 1 } }];
    const more = [...values, ...types];
    for (const count of [[], more]) expect(await codeOf(it.post(second.reference, count))).toBe('CALLBACK_COUNT');
    expect(await codeOf(it.post(second.reference, types))).toBe('CALLBACK_TYPE');
    expect(await codeOf(it.post(second.reference, values))).toBe('CALLBACK_VALUE');
    expect(it.store.commits).toBe(commits);
    await expect(it.step(second, 'right')).resolves.toMatchObject({ kind: 'step' });
  });

  test('callbacks that do not fit a step that is not stored', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    expect(await codeOf(it.post(first.reference, []))).toBe('CALLBACK_COUNT');
    expect(it.store.journeys.size).toBe(0);
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
  });
});

describe('a node that cannot do its work', () => {
  const with_ = (kind: string): TestTree => ({
    entry: 'wait',
    nodes: {
      wait: { type: 'Wait', to: { DONE: 'broken', EXITED: 'broken' } },
      broken: { type: 'Broken', config: { kind }, to: { outcome: SUCCESS } },
    },
  });

  test.each([
    ['documented', 'The key is lost.'],
    ['missing', 'Expected username to be set.'],
    ['unexpected', 'Error: boom'],
  ])('ends the journey in error; the log has the words (%s)', async (kind, words) => {
    const it = passwordJourneys({ Login: with_(kind) });
    const step = await it.begin();
    const failure = await rejection(it.answer(step, undefined, 0));
    expect(failure.code).toBe('NODE_FAILED');
    expect(it.log.lines).toMatchObject([
      {
        level: 'error',
        msg: words,
        fields: {
          journey: 'Login',
          nodeType: 'Broken',
          nodeId: 'broken',
          realm: '/',
          transactionId: 'test-transaction',
        },
      },
    ]);
    expect(it.store.audit.map(({ event, outcome }) => [event, outcome])).toEqual([
      ['JOURNEY_START', undefined],
      ['JOURNEY_END', 'error'],
    ]);
    expect(await codeOf(it.answer(step, undefined, 0))).toBe('JOURNEY_EXPIRED');
    expect(it.store.sessions.size).toBe(0);
  });

  test('of a type that this server lacks fails when it is reached, not before', async () => {
    const it = passwordJourneys({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'other' } },
          other: { type: 'OtherNode', to: { done: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    expect(await codeOf(it.answer(first, 'demo'))).toBe('NODE_FAILED');
    expect(it.log.lines).toMatchObject([{ msg: 'This server has no node of type OtherNode.' }]);
  });

  test('and a tree that runs in a circle fails instead of hanging', async () => {
    const it = passwordJourneys({
      Login: {
        entry: 'a',
        nodes: { a: { type: 'Pass', to: { outcome: 'b' } }, b: { type: 'Pass', to: { outcome: 'a' } } },
      },
    });
    expect(await codeOf(it.start())).toBe('NODE_FAILED');
  });

  test('in its success hook ends the journey, too, and no session is made', async () => {
    const it = passwordJourneys({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'count' } },
          count: { type: 'Counted', config: { failing: true }, to: { outcome: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    expect(await codeOf(it.answer(first, 'demo'))).toBe('NODE_FAILED');
    expect(it.store.sessions.size).toBe(0);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
    expect(it.log.lines).toMatchObject([{ msg: 'Failed operation on user attributes' }]);
  });
});

test('a journey under way finishes on the version it began with (SEC-41)', async () => {
  const it = passwordJourneys({ Login: short });
  const old = await it.begin();
  it.publish('Login', { ...short, nodes: { n: { type: 'AskName', to: { outcome: FAILURE } } } });
  const fresh = await it.begin();
  await expect(it.answer(old, 'demo')).resolves.toMatchObject({ kind: 'success' });
  expect(await codeOf(it.answer(fresh, 'demo'))).toBe('LOGIN_FAILED');
});

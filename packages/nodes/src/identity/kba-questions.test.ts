import {
  fakeRequest,
  memoryIdentities,
  memoryLog,
  memoryThrottle,
  plainHasher,
  runNode,
  seededRandom,
  simulatedClock,
  type TestUsers,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { realmServices } from '../testing/realm-services.ts';
import { kbaDecision } from './kba-decision.node.ts';
import { kbaVerify } from './kba-verify.node.ts';

const DAY = 24 * 3_600_000;
const questions = { '1': { en: 'First pet?', de: 'Erstes Haustier?' }, '2': { en: 'First street?' } };
const kbaInfo = [
  '{"questionId":"1","answer":"hash of rex"}',
  '{"customQuestion":"Own?","answer":"hash of own"}',
  '{"questionId":"2","answer":"hash of main st"}',
];
const services = (settings: object = {}) => realmServices({ 'selfservice.kba': { questions, ...settings } });

describe('deciding', () => {
  const users = { demo: { kbaInfo, mail: ['demo@example.org'] }, fresh: {}, odd: { kbaInfo: ['nonsense', 'more'] } };
  const decide = (state: Record<string, unknown>, selfService = services(), config = {}) =>
    runNode(kbaDecision, { ports: { identities: memoryIdentities(users), selfService }, config, state });

  test('fails where the realm has no such settings', async () => {
    await expect(decide({ username: 'demo' }, realmServices())).rejects.toThrow(
      'Failed to retrieve configuration values: the realm service selfservice.kba does not exist',
    );
  });

  test.each([[{}], [{ username: 'nobody' }]])('fails for %j', async (state) => {
    await expect(decide(state)).rejects.toThrow('Unable to read object');
  });

  test.each([
    ['demo', 3, 'true'],
    ['demo', 4, 'false'],
    ['fresh', 1, 'false'],
    ['odd', 1, 'false'],
  ])('%s has the %i that are wanted: %s', async (username, minimumAnswersToDefine, outcome) => {
    expect((await decide({ username }, services({ minimumAnswersToDefine }))).action).toMatchObject({ outcome });
  });

  test('finds the user by another attribute', async () => {
    const state = { objectAttributes: { mail: 'demo@example.org' } };
    expect((await decide(state, services(), { identityAttribute: 'mail' })).action).toMatchObject({ outcome: 'true' });
  });
});

describe('verifying', () => {
  const set = (settings: object = { minimumAnswersToVerify: 2, minimumAnswersToDefine: 2 }, users: TestUsers = {}) => {
    const all: TestUsers = { demo: { kbaInfo, mail: ['demo@example.org'] }, ...users };
    const clock = simulatedClock();
    const log = memoryLog();
    const from: { browser?: string; source?: string } = {};
    const ports = {
      clock,
      identities: memoryIdentities(all),
      passwordHasher: plainHasher,
      random: seededRandom(),
      selfService: services(settings),
      throttle: memoryThrottle(
        clock,
        () => from.browser,
        undefined,
        () => from,
      ),
    };
    const run = (config = {}, state: Record<string, unknown> = { username: 'demo' }, locales = ['en']) =>
      runNode(kbaVerify, { ports, log, config, state, request: fakeRequest({ locales }) });
    return { users: all, clock, log, ports, run, from };
  };
  const answersTo: Readonly<Record<string, string>> = {
    'First pet?': ' REX ',
    'Erstes Haustier?': 'Rex',
    'Own?': 'own',
    'First street?': 'Main  st',
  };
  const rightFor = (callbacks: readonly { output: Readonly<Record<string, unknown>> }[]) =>
    callbacks.map(({ output }) => answersTo[String(output.prompt)] ?? 'none');

  test('fails where the realm has no such settings', async () => {
    const { ports } = set();
    const without = { ...ports, selfService: realmServices() };
    await expect(runNode(kbaVerify, { ports: without, state: { username: 'demo' } })).rejects.toThrow(
      'Failed to retrieve configuration values: the realm service selfservice.kba does not exist',
    );
  });

  test.each([[{}], [{ username: 'nobody' }]])('fails for %j', async (state) => {
    await expect(set().run({}, state)).rejects.toThrow('Failed to retrieve user object');
  });

  test.each([
    ['has fewer than the realm wants', { minimumAnswersToDefine: 4 }, {}],
    ['keeps none under that attribute', {}, { kbaInfoAttribute: 'other' }],
  ])('fails for a user who %s', async (_what, settings, config) => {
    await expect(set(settings).run(config)).rejects.toThrow('Object has defined fewer questions than the minimum');
  });

  test('fails for a question that the realm has no more', async () => {
    await expect(set({ questions: { '1': { en: 'First pet?' } } }).run()).rejects.toThrow(
      'Question id 2 is not defined',
    );
  });

  test('asks as many as the realm wants, not always the same', async () => {
    const { run } = set();
    const asked = new Set<string>();
    for (let round = 0; round < 30; round += 1) {
      const { callbacks } = await run();
      expect(callbacks.map(({ type }) => type)).toEqual(['PasswordCallback', 'PasswordCallback']);
      for (const { output } of callbacks) asked.add(String(output.prompt));
    }
    expect([...asked].sort()).toEqual(['First pet?', 'First street?', 'Own?']);
  });

  test('takes answers however they are written', async () => {
    const first = await set().run();
    expect((await first.again(rightFor(first.callbacks))).action).toMatchObject({ outcome: 'true' });
  });

  test('takes the answer to a question in another language than it was asked in', async () => {
    const { ports } = set({ minimumAnswersToDefine: 3, minimumAnswersToVerify: 3 });
    const state = { username: 'demo' };
    const first = await runNode(kbaVerify, { ports, state, request: fakeRequest({ locales: ['de'] }) });
    expect(first.callbacks[0]?.output.prompt).toBe('Erstes Haustier?');
    const again = await runNode(kbaVerify, {
      ports,
      state,
      sent: first.callbacks,
      answers: rightFor(first.callbacks),
      request: fakeRequest({ locales: ['en'] }),
    });
    expect(again.action).toMatchObject({ outcome: 'true' });
  });

  test.each([
    ['one wrong answer', (right: string[]) => ['wrong', right[1] ?? '']],
    ['blanks', () => ['', ' ']],
    ['answers that are changed about', (right: string[]) => [...right].reverse()],
  ])('%s is False, and the log has no answer', async (_what, change) => {
    const { run, log } = set();
    const first = await run();
    const { action, audit } = await first.again(change(rightFor(first.callbacks)));
    expect(action).toMatchObject({ outcome: 'false' });
    expect(audit).toEqual([{ event: 'AUTH_FAIL', detail: { outcome: 'kba' } }]);
    expect(log.lines.map(({ msg }) => msg)).toEqual(['Provided answer(s) are invalid']);
    expect(JSON.stringify(log.lines)).not.toMatch(/wrong|rex|main/i);
  });

  test('finds the user by another attribute, and answers under another name', async () => {
    const { run, users } = set();
    users.demo = { mail: ['demo@example.org'], other: kbaInfo };
    const first = await run(
      { identityAttribute: 'mail', kbaInfoAttribute: 'other' },
      { objectAttributes: { mail: 'demo@example.org' } },
    );
    expect((await first.again(rightFor(first.callbacks))).action).toMatchObject({ outcome: 'true' });
  });

  const wrong = async (run: ReturnType<typeof set>['run']) => (await (await run()).again(['x', 'x'])).action;

  test('guessing is locked after the fifth wrong answer, for a while (SEC-57)', async () => {
    const { run, clock } = set();
    for (let guess = 0; guess < 5; guess += 1) expect(await wrong(run)).toMatchObject({ outcome: 'false' });
    await expect(run()).rejects.toThrow('Maximum attempts exceeded');
    clock.advance(901_000);
    expect((await run()).callbacks).toHaveLength(2);
  });

  test('the right answers make wrong ones forgotten', async () => {
    const { run, ports } = set();
    await wrong(run);
    const first = await run();
    await first.again(rightFor(first.callbacks));
    expect(ports.throttle.rows.size).toBe(0);
  });

  describe('with a number of attempts', () => {
    const settings = { numberOfAttemptsAllowed: 1, kbaAttemptsPropertyName: 'kbaLockout' };

    const right = async (run: ReturnType<typeof set>['run']) => {
      const first = await run();
      return (await first.again(rightFor(first.callbacks))).action;
    };

    test('a caller with more wrong answers than that is asked nothing for a day (SEC-57)', async () => {
      const { run, users, clock } = set(settings);
      expect(await wrong(run)).toMatchObject({ outcome: 'false' });
      expect(users.demo?.kbaLockout).toEqual(['1']);
      expect(await wrong(run)).toMatchObject({ outcome: 'false' });
      await expect(run()).rejects.toThrow('Maximum attempts exceeded');
      clock.advance(DAY - 1_000);
      await expect(run()).rejects.toThrow('Maximum attempts exceeded');
      clock.advance(1_001);
      expect((await run()).callbacks).toHaveLength(1);
    });

    test('wrong answers from one source lock out no other source, known or not (SEC-57, SEC-87)', async () => {
      const { run, from } = set(settings);
      from.source = '198.51.100.7';
      await wrong(run);
      await wrong(run);
      await expect(run()).rejects.toThrow('Maximum attempts exceeded');
      from.source = '203.0.113.1';
      expect(await right(run)).toMatchObject({ outcome: 'true' });
      from.browser = 'known';
      expect(await right(run)).toMatchObject({ outcome: 'true' });
    });

    test('each known browser has the number for itself (SEC-57)', async () => {
      const { run, from, clock } = set(settings);
      from.browser = 'known';
      await wrong(run);
      await wrong(run);
      await expect(run()).rejects.toThrow('Maximum attempts exceeded');
      from.browser = 'known, too';
      expect(await right(run)).toMatchObject({ outcome: 'true' });
      from.browser = 'known';
      await expect(run()).rejects.toThrow('Maximum attempts exceeded');
      clock.advance(DAY + 1);
      expect((await run()).callbacks).toHaveLength(1);
    });

    test.each(['2', '100', '1e999', 'none'])(
      'an attribute of %s, from wrong answers of others or an import, refuses no right answer, which clears it (SEC-87)',
      async (value) => {
        const { run, users } = set(settings);
        users.demo = { ...users.demo, kbaLockout: [value] };
        expect(await right(run)).toMatchObject({ outcome: 'true' });
        expect(users.demo?.kbaLockout).toEqual([]);
      },
    );

    test.each([
      ['one more than is allowed', { ...settings, numberOfAttemptsAllowed: 3 }, '4'],
      ['101 where any number is allowed', { kbaAttemptsPropertyName: 'kbaLockout' }, '101'],
    ])('the attribute counts the wrong answers in a row up to %s (SEC-46)', async (_what, kba, last) => {
      const { run, users, from } = set(kba);
      for (let n = 0; n < 120; n += 1) {
        from.source = `198.51.100.${n}`;
        expect(await wrong(run)).toMatchObject({ outcome: 'false' });
        if (n === 2) expect(users.demo?.kbaLockout).toEqual(['3']);
      }
      expect(users.demo?.kbaLockout).toEqual([last]);
    });

    test('a number without an attribute has no effect, as in PingAM', async () => {
      const { run } = set({ numberOfAttemptsAllowed: 1 });
      for (let n = 0; n < 3; n += 1) expect(await wrong(run)).toMatchObject({ outcome: 'false' });
    });

    test('right answers set it back', async () => {
      const { run, users } = set(settings);
      await wrong(run);
      const first = await run();
      await first.again(rightFor(first.callbacks));
      expect(users.demo?.kbaLockout).toEqual([]);
    });
  });
});

import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { JourneyParameters } from '../step/journey-requests.ts';
import { fakeRequest, storedJourney, type TestTree } from '../testing/index.ts';
import { codeOf, login, passwordJourneys, waiting } from '../testing/password-journeys.ts';

describe('what is stored (design.md decision 1)', () => {
  test('a first step that only asks writes nothing, and neither does asking for it again', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const again = await it.post(first.reference);
    expect(again).toMatchObject({ kind: 'step', callbacks: first.callbacks });
    expect(it.store).toMatchObject({ commits: 0, audit: [] });
    expect(it.store.journeys.size).toBe(0);
  });

  describe('by a preview of a start', () => {
    const preview = (it: ReturnType<typeof passwordJourneys>, parameters: JourneyParameters = {}) =>
      it.journeys.preview({ realm: '/', parameters, request: fakeRequest() });
    const beginsWith = (node: TestTree['nodes'][string]): TestTree => ({
      ...login,
      entry: 'before',
      nodes: { ...login.nodes, before: node },
    });

    test('shows a first step that only asks, and the journey goes on from it', async () => {
      const it = passwordJourneys();
      const seen = await preview(it);
      if (seen?.kind !== 'step') throw new Error('There is no step.');
      expect(it.store).toMatchObject({ commits: 0, audit: [] });
      await expect(it.step(seen, 'demo')).resolves.toMatchObject({ kind: 'step' });
    });

    test.each([
      ['has an effect', beginsWith({ type: 'Audited', to: { outcome: 'name' } })],
      ['changes the state', beginsWith({ type: 'Counted', to: { outcome: 'name' } })],
      ['fails at once', beginsWith({ type: 'Pass', to: { outcome: FAILURE } })],
      ['succeeds at once', beginsWith({ type: 'Pass', to: { outcome: SUCCESS } })],
      ['breaks', beginsWith({ type: 'Broken', config: { kind: 'unexpected' }, to: { outcome: 'name' } })],
    ])('shows nothing of a journey that %s, and writes nothing', async (_how, tree) => {
      const it = passwordJourneys({ Login: tree });
      expect(await preview(it)).toBeUndefined();
      expect(it.store).toMatchObject({ commits: 0, audit: [] });
      expect(it.store.journeys.size).toBe(0);
    });

    test('shows nothing of a journey whose parameters do not fit into an authId', async () => {
      expect(await preview(passwordJourneys(), { goto: `https://x.example/${'a'.repeat(1_100)}` })).toBeUndefined();
    });

    test('is refused for what a start is refused for', async () => {
      const it = passwordJourneys();
      const request = fakeRequest();
      expect(await codeOf(it.journeys.preview({ realm: '/none', parameters: {}, request }))).toBe('REALM_UNKNOWN');
      expect(await codeOf(it.journeys.preview({ realm: '/', tree: 'None', parameters: {}, request }))).toBe(
        'TREE_NOT_FOUND',
      );
    });
  });

  describe('by those who begin and do not finish, is bounded (A098)', () => {
    /** Journeys of which nobody may begin another while `seconds` are left; `noted` is what was told of beginnings and ends. */
    const atOnce = { ...login, nodes: { ...login.nodes, password: { type: 'AskPassword', to: { outcome: 'check' } } } };
    const bounded = (trees: Record<string, TestTree> = {}) => {
      const noted: string[] = [];
      const limit = { seconds: 0 };
      const beginnings = {
        wait: () => limit.seconds,
        begun: (address: string) => void noted.push(`begun ${address}`),
        finished: (address: string) => void noted.push(`finished ${address}`),
      };
      return { ...passwordJourneys({ Login: atOnce, ...trees }, undefined, { beginnings }), noted, limit };
    };

    test('which counts from the first submit on, and is given back by a sign-in', async () => {
      const it = bounded();
      const first = await it.begin();
      expect(it.noted).toEqual([]);
      const second = await it.step(first, 'demo');
      expect(it.noted).toEqual(['begun 192.0.2.7']);
      await it.answer(second, 'right');
      expect(it.noted).toEqual(['begun 192.0.2.7', 'finished 192.0.2.7']);
    });

    test('so that pages are shown, what is under way goes on, and nothing new is stored or tried', async () => {
      const it = bounded();
      const underWay = await it.step(await it.begin(), 'demo');
      it.limit.seconds = 7;
      const shown = await it.begin();
      expect(await it.post(shown.reference)).toMatchObject({ kind: 'step' });
      await expect(it.answer(shown, 'demo')).rejects.toMatchObject({
        code: 'TOO_MANY_BEGUN',
        detail: { retryAfterSeconds: 7 },
      });
      expect(it.store.journeys.size).toBe(1);
      expect(await it.answer(underWay, 'right')).toMatchObject({ kind: 'success' });
    });

    test('also where the first step is stored at once', async () => {
      const seen = {
        ...login,
        entry: 'seen',
        nodes: { ...login.nodes, seen: { type: 'Audited', to: { outcome: 'name' } } },
      };
      const it = bounded({ Login: seen });
      it.limit.seconds = 1;
      expect(await codeOf(it.begin())).toBe('TOO_MANY_BEGUN');
      expect(it.store).toMatchObject({ commits: 0, audit: [] });
    });
  });

  test('a first step that came with an effect is stored at once', async () => {
    const tree = {
      ...login,
      entry: 'seen',
      nodes: { ...login.nodes, seen: { type: 'Audited', to: { outcome: 'name' } } },
    };
    const it = passwordJourneys({ Login: tree });
    const first = await it.begin();
    expect(it.store.journeys.size).toBe(1);
    expect(first.reference.start).toBeUndefined();
    await it.step(first, 'demo');
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'SEEN']);
  });

  test('parameters too long for an authId are stored', async () => {
    const it = passwordJourneys();
    const first = await it.begin(undefined, { goto: `/${'x'.repeat(2_000)}` });
    expect(first.reference.start).toBeUndefined();
    expect(it.store.journeys.size).toBe(1);
  });

  test('the start is audited with the first submit', async () => {
    const it = passwordJourneys();
    await it.step(await it.begin(), 'demo');
    expect(it.store.audit).toMatchObject([{ event: 'JOURNEY_START', journey: 'Login', realm: '/' }]);
  });

  test('a first submit that changes nothing writes nothing', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const again = await it.step(first, '');
    expect(again.reference).toEqual(first.reference);
    expect(it.store.commits).toBe(0);
  });

  test('a poll that changes nothing answers with the same step and writes nothing', async () => {
    const it = passwordJourneys();
    const step = await waiting(it);
    const commits = it.store.commits;
    it.clock.advance(1_000);
    const again = await it.step(step);
    expect(again).toEqual(step);
    expect(it.store.commits).toBe(commits);
  });

  test('asking for the current step without callbacks never moves it', async () => {
    const it = passwordJourneys();
    const step = await waiting(it);
    const commits = it.store.commits;
    it.clock.advance(10_000);
    await expect(it.post(step.reference)).resolves.toEqual(step);
    expect(it.store.commits).toBe(commits);
  });

  test('the password outlives a wait only as secure state, for the node ahead that declares it', async () => {
    const it = passwordJourneys();
    const step = await waiting(it);
    const stored = storedJourney(it.store.journeys.get(step.reference.journeyId));
    expect(stored.secure).toEqual({ password: 'right' });
    expect(stored.shared).not.toHaveProperty('password');
    it.clock.advance(6_000);
    await expect(it.answer(step)).resolves.toMatchObject({ kind: 'success' });
  });
});

import { describe, expect, test } from 'vitest';
import { USER_TOO_LARGE, USER_TOO_LARGE_TEXT } from '../model/identities.ts';
import { SUCCESS } from '../model/tree.ts';
import { codeOf, passwordJourneys, waiting } from '../testing/password-journeys.ts';

describe('an authId', () => {
  test('moves a journey once; another payload with it is refused (SEC-38)', async () => {
    const it = passwordJourneys();
    const second = await it.step(await it.begin(), 'demo');
    await it.step(second, 'right');
    expect(await codeOf(it.answer(second, 'other'))).toBe('JOURNEY_EXPIRED');
  });

  test('of a step that was not stored moves a journey once, too', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    await it.step(first, 'demo');
    expect(await codeOf(it.answer(first, 'other'))).toBe('JOURNEY_EXPIRED');
  });

  test('with the same payload gets the same step again for 60 s, and not after (SEC-39)', async () => {
    const it = passwordJourneys();
    const second = await it.step(await it.begin(), 'demo');
    const third = await it.step(second, 'right');
    const commits = it.store.commits;
    it.clock.advance(60_000);
    await expect(it.step(second, 'right')).resolves.toEqual(third);
    expect(it.store.commits).toBe(commits);
    it.clock.advance(1);
    expect(await codeOf(it.answer(second, 'right'))).toBe('JOURNEY_EXPIRED');
  });

  test('is not answered again once the journey is two steps on', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const second = await it.step(first, 'demo');
    await it.step(second, 'right');
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('of a finished journey starts nothing, and its success is never replayed (SEC-39)', async () => {
    const it = passwordJourneys();
    const step = await waiting(it);
    it.clock.advance(6_000);
    await it.answer(step);
    expect(await codeOf(it.answer(step))).toBe('JOURNEY_EXPIRED');
    expect(it.store.sessions.size).toBe(1);
  });

  test('sent 50 times at once advances the journey once, and all get the same step', async () => {
    const it = passwordJourneys();
    const second = await it.step(await it.begin(), 'demo');
    const commits = it.store.commits;
    const answers = await Promise.all(Array.from({ length: 50 }, () => it.step(second, 'right')));
    expect(new Set(answers.map(({ reference }) => reference.nonce)).size).toBe(1);
    expect(it.store.commits).toBe(commits + 1);
  });

  test('sent at once with 50 different payloads has one winner', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, at) => it.step(first, `user-${at}`)));
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 49 }, () => 'JOURNEY_EXPIRED'));
    expect(it.store.journeys.size).toBe(1);
  });
});

describe('a commit that lost against another', () => {
  test('is run again from what is stored now, with nothing of the first try left', async () => {
    const it = passwordJourneys({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'seen' } },
          seen: { type: 'Audited', to: { outcome: 'password' } },
          password: { type: 'AskPassword', to: { outcome: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    let mine: unknown;
    it.store.beforeCommit = async () => {
      mine = await it.step(first, 'demo');
    };
    const other = await it.step(first, 'demo');
    expect(other).toEqual(mine);
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'SEEN']);
  });

  test('loses for good when the other used the step for something else', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    it.store.beforeCommit = async () => {
      await it.step(first, 'other');
    };
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('ends in an error at once when the store refuses the size of a user', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    let commits = 0;
    it.store.commit = async () => {
      commits += 1;
      return { committed: false, refused: USER_TOO_LARGE };
    };
    await expect(it.answer(first, 'demo')).rejects.toThrow(USER_TOO_LARGE_TEXT);
    expect(commits).toBe(1);
  });

  test('is given up as OVERLOADED when it never gets through', async () => {
    const it = passwordJourneys();
    const first = await it.begin();
    const { commit } = it.store;
    it.store.commit = async () => ({ committed: false, refused: 'journey.insert' });
    expect(await codeOf(it.answer(first, 'demo'))).toBe('OVERLOADED');
    it.store.commit = commit;
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
  });
});

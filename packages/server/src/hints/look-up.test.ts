import { localHints, type MessageFingerprints, phoneHint, requestHint } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { lookUpChanges } from './look-up.ts';

const PHONE = { userId: 'user-1', deviceUuid: 'device-1' };

const world = () => {
  const hints = localHints();
  const woken: string[] = [];
  const asked: { requests: readonly string[]; users: readonly string[] }[] = [];
  const errors: unknown[] = [];
  const fingerprints = new Map<string, string>();
  const state = { isDue: true, failure: undefined as Error | undefined, gate: undefined as Promise<void> | undefined };
  let tick = (): void => {};
  const end = lookUpChanges({
    hints,
    messages: {
      async fingerprints(of): Promise<MessageFingerprints> {
        asked.push(of);
        await state.gate;
        if (state.failure !== undefined) throw state.failure;
        return {
          requests: new Map(of.requests.map((id) => [id, fingerprints.get(id) ?? ''])),
          phones: new Map([...fingerprints].filter(([, fingerprint]) => fingerprint !== '')),
        };
      },
    },
    isDue: () => state.isDue,
    every: (millis, action) => {
      expect(millis).toBe(250);
      tick = action;
      return () => {
        tick = () => {};
      };
    },
    onError: (cause) => errors.push(cause),
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    state,
    fingerprints,
    asked,
    errors,
    end,
    woken,
    settle,
    turn: async () => {
      tick();
      await settle();
      return woken.splice(0);
    },
    listen: (key: string) => hints.subscribe(key, () => woken.push(key)),
  };
};

describe('OPS-39: a look-up', () => {
  test('asks for nothing while nothing waits', async () => {
    const { turn, listen, asked } = world();
    await turn();
    const leave = listen(requestHint('AUTHENTICATE:1'));
    leave();
    await turn();
    expect(asked).toEqual([]);
  });

  test('asks for all that waits in one query, and wakes what has changed, once', async () => {
    const { turn, listen, asked, fingerprints } = world();
    listen(requestHint('AUTHENTICATE:1'));
    listen(requestHint('AUTHENTICATE:2'));
    listen(phoneHint(PHONE));
    listen(phoneHint({ ...PHONE, deviceUuid: 'device-2' }));
    expect(await turn()).toEqual([]);
    expect(asked).toEqual([{ requests: ['AUTHENTICATE:1', 'AUTHENTICATE:2'], users: ['user-1'] }]);
    fingerprints.set('AUTHENTICATE:2', 'approved').set('device-1', 'AUTHENTICATE:3');
    expect(await turn()).toEqual([requestHint('AUTHENTICATE:2'), phoneHint(PHONE)]);
    expect(await turn()).toEqual([]);
    fingerprints.set('device-1', '');
    expect(await turn()).toEqual([phoneHint(PHONE)]);
  });

  test('wakes what was answered between the look of the page and the first of ours', async () => {
    const { turn, listen, fingerprints } = world();
    await turn();
    listen(requestHint('AUTHENTICATE:1'));
    fingerprints.set('AUTHENTICATE:1', 'approved');
    expect(await turn()).toEqual([requestHint('AUTHENTICATE:1')]);
  });

  test('asks only after somebody else may have committed, and then for whatever waits', async () => {
    const { turn, listen, fingerprints, asked, state } = world();
    state.isDue = false;
    listen(requestHint('AUTHENTICATE:1'));
    await turn();
    listen(requestHint('AUTHENTICATE:2'));
    await turn();
    expect(asked).toEqual([]);
    fingerprints.set('AUTHENTICATE:1', 'approved').set('AUTHENTICATE:2', 'denied');
    state.isDue = true;
    expect((await turn()).length).toBe(2);
    state.isDue = false;
    await turn();
    expect(asked).toHaveLength(1);
  });

  test('one that fails is tried again with the next turn, and told of once', async () => {
    const { turn, listen, fingerprints, errors, state } = world();
    listen(requestHint('AUTHENTICATE:1'));
    fingerprints.set('AUTHENTICATE:1', 'approved');
    state.failure = new Error('the database is gone');
    await turn();
    // Even where nothing more is committed meanwhile.
    state.isDue = false;
    await turn();
    expect(errors).toEqual([state.failure]);
    state.failure = undefined;
    expect(await turn()).toEqual([requestHint('AUTHENTICATE:1')]);
  });

  test('one that takes long delays the next, and misses nobody who came meanwhile', async () => {
    const { turn, listen, fingerprints, asked, state, settle, woken } = world();
    listen(requestHint('AUTHENTICATE:1'));
    let answer = (): void => {};
    state.gate = new Promise((resolve) => {
      answer = resolve;
    });
    await turn();
    listen(requestHint('AUTHENTICATE:2'));
    fingerprints.set('AUTHENTICATE:2', 'approved');
    await turn();
    state.isDue = false;
    await turn();
    expect(asked).toHaveLength(1);
    answer();
    state.gate = undefined;
    await settle();
    woken.splice(0);
    expect(await turn()).toEqual([requestHint('AUTHENTICATE:2')]);
  });

  test('of more than 2,000 keys each is asked for once a second', async () => {
    const { turn, listen, asked } = world();
    for (let at = 0; at < 1_000; at += 1) listen(requestHint(`AUTHENTICATE:${at}`));
    await turn();
    for (let at = 1_000; at < 2_400; at += 1) listen(requestHint(`AUTHENTICATE:${at}`));
    for (let turns = 0; turns < 8; turns += 1) await turn();
    const looks = new Map<string, number>();
    for (const { requests } of asked.slice(1)) for (const id of requests) looks.set(id, (looks.get(id) ?? 0) + 1);
    expect(looks.size).toBe(2_400);
    expect([...looks.values()].every((times) => times === 2)).toBe(true);
  });

  test('keeps nothing of those who have left, and ends when it is told to', async () => {
    const { turn, listen, asked, end, fingerprints } = world();
    const leave = listen(requestHint('AUTHENTICATE:1'));
    fingerprints.set('AUTHENTICATE:1', 'suppressed');
    expect(await turn()).toHaveLength(1);
    leave();
    await turn();
    listen(requestHint('AUTHENTICATE:1'));
    expect(await turn()).toHaveLength(1);
    end();
    asked.splice(0);
    await turn();
    expect(asked).toEqual([]);
  });
});

import { JourneyError } from '@assent/engine';
import { memoryIdentities, memoryLog, runNode, type TestUsers } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { incrementLoginCount } from './increment-login-count.node.ts';
import { loginCountDecision } from './login-count-decision.node.ts';

describe('counting a login', () => {
  const set = (users: TestUsers) => ({ ports: { identities: memoryIdentities(users) }, log: memoryLog() });

  test('of nobody is no reason to stop it', async () => {
    const given = set({});
    const { action } = await runNode(incrementLoginCount, { ...given, state: { username: 'nobody' } });
    expect(action).toMatchObject({ outcome: 'outcome' });
    expect(given.log.lines.map(({ msg }) => msg)).toEqual(['No object to increment']);
  });

  test('that cannot be written is no reason, either', async () => {
    const given = set({ demo: {} });
    const identities = { ...given.ports.identities, update: () => Promise.reject(new Error('disk')) };
    const { action } = await runNode(incrementLoginCount, {
      ...given,
      ports: { identities },
      state: { username: 'demo' },
    });
    expect(action).toMatchObject({ outcome: 'outcome' });
    expect(given.log.lines).toMatchObject([
      { msg: 'Unable to increment login count', fields: { cause: new Error('disk') } },
    ]);
  });

  test('lets an overloaded server say so', async () => {
    const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    const identities = { ...memoryIdentities({ demo: {} }), update: () => Promise.reject(overloaded) };
    await expect(runNode(incrementLoginCount, { ports: { identities }, state: { username: 'demo' } })).rejects.toBe(
      overloaded,
    );
  });

  test.each([
    [[], '1'],
    [['1'], '2'],
    [['41'], '42'],
    [['nonsense'], '1'],
  ])('after %j makes %s', async (loginCount, after) => {
    const users = { demo: { loginCount: loginCount as readonly string[] } };
    await runNode(incrementLoginCount, { ...set(users), state: { username: 'demo' } });
    expect(users.demo.loginCount).toEqual([after]);
  });

  test('finds its user by another attribute', async () => {
    const users: TestUsers = { demo: { mail: ['d@example.org'] } };
    const state = { objectAttributes: { mail: 'd@example.org' } };
    await runNode(incrementLoginCount, { ...set(users), config: { identityAttribute: 'mail' }, state });
    expect(users.demo?.loginCount).toEqual(['1']);
  });
});

describe('deciding by the number of logins', () => {
  const decide = (loginCount: readonly string[], config = {}, state: Record<string, unknown> = { username: 'demo' }) =>
    runNode(loginCountDecision, {
      ports: { identities: memoryIdentities({ demo: { loginCount, mail: ['d@example.org'] } }) },
      config,
      state,
    });

  test('fails where nobody is named', async () => {
    await expect(decide([], { identityAttribute: 'mail' }, {})).rejects.toThrow('mail not present in state');
  });

  test('fails for a user who does not exist', async () => {
    await expect(decide([], {}, { username: 'nobody' })).rejects.toThrow('Failed to retrieve existing object');
  });

  test('refuses an amount of none', async () => {
    await expect(decide([], { amount: 0 })).rejects.toThrow('amount');
  });

  test.each([
    ['AT', 3, [], 'false'],
    ['AT', 3, ['2'], 'false'],
    ['AT', 3, ['3'], 'true'],
    ['AT', 3, ['6'], 'false'],
    ['EVERY', 3, [], 'false'],
    ['EVERY', 3, ['4'], 'false'],
    ['EVERY', 3, ['6'], 'true'],
    ['EVERY', 3, ['nonsense'], 'false'],
  ])('%s %i logins, with %j so far, is %3$s', async (interval, amount, count, outcome) => {
    expect((await decide(count, { interval, amount })).action).toMatchObject({ outcome });
  });

  test('is at 25 logins unless set otherwise', async () => {
    expect((await decide(['25'])).action).toMatchObject({ outcome: 'true' });
  });
});

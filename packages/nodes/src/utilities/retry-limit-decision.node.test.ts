import { JourneyError } from '@assent/engine';
import { memoryIdentities, memoryLog, runNode, type TestUsers } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { retryLimitDecision } from './retry-limit-decision.node.ts';

const anonymous = { config: { incrementUserAttributeOnFailure: false }, ports: { identities: memoryIdentities() } };

test('refuses a limit of none', async () => {
  const given = { ...anonymous, config: { retryLimit: 0 } };
  await expect(runNode(retryLimitDecision, given)).rejects.toThrow('retryLimit');
});

describe('counting in the journey', () => {
  test.each([
    [undefined, 'Retry', 1],
    [2, 'Retry', 3],
    [3, 'Reject', 3],
    [9, 'Reject', 9],
  ])('with %s earlier passes and a limit of 3, takes %s', async (earlier, outcome, after) => {
    const { action, state } = await runNode(retryLimitDecision, {
      ...anonymous,
      nodeId: 'n1',
      state: earlier === undefined ? {} : { 'n1.retryCount': earlier },
    });
    expect(action).toEqual({ kind: 'goTo', outcome, detail: { retryCount: earlier ?? 0 } });
    expect(state['n1.retryCount']).toBe(after);
  });

  test('a limit of 2 lets two retries pass: three attempts in all', async () => {
    const given = { ...anonymous, config: { incrementUserAttributeOnFailure: false, retryLimit: 2 } };
    const first = await runNode(retryLimitDecision, given);
    const second = await first.again();
    const third = await second.again();
    const outcomes = [first, second, third].map(({ action }) => action.kind === 'goTo' && action.outcome);
    expect(outcomes).toEqual(['Retry', 'Retry', 'Reject']);
  });
});

describe('counting on the user', () => {
  test('keeps the count across journeys, beside the counts of other nodes, and clears it on Reject', async () => {
    const users = { demo: { retryLimitNodeCount: ['n2=1', 'n1=2'] } };
    const given = { nodeId: 'n1', ports: { identities: memoryIdentities(users) }, state: { username: 'demo' } };
    const retried = await runNode(retryLimitDecision, given);
    expect(retried.action).toMatchObject({ outcome: 'Retry' });
    expect(retried.state['n1.retryCount']).toBe(3);
    expect(users.demo.retryLimitNodeCount).toEqual(['n2=1', 'n1=3']);
    expect((await runNode(retryLimitDecision, given)).action).toMatchObject({ outcome: 'Reject' });
    expect(users.demo.retryLimitNodeCount).toEqual(['n2=1']);
  });

  test.each([['n1=x'], ['n1=-4'], ['n1='], ['n1=1.5']])('reads the spoiled value %s as none', async (value) => {
    const users = { demo: { retryLimitNodeCount: [value] } };
    const given = { ports: { identities: memoryIdentities(users) }, state: { username: 'demo' } };
    expect((await runNode(retryLimitDecision, given)).action).toMatchObject({ outcome: 'Retry' });
    expect(users.demo.retryLimitNodeCount).toEqual(['n1=1']);
  });

  test.each([[{}], [{ username: 'nobody' }]])('counts in the journey where there is no user (%j)', async (state) => {
    const {
      action,
      state: after,
      log,
    } = await runNode(retryLimitDecision, {
      ports: { identities: memoryIdentities() },
      state,
    });
    expect(action).toMatchObject({ outcome: 'Retry' });
    expect(after['n1.retryCount']).toBe(1);
    expect(log).toMatchObject([{ level: 'warn' }]);
  });

  test('goes on by the journey’s own count where the user cannot be read', async () => {
    const identities = { ...memoryIdentities(), find: () => Promise.reject(new Error('disk')) };
    const state = { username: 'demo', 'n1.retryCount': 3 };
    const { action, log } = await runNode(retryLimitDecision, { ports: { identities }, state });
    expect(action).toMatchObject({ outcome: 'Reject' });
    expect(log[0]).toMatchObject({ msg: 'Error getting current retry count', fields: { cause: new Error('disk') } });
  });

  test('goes on where the count cannot be saved, and says so in the log', async () => {
    const identities = { ...memoryIdentities({ demo: {} }), update: () => Promise.reject(new Error('disk')) };
    const { action, log } = await runNode(retryLimitDecision, { ports: { identities }, state: { username: 'demo' } });
    expect(action).toMatchObject({ outcome: 'Retry' });
    expect(log).toMatchObject([{ msg: 'Error setting retry count on user attribute' }]);
  });

  test('an overloaded server is no reason to go on uncounted', async () => {
    const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    const identities = { ...memoryIdentities({ demo: {} }), update: () => Promise.reject(overloaded) };
    const given = { ports: { identities }, state: { username: 'demo' } };
    await expect(runNode(retryLimitDecision, given)).rejects.toBe(overloaded);
  });
});

describe('when the journey succeeds', () => {
  test('fails with the documented text where the count cannot be cleared', async () => {
    const identities = {
      ...memoryIdentities({ demo: { retryLimitNodeCount: ['n1=1'] } }),
      update: () => Promise.reject(new Error('disk')),
    };
    const log = memoryLog();
    const run = await runNode(retryLimitDecision, { ports: { identities }, state: { username: 'demo' }, log });
    await expect(run.succeed()).rejects.toThrow(/^Failed operation on user attributes$/);
    expect(log.lines.at(-1)).toMatchObject({ msg: 'Error clearing attribute' });
  });

  test('clears the count of this node alone', async () => {
    const users: TestUsers = { demo: { retryLimitNodeCount: ['n2=1', 'n1=1'] } };
    const run = await runNode(retryLimitDecision, {
      ports: { identities: memoryIdentities(users) },
      state: { username: 'demo' },
    });
    expect(run.journey.wantsSuccess).toBe(true);
    await run.succeed();
    expect(users.demo?.retryLimitNodeCount).toEqual(['n2=1']);
  });

  test('writes nothing where nothing was counted on the user', async () => {
    const writes: string[] = [];
    const identities = {
      ...memoryIdentities({ demo: { retryLimitNodeCount: ['n2=1'] } }),
      async update(username: string) {
        writes.push(username);
      },
    };
    const run = await runNode(retryLimitDecision, { ports: { identities }, state: { username: 'demo' } });
    expect(writes).toEqual(['demo']);
    await run.succeed();
    expect(writes).toEqual(['demo']);
  });

  test('leaves the user alone where it does not count there', async () => {
    const users: TestUsers = { demo: { retryLimitNodeCount: ['n1=1'] } };
    const config = { incrementUserAttributeOnFailure: false };
    const given = { config, ports: { identities: memoryIdentities(users) }, state: { username: 'demo' } };
    await (await runNode(retryLimitDecision, given)).succeed();
    expect(users.demo?.retryLimitNodeCount).toEqual(['n1=1']);
  });
});

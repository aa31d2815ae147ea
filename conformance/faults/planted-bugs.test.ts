import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultSession } from './fault-session.ts';
import type { FaultPoint } from './servers/instance.ts';

// Bugs that are planted in a running server, each of which has to be found by what people were told (OPS-79).

const SEED = 15;

describeWith(['haproxy'], 'a bug that is planted in the server', () => {
  let session: FaultSession;
  beforeAll(async () => {
    session = await FaultSession.begin({ store: 'sqlite', seed: SEED, perSecond: 1, people: 10, hasRedis: false });
  });
  afterAll(() => session?.close());

  /** Commits what it should not, at the next commit of that kind, while somebody of that persona comes by. */
  const found = async (point: FaultPoint, personas: readonly string[]): Promise<readonly string[]> => {
    for (const instance of session.cluster.instances) instance.arm(point);
    const who = session.load.people.find(({ providerToken, hasRefused }) => providerToken === undefined && !hasRefused);
    for (const persona of personas) await session.load.honestly(persona, who);
    if (who !== undefined) session.load.people.splice(session.load.people.indexOf(who), 1);
    for (const instance of session.cluster.instances) instance.arm();
    const { findings } = await session.judge();
    return findings.map(({ kind, text }) => `${kind}: ${text}`);
  };

  test('an answer that was told and not kept is found as lost', async () => {
    const bug: FaultPoint = { change: 'push.answer', of: 'AUTHENTICATE', when: 'before', action: 'omit' };
    expect(await found(bug, ['approve'])).toContainEqual(expect.stringMatching(/^lost: .* approved, and waits/));
  });

  test('a session that was told and not kept is found as lost', async () => {
    const bug: FaultPoint = { change: 'session.insert', when: 'before', action: 'omit' };
    // Others may end their session at once, and then it is rightly gone.
    expect(await found(bug, ['recovery code'])).toContainEqual(expect.stringMatching(/^lost: .* session is not there/));
  });

  test('a code that is good twice is found as doubled', async () => {
    const bug: FaultPoint = { change: 'code.use', when: 'before', action: 'omit' };
    expect(await found(bug, ['recovery code', 'used code'])).toContainEqual(
      expect.stringMatching(/^doubled: .* twice by one recovery code/),
    );
  });

  test('a denial that becomes an approval is found as revived', async () => {
    const bug: FaultPoint = { change: 'push.answer', of: 'AUTHENTICATE', when: 'before', action: 'approve' };
    expect(await found(bug, ['deny'])).toContainEqual(expect.stringMatching(/^revived: .* was signed in by it/));
  });

  test('a request that never reaches the phone is found as stuck', async () => {
    const bug: FaultPoint = { change: 'push.open', of: 'AUTHENTICATE', when: 'before', action: 'omit' };
    expect(await found(bug, ['number'])).toContainEqual(expect.stringMatching(/^stuck: .* no request on the phone/));
  });
});

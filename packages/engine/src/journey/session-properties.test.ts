import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Session } from '../model/sessions.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { SESSION_PROPERTY_LIMITS } from '../state/session-properties.ts';
import { stateKey } from '../state/state-key.ts';
import { fakeRequest, journeyHarness } from '../testing/index.ts';

const username = stateKey.shared('username', z.string());

/** Sets or removes properties, and registers webhooks, by prefix and number. */
const sets = defineNode({
  type: 'Sets',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({
    prefix: z.string(),
    properties: z.number().default(0),
    length: z.number().default(1),
    webhooks: z.number().default(0),
    removes: z.boolean().default(false),
  }),
  outputs: [username],
  outcomes: { outcome: 'Outcome' },
  process({ config: { prefix, properties, length, webhooks, removes }, journey, state, goTo }) {
    state.set(username, 'demo');
    for (let at = 0; at < properties; at += 1) {
      if (removes) journey.removeSessionProperty(`${prefix}${at}`);
      else journey.setSessionProperty(`${prefix}${at}`, 'x'.repeat(length));
    }
    for (let at = 0; at < webhooks; at += 1) journey.addLogoutWebhook(`${prefix}${at}`);
    return goTo('outcome');
  },
});

const { properties, valueCharacters, bytes, logoutWebhooks } = SESSION_PROPERTY_LIMITS;
const PARTS = bytes / valueCharacters;

const setUp = (...configs: readonly object[]) => {
  const it = journeyHarness({
    nodes: [sets],
    trees: Object.fromEntries(
      configs.map((config, at) => [
        `Tree${at}`,
        {
          entry: 'sets',
          settings: { mustRun: true },
          nodes: { sets: { type: 'Sets', config: { ...config }, to: { outcome: SUCCESS } } },
        },
      ]),
    ),
    users: { demo: {} },
  });
  const sessionAfter = async (tree: string, before?: Session): Promise<Session> => {
    const answer = await it.start(tree, { forceAuth: true }, fakeRequest(before && { session: before }));
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    return answer.created.session;
  };
  return { ...it, sessionAfter };
};

test.each([
  ['many', { properties: properties / 2 }, { properties: properties / 2 + 1 }, /200 properties at most/],
  [
    'long',
    { properties: PARTS - 1, length: valueCharacters - 20 },
    { properties: 2, length: valueCharacters / 2 },
    /8192 bytes at most/,
  ],
  ['many webhooks', { webhooks: logoutWebhooks }, { webhooks: 1 }, /5 logout webhooks at most/],
])(
  'properties of two journeys in a row add up, and the second one ends in error where they are too %s (SEC-93)',
  async (_, one, two, reason) => {
    const it = setUp({ prefix: 'a', ...one }, { prefix: 'b', ...two });
    const before = await it.sessionAfter('Tree0');
    const alone = await it.sessionAfter('Tree1');
    expect(alone.userId).toBe(before.userId);
    const sessions = it.store.sessions.size;
    await expect(it.sessionAfter('Tree1', before)).rejects.toMatchObject({
      code: 'NODE_FAILED',
      detail: { reason: expect.stringMatching(reason) },
    });
    expect(it.store.sessions.size).toBe(sessions);
    expect(it.log.lines.at(-1)).toMatchObject({ msg: expect.stringMatching(reason), fields: { journey: 'Tree1' } });
    expect(it.store.audit.at(-1)).toMatchObject({ event: 'JOURNEY_END', outcome: 'error' });
  },
);

test('a journey that removes properties makes room for others', async () => {
  const it = setUp(
    { prefix: 'a', properties },
    { prefix: 'a', properties, removes: true },
    { prefix: 'b', properties },
  );
  const full = await it.sessionAfter('Tree0');
  const empty = await it.sessionAfter('Tree1', full);
  const other = await it.sessionAfter('Tree2', empty);
  const own = Object.keys(other.properties).filter((name) => /^[ab]\d+$/.test(name));
  expect([own.length, own.every((name) => name.startsWith('b'))]).toEqual([properties, true]);
});

test('a journey that registers no further webhook goes on with a session that an earlier version gave more of them (SEC-93)', async () => {
  const it = setUp({ prefix: 'a', webhooks: logoutWebhooks }, { prefix: 'b' }, { prefix: 'c', webhooks: 1 });
  const before = await it.sessionAfter('Tree0');
  const names = Array.from({ length: 20 }, (_, at) => `a${at}`);
  const older = { ...before, properties: { ...before.properties, LogoutWebhooks: names.join('|') } };
  const after = await it.sessionAfter('Tree1', older);
  expect(after.properties.LogoutWebhooks?.split('|')).toEqual(names);
  await expect(it.sessionAfter('Tree2', older)).rejects.toMatchObject({
    detail: { reason: expect.stringMatching(/5 logout webhooks at most/) },
  });
});

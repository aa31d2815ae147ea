import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, simulatedClock, storedJourney, testUserId } from '../testing/index.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;
const CODE = '483201';

const sends = defineNode({
  ...base,
  type: 'Sends',
  config: z.object({
    user: z.string(),
    method: z.enum(['mailCode', 'smsCode']),
    code: z.string().default(CODE),
    addressIn: z.array(z.string()).default(['mail']),
    attributes: z.record(z.string(), z.array(z.string())).default({}),
  }),
  outcomes: { outcome: 'Outcome' },
  process({ config, journey, goTo }) {
    const { user, method, code, addressIn, attributes } = config;
    journey.noteSentCode({ id: testUserId(user), attributes }, { method, code, addressIn });
    return goTo('outcome');
  },
});

/** Asks for a code of demo’s and tells how it was sent. */
const asks = defineNode({
  ...base,
  type: 'Asks',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process({ journey, answered, goTo, send }) {
    const code = answered(nameCallback);
    if (code === undefined) return send(nameCallback({ prompt: 'Code' }));
    told.push(journey.methodOfSentCode({ id: testUserId('demo') }, code));
    journey.identifyByName('demo');
    return goTo('outcome');
  },
});
const told: unknown[] = [];

type Sent = readonly [user: string, method: 'mailCode' | 'smsCode', code?: string, given?: object];

const setUp = (sent: readonly Sent[]) =>
  journeyHarness({
    nodes: [sends, asks],
    trees: {
      Login: {
        entry: sent.length === 0 ? 'asks' : 'sends-0',
        nodes: {
          asks: { type: 'Asks', to: { outcome: SUCCESS } },
          ...Object.fromEntries(
            sent.map(([user, method, code, given], at) => [
              `sends-${at}`,
              {
                type: 'Sends',
                config: { user, method, ...(code !== undefined && { code }), ...given },
                to: { outcome: at + 1 < sent.length ? `sends-${at + 1}` : 'asks' },
              },
            ]),
          ),
        },
      },
    },
    users: { demo: {} },
  });

test.each<[what: string, sent: readonly Sent[], method: string | undefined]>([
  ['nobody has sent', [], undefined],
  ['was sent by mail', [['demo', 'mailCode']], 'mailCode'],
  ['was sent by text message', [['demo', 'smsCode']], 'smsCode'],
  ['was sent to somebody else', [['other', 'mailCode']], undefined],
  [
    'was sent before the one that counts',
    [
      ['demo', 'mailCode'],
      ['demo', 'mailCode', '111111'],
    ],
    undefined,
  ],
  [
    'was sent beside another one',
    [
      ['demo', 'mailCode'],
      ['demo', 'smsCode', '111111'],
    ],
    'mailCode',
  ],
  [
    'was sent both ways, so that none says which was read',
    [
      ['demo', 'smsCode'],
      ['demo', 'mailCode'],
    ],
    'mailCode',
  ],
])('a code that %s', async (_what, sent, method) => {
  told.length = 0;
  const it = setUp(sent);
  await it.answer(await it.begin('Login'), CODE);
  expect(told).toEqual([method]);
});

test('what is kept of a code is not the code, and in no state', async () => {
  const it = setUp([['demo', 'mailCode']]);
  const step = await it.begin('Login');
  const { shared, secure, sentCodes } = storedJourney(it.store.journeys.get(step.reference.journeyId));
  expect(sentCodes).toEqual([{ user: testUserId('demo'), method: 'mailCode', code: `code of ${CODE}` }]);
  expect(JSON.stringify({ shared, secure })).not.toContain(CODE);
});

const AT = simulatedClock().now();
const changed = (daysAgo: number, name = 'mail') => ({
  assentAddressChanges: [`${name} ${new Date(AT - daysAgo * 86_400_000).toISOString()}`],
});

test.each<[what: string, given: object, method: string | undefined]>([
  ['changed just now', { attributes: changed(0) }, undefined],
  ['changed 6.9 days ago', { attributes: changed(6.9) }, undefined],
  ['changed 7 days ago', { attributes: changed(7) }, 'mailCode'],
  ['changed at a time that cannot be read', { attributes: { assentAddressChanges: ['mail then'] } }, undefined],
  ['left as it was while another one changed', { attributes: changed(0, 'telephoneNumber') }, 'mailCode'],
  ['not one of the user’s', { addressIn: [] }, undefined],
])('a code to an address that was %s proves what it should (SEC-85)', async (_what, given, method) => {
  told.length = 0;
  const it = setUp([['demo', 'mailCode', CODE, given]]);
  await it.answer(await it.begin('Login'), CODE);
  expect(told).toEqual([method]);
});

test.each([
  ['mailCode', 'mailCode'],
  ['smsCode', 'mailCode'],
] as const)(
  'a code sent by %s proves nothing once it was sent by %s to an unproven address as well (SEC-85)',
  async (first, then) => {
    for (const given of [{ attributes: changed(0) }, { addressIn: [] }]) {
      told.length = 0;
      const it = setUp([
        ['demo', first],
        ['demo', then, CODE, given],
      ]);
      await it.answer(await it.begin('Login'), CODE);
      expect(told).toEqual([undefined]);
    }
  },
);

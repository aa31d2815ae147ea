import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { MAX_SENT_CODES } from '../model/proven-factors.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, simulatedClock, storedJourney, testUserId } from '../testing/index.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;
const CODE = '483201';
const NO_USER = '';

const sends = defineNode({
  ...base,
  type: 'Sends',
  config: z.object({
    user: z.string(),
    method: z.enum(['mailCode', 'smsCode']),
    code: z.string().default(CODE),
    addressIn: z.array(z.string()).default(['mail']),
    to: z.string().default('a@example.org'),
    attributes: z.record(z.string(), z.array(z.string())).default({}),
  }),
  outcomes: { outcome: 'Outcome' },
  process({ config, journey, goTo }) {
    const { user, method, code, addressIn, to, attributes } = config;
    const identity = user === NO_USER ? undefined : { id: testUserId(user), attributes };
    journey.noteSentCode(identity, { method, code, addressIn, value: to, to });
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
  proves: ['mailCode', 'smsCode'],
  process({ journey, answered, goTo, send }) {
    const code = answered(nameCallback);
    if (code === undefined) return send(nameCallback({ prompt: 'Code' }));
    told.push(journey.proveSentCode({ id: testUserId('demo') }, code));
    overAt.push(journey.isCodeToFormerAddress({ id: testUserId('demo'), attributes: atTheEnd }, code));
    goneAt.push(
      journey.isAddressOfOther({ id: testUserId('demo'), attributes: atTheEnd }, 'mailCode', 'a@example.org'),
    );
    addresses.push(journey.addressOfSentCode({ id: testUserId('demo'), attributes: atTheEnd }, code)?.address);
    journey.identifyByName('demo');
    return goTo('outcome');
  },
});
const told: unknown[] = [];
const addresses: unknown[] = [];
const overAt: boolean[] = [];
const goneAt: boolean[] = [];
let atTheEnd: Readonly<Record<string, readonly string[]>> = {};

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
  const to = 'code of a@example.org';
  expect(sentCodes).toEqual([{ user: testUserId('demo'), method: 'mailCode', code: `code of ${CODE}`, to }]);
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

const MAIL = 'a@example.org';
const claimed = (name = 'mail') => ({
  [name]: [MAIL],
  [name === 'mail' ? 'assentClaimedMail' : 'assentClaimedTelephoneNumber']: [new Date(AT).toISOString()],
});
/** What the code proves after these were sent: how it came, and a claimed address. */
const provenAfter = async (sent: readonly Sent[], end: typeof atTheEnd = claimed()) => {
  told.length = 0;
  addresses.length = 0;
  atTheEnd = end;
  const it = setUp(sent);
  await it.answer(await it.begin('Login'), CODE);
  return { method: told[0], address: addresses[0] };
};
const NOTHING = { method: undefined, address: undefined };
const permutations = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length < 2
    ? [items]
    : items.flatMap((it, at) => permutations(items.toSpliced(at, 1)).map((others) => [it, ...others]));

const OWN_PHONE: Sent = ['demo', 'smsCode', CODE, { addressIn: ['telephoneNumber'], to: 'phone@sms.example' }];
const OWN_MAIL: Sent = ['demo', 'mailCode', CODE, { to: 'own@example.org' }];
const elsewhere: Readonly<Record<string, Sent>> = {
  'an address that was changed by the password alone': ['demo', 'mailCode', CODE, { attributes: changed(0) }],
  'an address that was collected': ['demo', 'mailCode', CODE, { addressIn: [] }],
  'an address before the user was known': [NO_USER, 'mailCode', CODE, { addressIn: [] }],
  'an address that is only claimed': ['demo', 'mailCode', CODE, { attributes: claimed() }],
  'an address of another user': ['other', 'mailCode'],
};

describe('a code that went to several places', () => {
  test.each(Object.entries(elsewhere))(
    'proves nothing where one of them is %s, in each order, of two and of three (SEC-85, SEC-87)',
    async (_what, sent) => {
      for (const places of [
        [sent, OWN_PHONE],
        [sent, OWN_MAIL],
        [sent, OWN_PHONE, OWN_MAIL],
      ])
        for (const order of permutations(places)) expect(await provenAfter(order)).toEqual(NOTHING);
    },
  );

  test('proves the lesser way where both addresses are proven, in each order (SEC-85)', async () => {
    for (const order of permutations([OWN_PHONE, OWN_MAIL]))
      expect(await provenAfter(order)).toEqual({ method: 'mailCode', address: undefined });
  });

  test('proves nothing where the number was changed between two messages (SEC-87)', async () => {
    const sent = (to: string): Sent => [
      'demo',
      'smsCode',
      CODE,
      { addressIn: ['telephoneNumber'], to, attributes: claimed('telephoneNumber') },
    ];
    const end = claimed('telephoneNumber');
    expect(await provenAfter([sent('b'), sent(MAIL)], end)).toEqual(NOTHING);
    expect(await provenAfter([sent(MAIL), sent(MAIL)], end)).toEqual({ method: 'smsCode', address: MAIL });
  });

  test('proves nothing, however many other codes were sent in between (SEC-85)', async () => {
    const others = Array.from({ length: MAX_SENT_CODES + 1 }, (_, at): Sent => ['demo', 'smsCode', `${at}`]);
    const [unproven] = Object.values(elsewhere);
    for (const first of [unproven, OWN_PHONE])
      expect(await provenAfter([first as Sent, ...others, OWN_PHONE])).toEqual(NOTHING);
    const it = setUp([...others, OWN_PHONE]);
    const { reference } = await it.begin('Login');
    expect(storedJourney(it.store.journeys.get(reference.journeyId)).sentCodes).toHaveLength(MAX_SENT_CODES);
  });
});

test.each<[what: string, end: typeof atTheEnd, address: string | undefined]>([
  ['is still there', claimed(), MAIL],
  ['was changed since', { ...claimed(), mail: ['b@example.org'] }, undefined],
  ['was changed and changed back by the password alone', { ...claimed(), ...changed(0) }, undefined],
  ['was changed back 7 days ago', { ...claimed(), ...changed(7) }, MAIL],
])('a code to a claimed address alone proves it where that address %s (SEC-87)', async (_what, end, address) => {
  const sent: Sent = ['demo', 'mailCode', CODE, { attributes: claimed() }];
  expect(await provenAfter([sent], end)).toEqual({ method: 'mailCode', address });
  expect(await provenAfter([sent, sent], end)).toEqual({ method: 'mailCode', address });
});

describe('a code is over once its user no longer has one of the addresses that it went to (SEC-85)', () => {
  const SECOND: Sent = ['demo', 'mailCode', CODE, { addressIn: ['second'], to: 'b@example.org' }];
  const PHONE: Sent = [
    'demo',
    'smsCode',
    CODE,
    { addressIn: ['phone', 'carrier'], to: '1', attributes: { carrier: ['sms.example'] } },
  ];
  const isOver = async (sent: readonly Sent[], end: typeof atTheEnd) => {
    overAt.length = 0;
    await provenAfter(sent, end);
    return overAt[0];
  };
  const HAS = {
    mail: ['x@example.org', 'A@example.org'],
    second: ['b@example.org'],
    phone: ['1'],
    carrier: ['SMS.example'],
  };

  test.each<[string, readonly Sent[], typeof atTheEnd]>([
    ['it is another', [['demo', 'mailCode']], { mail: ['b@example.org'] }],
    ['there is none', [['demo', 'mailCode']], {}],
    ['the first of two by mail', [['demo', 'mailCode'], SECOND], { ...HAS, mail: [] }],
    ['the second of two by mail', [['demo', 'mailCode'], SECOND], { ...HAS, second: [] }],
    ['the one that a text message did not go to', [PHONE, ['demo', 'mailCode']], { ...HAS, mail: [] }],
    ['the carrier alone', [PHONE], { ...HAS, carrier: ['other.example'] }],
    ['one that proves nothing yet', [['demo', 'mailCode', CODE, { attributes: changed(0) }]], { mail: [] }],
  ])('%s', async (_what, sent, end) => {
    expect(await isOver(sent, end)).toBe(true);
    expect(await isOver(sent, HAS)).toBe(false);
  });

  test('and one that was collected is over for nobody', async () => {
    expect(await isOver([['demo', 'mailCode', CODE, { addressIn: [] }]], {})).toBe(false);
  });

  test('an address that the state still has is no place for the next one', async () => {
    goneAt.length = 0;
    for (const end of [{}, HAS]) await provenAfter([['demo', 'mailCode']], end);
    expect(goneAt).toEqual([true, false]);
  });
});

test('a code removes no mark within the 7 days after a change by the password alone (SEC-87)', async () => {
  const attributes = { ...claimed(), ...changed(6.9) };
  expect(await provenAfter([['demo', 'mailCode', CODE, { attributes }]], claimed())).toEqual(NOTHING);
});

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AuditEvent } from '../model/audit.ts';
import { type FollowedLink, PROOF_METHODS, type ProofMethod } from '../model/proven-factors.ts';
import { afterHit, type ThrottleRow } from '../model/throttle.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { NEW_PLACES_POLICY } from '../step/known-places.ts';
import { fakeRequest, journeyHarness, TEST_START, testUserId } from '../testing/index.ts';
import { knownSources } from './guess-limits.ts';

/** Shows what its settings say, for the user demo. */
const shows = defineNode({
  type: 'Shows',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ methods: z.array(z.enum(PROOF_METHODS)), link: z.any(), sentTo: z.string().optional() }),
  outcomes: { outcome: 'Outcome' },
  proves: [...PROOF_METHODS],
  async process({ config, journey, goTo }) {
    const demo = { id: testUserId('demo'), username: 'demo' };
    journey.identifyByName('demo');
    if (config.link !== undefined) journey.noteFollowedLink(config.link as FollowedLink);
    for (const method of config.methods) journey.prove(demo, method);
    if (config.sentTo !== undefined) {
      // The user has this address when the code goes there and comes back.
      const then = { ...demo, attributes: { mail: [config.sentTo] } };
      const note = {
        method: 'mailCode',
        code: '1234',
        addressIn: ['mail'],
        value: config.sentTo,
        to: config.sentTo,
      } as const;
      journey.noteSentCode(then, note);
      expect(journey.proveSentCode(then, '1234')).toBe('mailCode');
    }
    return goTo('outcome');
  },
});

interface Given {
  /** A link that was followed in the journey. */
  readonly link?: FollowedLink;
  /** Where a code was sent, which came back. */
  readonly sentTo?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly methods: readonly ProofMethod[];
  readonly hasFactor?: boolean;
  readonly parameters?: { readonly noSession?: boolean };
  readonly noSession?: boolean;
  readonly rows?: readonly ThrottleRow[];
}

/** A sign-in with that, from a browser on a page of ours. */
const signedIn = async (given: Given) => {
  const {
    methods,
    hasFactor = false,
    parameters = {},
    noSession = false,
    rows = [],
    link,
    sentTo,
    attributes = {},
  } = given;
  const it = journeyHarness({
    nodes: [shows],
    trees: {
      Login: {
        entry: 'shows',
        nodes: {
          shows: { type: 'Shows', config: { methods, link, ...(sentTo && { sentTo }) }, to: { outcome: SUCCESS } },
        },
        settings: { noSession },
      },
    },
    users: { demo: attributes },
    faults: {
      knownPlaces: {
        throttles: { get: async (subjects) => rows.filter(({ subject }) => subjects.includes(subject)) },
        hasSecondFactor: async () => hasFactor,
      },
    },
  });
  const request = { ...fakeRequest({ clientAddress: '192.0.2.9' }), canBecomeKnown: true };
  const answer = await it.start(undefined, parameters, request);
  const ends = it.store.audit.filter(({ event }) => event === 'JOURNEY_END');
  expect(ends).toHaveLength(1);
  const isKnown = knownSources(logOf(ends), it.clock, async () => hasFactor);
  return {
    remembered: answer.kind === 'success' ? answer.remembered?.by.join(' ') : undefined,
    addressIn: answer.kind === 'success' ? answer.remembered?.addressIn : undefined,
    counted: it.store.other.flatMap((change) => ('row' in change ? [change.row as ThrottleRow] : [])),
    address: async (by: 'factor' | 'password') => isKnown(ends[0]?.userId ?? '', '192.0.2.9', by),
    now: it.clock.now(),
  };
};

const logOf = (ends: readonly AuditEvent[]) => ({
  signIns: async (_: string, { knownBy }: { readonly knownBy: 'factor' | 'any' }) =>
    ends.filter(({ detail }) => (knownBy === 'any' ? detail?.knownBy !== undefined : detail?.knownBy === knownBy)),
});

const SENT_CODES: readonly ProofMethod[] = ['mailCode', 'smsCode'];
const FACTORS = PROOF_METHODS.filter((method) => method !== 'password' && !SENT_CODES.includes(method));

// A stranger who runs a journey that proves less would lift the locks that keep strangers out (docs/adr/0039, docs/adr/0128).
test.each(FACTORS)('a browser and an address become known by a second factor: %s (SEC-86)', async (method) => {
  for (const methods of [[method], ['password', method]] as const) {
    const place = await signedIn({ methods, hasFactor: true });
    expect(place.remembered).toBe('factor');
    expect([await place.address('factor'), await place.address('password')]).toEqual([true, true]);
  }
});

test.each(SENT_CODES)(
  'a code that was sent is a second factor only of a user without a device: %s (SEC-86)',
  async (method) => {
    for (const methods of [[method], ['password', method]] as const) {
      const alone = await signedIn({ methods });
      expect([alone.remembered, await alone.address('factor')]).toEqual(['sentCode', true]);
      const withDevice = await signedIn({ methods, hasFactor: true });
      expect([withDevice.remembered, withDevice.counted]).toEqual([undefined, []]);
      expect([await withDevice.address('factor'), await withDevice.address('password')]).toEqual([false, false]);
    }
    const both = await signedIn({ methods: ['password', method, 'push'], hasFactor: true });
    expect([both.remembered, await both.address('factor')]).toEqual(['factor', true]);
  },
);

test.each<[string, Given]>([
  ['by the password alone of a user who has a second factor', { methods: ['password'], hasFactor: true }],
  ['by a journey that proves nothing', { methods: [] }],
  ['where the caller wants no session', { methods: ['push'], parameters: { noSession: true } }],
  ['where the journey makes none', { methods: ['push'], noSession: true }],
])('neither becomes known %s (A6, SEC-86)', async (_, given) => {
  const place = await signedIn(given);
  expect(place.remembered).toBeUndefined();
  expect(place.counted).toEqual([]);
  expect([await place.address('factor'), await place.address('password')]).toEqual([false, false]);
});

test('the password alone of a user who has nothing else makes both known to limits of passwords (SEC-57, SEC-86)', async () => {
  const place = await signedIn({ methods: ['password'] });
  expect(place.remembered).toBe('password');
  expect([await place.address('factor'), await place.address('password')]).toEqual([false, true]);
});

describe('a mailed link that was followed', () => {
  const ADDRESS = 'demo@example.org';
  const attributes = { mail: ['other@example.org', ADDRESS] };
  const link = { attribute: 'mail', address: 'Demo@Example.org', userId: testUserId('demo') };
  const changed = { assentAddressChanges: [`mail ${new Date(TEST_START).toISOString()}`] };

  test.each<[string, Partial<Given>, string | undefined]>([
    ['alone', {}, 'mailbox'],
    ['to an address that was collected', { link: { ...link, userId: null } }, 'mailbox'],
    ['and the password', { methods: ['password'] }, 'password mailbox'],
    ['and a code that was sent', { methods: ['mailCode'] }, 'sentCode'],
    ['and a device', { methods: ['push'], hasFactor: true }, 'factor'],
    ['of a user who has a second factor', { hasFactor: true }, undefined],
    ['of a user who has one and has shown the password', { methods: ['password'], hasFactor: true }, undefined],
    ['to another user', { link: { ...link, userId: 'id-of-other' } }, undefined],
    ['to an address that is none of the user', { attributes: { mail: ['other@example.org'] } }, undefined],
    ['to another attribute', { link: { ...link, attribute: 'second' } }, undefined],
    [
      'to an address that the password alone has changed lately',
      { attributes: { ...attributes, ...changed } },
      undefined,
    ],
    ['without a session', { noSession: true }, undefined],
  ])('%s makes the browser known by what it has shown (SEC-86, SEC-87)', async (_, given, expected) => {
    const place = await signedIn({ methods: [], link, attributes, ...given });
    expect(place.remembered).toBe(expected);
  });

  test('makes no address known, and ten browsers a day of a counter apart (SEC-86, SEC-87)', async () => {
    const rows = new Map<string, ThrottleRow>();
    const known: (string | undefined)[] = [];
    for (let n = 0; n < 12; n += 1) {
      const place = await signedIn({ methods: [], link, attributes, rows: [...rows.values()] });
      expect([await place.address('factor'), await place.address('password')]).toEqual([false, false]);
      for (const row of place.counted) rows.set(row.subject, { ...row, rev: row.rev + 1 });
      known.push(place.remembered);
    }
    expect(known).toEqual([...Array(10).fill('mailbox'), undefined, undefined]);
    expect([...rows.keys()]).toEqual([`new-places-by-mailbox:${testUserId('demo')}`]);
    const all = { methods: ['password'], link, attributes, rows: [...rows.values()] } as const;
    expect((await signedIn(all)).remembered).toBe('password');
  });
});

describe('a code that came back from an address', () => {
  const sentTo = 'demo@example.org';

  test.each([
    ['changed since', { mail: ['new@example.org'] }],
    ['removed since', {}],
  ])('%s makes neither the browser nor the address known (SEC-61, SEC-86)', async (_, attributes) => {
    const place = await signedIn({ methods: [], sentTo, attributes });
    expect([place.remembered, place.counted]).toEqual([undefined, []]);
    expect([await place.address('factor'), await place.address('password')]).toEqual([false, false]);
    // What was shown beside it counts for itself.
    expect((await signedIn({ methods: ['password'], sentTo, attributes })).remembered).toBe('password');
  });

  test('that the user still has makes the browser known by that address (SEC-86)', async () => {
    const place = await signedIn({ methods: ['password'], sentTo, attributes: { mail: ['Demo@example.org'] } });
    expect([place.remembered, place.addressIn]).toEqual(['sentCode', ['mail']]);
    const withDevice = await signedIn({ methods: ['push'], sentTo, attributes: { mail: [sentTo] }, hasFactor: true });
    expect([withDevice.remembered, withDevice.addressIn]).toEqual(['factor', []]);
  });
});

test.each<[string, readonly ProofMethod[], readonly ProofMethod[]]>([
  ['the password leaves browsers to a second factor', ['password'], ['push']],
  ['a second factor leaves browsers to the password', ['push'], ['password']],
  ['codes that were sent leaves browsers to a device', ['password', 'mailCode'], ['push']],
  ['codes that were sent leaves browsers to the password', ['password', 'smsCode'], ['password']],
  ['a device leaves browsers to codes that were sent', ['push'], ['password', 'mailCode']],
])('a burst of sign-ins by %s, each from a new browser (SEC-87)', async (_, burst, owner) => {
  const rows = new Map<string, ThrottleRow>();
  const fromNewBrowser = async (methods: readonly ProofMethod[]) => {
    const { remembered, counted } = await signedIn({ methods, rows: [...rows.values()] });
    for (const row of counted) rows.set(row.subject, { ...row, rev: row.rev + 1 });
    return remembered;
  };
  const burstOf: (string | undefined)[] = [];
  for (let n = 0; n < 50; n += 1) burstOf.push(await fromNewBrowser(burst));
  expect(burstOf.filter((by) => by !== undefined)).toHaveLength(10);
  const shown = owner.at(-1);
  expect(await fromNewBrowser(owner)).toBe(
    shown === 'push' ? 'factor' : shown === 'password' ? 'password' : 'sentCode',
  );
});

test('ten browsers a day become known, counted in the commit of the sign-in (SEC-87)', async () => {
  const { counted, now } = await signedIn({ methods: ['push'] });
  const subject = `new-places:${testUserId('demo')}`;
  expect(counted).toMatchObject([{ subject, hits: [now], rev: 0, lockedUntil: 0 }]);
  /** The row after so many, the last of them a while ago. */
  const rowOf = (hits: number, before = 0) => {
    let row: ThrottleRow | undefined;
    for (let n = 0; n < hits; n += 1) row = afterHit(row, subject, NEW_PLACES_POLICY, now - before);
    if (row === undefined) throw new Error('There is one at least.');
    return { ...row, rev: 7 };
  };
  const ninth = await signedIn({ methods: ['push'], rows: [rowOf(9)] });
  expect(ninth.remembered).toBe('factor');
  // The commit stands only where no other has counted meanwhile.
  expect(ninth.counted).toMatchObject([{ rev: 7 }]);
  const tenth = await signedIn({ methods: ['push'], rows: [rowOf(10)] });
  expect([tenth.remembered, tenth.counted]).toEqual([undefined, []]);
  const dayAfter = await signedIn({ methods: ['push'], rows: [rowOf(10, 24 * 3_600_000)] });
  expect(dayAfter.remembered).toBe('factor');
});

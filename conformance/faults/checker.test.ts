import { describe, expect, test } from 'vitest';
import { type Finding, findings, hashOf, isThere } from './checker.ts';
import type { Stored, Told } from './history.ts';

// The checker is what all faults are judged by, so it is judged first: of a history in which nothing is wrong it finds nothing, and of
// each that a bug would leave, just that bug (OPS-79).

const LOGIN = 'login-1';
const signedIn = (more: Partial<Extract<Told, { kind: 'signed in' }>> = {}): Told => ({
  kind: 'signed in',
  login: LOGIN,
  user: 'ada',
  token: 'token-1',
  ...more,
});
const answered = (decision: 'approved' | 'denied', login = LOGIN): Told => ({
  kind: 'answered',
  login,
  user: 'ada',
  message: 'm1',
  decision,
});
const connected = (more: Partial<Extract<Told, { kind: 'connected' }>> = {}): Told => ({
  kind: 'connected',
  login: LOGIN,
  user: 'ada',
  phone: 'p1',
  registration: 'r1',
  codes: 10,
  ...more,
});
const code = (name: string): Told => ({ kind: 'code sent', user: 'ada', code: name });

const store = (more: Partial<Stored> = {}): Stored => ({
  sessions: new Map([[hashOf('token-1'), 'ada']]),
  messages: new Map([['m1', { state: 'consumed', reason: null }]]),
  devices: [{ user: 'ada', phone: 'p1' }],
  codes: new Map([['ada', 10]]),
  mails: new Set(['ada@example.com']),
  trail: new Map([
    [`${LOGIN} SESSION_CREATE`, 1],
    [`${LOGIN} MAIL`, 1],
  ]),
  ...more,
});
const kinds = (found: readonly Finding[]) => found.map(({ kind }) => kind);

test('nothing is wrong with a login by phone, a denial, a code and a goodbye that are stored as they were told', () => {
  const history: readonly Told[] = [
    connected(),
    answered('approved'),
    signedIn({ message: 'm1' }),
    { ...(answered('denied', 'login-2') as Extract<Told, { kind: 'answered' }>), message: 'm2' },
    code('AAAA'),
    signedIn({ login: 'login-3', token: 'token-3', code: 'AAAA' }),
    { kind: 'ended', user: 'ada', token: 'token-3' },
  ];
  const stored = store({
    messages: new Map([
      ['m1', { state: 'consumed', reason: null }],
      ['m2', { state: 'consumed', reason: 'denied' }],
    ]),
    codes: new Map([['ada', 9]]),
    trail: new Map([
      [`${LOGIN} SESSION_CREATE`, 1],
      [`${LOGIN} MAIL`, 1],
      ['login-2 PUSH_DENIED', 1],
      ['login-3 SESSION_CREATE', 1],
    ]),
  });
  expect(findings(history, stored)).toEqual([]);
});

test('what nobody was told may be there or not: an answer was on its way when the server died', () => {
  const history = [connected(), code('AAAA'), answered('approved')];
  for (const codes of [10, 9]) expect(findings(history, store({ codes: new Map([['ada', codes]]) }))).toEqual([]);
  // A message that is long over is swept.
  expect(findings(history, store({ messages: new Map() }))).toEqual([]);
});

describe.each<readonly [bug: string, kind: Finding['kind'], history: readonly Told[], stored: Partial<Stored>]>([
  ['a session that was told of is not there', 'lost', [signedIn()], { sessions: new Map() }],
  ['a sign-in is not in the trail', 'lost', [signedIn()], { trail: new Map() }],
  [
    'an answer that was kept is not there',
    'lost',
    [answered('approved')],
    { messages: new Map([['m1', { state: 'pending', reason: null }]]) },
  ],
  ['a phone that was connected is not there', 'lost', [connected()], { devices: [] }],
  ['a mail did not leave', 'lost', [connected()], { mails: new Set() }],
  ['a mail left twice', 'doubled', [connected()], { trail: new Map([[`${LOGIN} MAIL`, 2]]) }],
  ['codes were not shown', 'lost', [connected({ codes: 0 })], {}],
  ['codes are gone that nobody has sent', 'lost', [connected()], { codes: new Map([['ada', 9]]) }],
  ['a denial is not in the trail', 'lost', [answered('denied')], { messages: new Map() }],
  ['one login made two sessions', 'doubled', [signedIn()], { trail: new Map([[`${LOGIN} SESSION_CREATE`, 2]]) }],
  [
    'a message was good for two logins',
    'doubled',
    [signedIn({ message: 'm1' }), signedIn({ message: 'm1', token: 'token-2', login: 'login-2' })],
    {
      sessions: new Map([
        [hashOf('token-1'), 'ada'],
        [hashOf('token-2'), 'ada'],
      ]),
      trail: new Map([
        [`${LOGIN} SESSION_CREATE`, 1],
        ['login-2 SESSION_CREATE', 1],
      ]),
    },
  ],
  [
    'a code was good for two logins',
    'doubled',
    [signedIn({ code: 'AAAA' }), signedIn({ code: 'AAAA', token: 'token-2', login: 'login-2' })],
    {
      sessions: new Map([
        [hashOf('token-1'), 'ada'],
        [hashOf('token-2'), 'ada'],
      ]),
      trail: new Map([
        [`${LOGIN} SESSION_CREATE`, 1],
        ['login-2 SESSION_CREATE', 1],
      ]),
    },
  ],
  ['a session is that of somebody else', 'doubled', [signedIn()], { sessions: new Map([[hashOf('token-1'), 'bea']]) }],
  [
    'a setup code has connected two phones',
    'doubled',
    [connected(), connected({ phone: 'p2' })],
    {
      devices: [
        { user: 'ada', phone: 'p1' },
        { user: 'ada', phone: 'p2' },
      ],
    },
  ],
  [
    'a phone is there twice',
    'doubled',
    [],
    {
      devices: [
        { user: 'ada', phone: 'p1' },
        { user: 'ada', phone: 'p1' },
      ],
    },
  ],
  [
    'a phone is there that nobody has connected',
    'doubled',
    [connected()],
    {
      devices: [
        { user: 'ada', phone: 'p1' },
        { user: 'ada', phone: 'p2' },
      ],
    },
  ],
  [
    'a denial is in the trail twice',
    'doubled',
    [answered('denied')],
    { messages: new Map(), trail: new Map([[`${LOGIN} PUSH_DENIED`, 2]]) },
  ],
  [
    'a denied message is approved',
    'revived',
    [answered('denied')],
    {
      messages: new Map([['m1', { state: 'approved', reason: null }]]),
      trail: new Map([[`${LOGIN} PUSH_DENIED`, 1]]),
    },
  ],
  [
    'a denied message was good for a login',
    'revived',
    [answered('denied'), signedIn({ message: 'm1' })],
    {
      messages: new Map(),
      trail: new Map([
        [`${LOGIN} PUSH_DENIED`, 1],
        [`${LOGIN} SESSION_CREATE`, 1],
      ]),
    },
  ],
  ['a session that was ended is there', 'revived', [signedIn(), { kind: 'ended', user: 'ada', token: 'token-1' }], {}],
  ['a code that was used is good still', 'revived', [connected(), code('AAAA'), signedIn({ code: 'AAAA' })], {}],
  ['somebody was led nowhere', 'stuck', [{ kind: 'stuck', login: LOGIN, user: 'ada', where: 'waits' }], {}],
])('%s', (_bug, kind, history, stored) => {
  test('is found, and nothing else', () => {
    expect(kinds(findings(history, store(stored)))).toEqual([kind]);
  });
});

describe('after a database has lost its last moments (F21)', () => {
  const told: readonly Told[] = [
    connected(),
    code('AAAA'),
    signedIn({ login: 'login-2', token: 'token-2', code: 'AAAA' }),
  ];
  const found = (stored: Stored) => kinds(findings(told.filter(isThere(stored)), stored));
  const sessions = new Map([[hashOf('token-2'), 'ada']]);
  const trail = new Map([
    [`${LOGIN} MAIL`, 1],
    ['login-2 SESSION_CREATE', 1],
  ]);

  test('a code and its session may be there or lost, both of them', () => {
    expect(found(store({ sessions, trail, codes: new Map([['ada', 9]]) }))).toEqual([]);
    expect(found(store({ sessions: new Map() }))).toEqual([]);
  });

  test('a session that is there with its code unused is found', () => {
    expect(found(store({ sessions, trail }))).toEqual(['revived']);
  });

  test('an answer, an end, a phone and tokens that were told are kept where the database has them', () => {
    const gone = store({ sessions, messages: new Map([['m1', { state: 'pending', reason: null }]]), devices: [] });
    const lost: readonly Told[] = [
      answered('approved'),
      answered('denied'),
      connected(),
      { kind: 'ended', user: 'ada', token: 'token-2' },
      { kind: 'tokens', user: 'ada', grant: 'g' },
    ];
    expect(lost.filter(isThere(gone))).toEqual([]);
    const kept = store({ sessions: new Map(), trail: new Map([[`${LOGIN} PUSH_DENIED`, 1]]) });
    expect(lost.filter(isThere(kept))).toEqual(lost.slice(0, 4));
  });
});

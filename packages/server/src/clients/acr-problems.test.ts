import { FAILURE, SUCCESS } from '@assent/engine/host';
import { publishedTree, type TestNode } from '@assent/engine/testing';
import { nodeCatalogue } from '@assent/nodes';
import { expect, test } from 'vitest';
import { waysOfClasses } from './acr-classes.ts';
import { acrProblems, isPasswordAlone, newAcrProblems } from './acr-problems.ts';

const treeOf = (name: string, nodes: Readonly<Record<string, TestNode>>) =>
  publishedTree(name, { entry: Object.keys(nodes)[0] ?? SUCCESS, nodes });
const password = (right: string): TestNode => ({
  type: 'DataStoreDecisionNode',
  to: { true: right, false: FAILURE },
});
const verified = { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'verify' };
const verify: TestNode = { type: 'PushResultVerifierNode', to: verified };
const inside = (tree: string, success: string = SUCCESS): TestNode => ({
  type: 'InnerTreeEvaluatorNode',
  config: { tree },
  to: { true: success, false: FAILURE },
});
/** A sender of requests to phones, with settings that a sender of codes does not have. */
const sends = (pushType: string, next: string): TestNode => ({
  type: 'PushAuthenticationSenderNode',
  config: { pushType, mandatory: true },
  to: { SENT: next, NOT_REGISTERED: FAILURE },
});
const sendsCode = (kind: 'Smtp' | 'Sms', next: string): TestNode => ({
  type: `OneTimePassword${kind}SenderNode`,
  config: { hostName: 'localhost', hostPort: 25, fromEmailAddress: 'login@example.com' },
  to: { outcome: next },
});
const asksCode: TestNode = { type: 'OneTimePasswordCollectorDecisionNode', to: { true: SUCCESS, false: FAILURE } };
const chooses = (yes: string, no: string): TestNode => ({ type: 'MessageNode', to: { true: yes, false: no } });

const trees = [
  treeOf('Login', { password: password(SUCCESS) }),
  treeOf('Open', { open: { type: 'AnonymousUserNode', to: { outcome: SUCCESS } } }),
  treeOf('Push', { password: password('verify'), verify }),
  treeOf('Optional', {
    password: password('choose'),
    choose: { type: 'MessageNode', to: { true: 'verify', false: SUCCESS } },
    verify,
  }),
  treeOf('AroundLogin', { run: inside('Login') }),
  treeOf('AroundPush', { run: inside('Push') }),
  treeOf('AroundItself', { run: inside('AroundItself') }),
  treeOf('Custom', { node: { type: 'NodeOfAnotherServer', to: { on: SUCCESS } } }),
];
const reading = { catalogue: nodeCatalogue };
const problems = (acr: string, name: string) =>
  acrProblems(trees, new Map([[acr, name]]), reading).map(({ message }) =>
    message.replace(/^.*?names the journey /, ''),
  );

const WITHOUT_PROOF = 'which comes to Success without a proof of the class by the path';

test.each<[string, string, string | undefined]>([
  ['password', 'Login', undefined],
  ['password', 'AroundLogin', undefined],
  ['push', 'Push', undefined],
  ['push', 'AroundPush', undefined],
  ['push', 'Login', `Login, ${WITHOUT_PROOF} "node" (True (true)) > Success.`],
  ['push', 'Optional', `Optional, ${WITHOUT_PROOF} "node" (True (true)) > "node" (false) > Success.`],
  ['phr', 'Push', `Push, ${WITHOUT_PROOF}`],
  ['gold', 'Login', undefined],
  ['gold', 'Push', undefined],
  ['gold', 'Optional', 'Optional, which comes to Success without its second factor from'],
  ['gold', 'Open', `Open, ${WITHOUT_PROOF}`],
  ['gold', 'Custom', `Custom, ${WITHOUT_PROOF}`],
  ['gold', 'AroundItself', `AroundItself, ${WITHOUT_PROOF}`],
  ['gold', 'Gone', 'Gone, which the realm does not have.'],
])('the class %s with the journey %s: %s (SEC-85)', (acr, name, problem) => {
  const found = problems(acr, name);
  if (problem === undefined) expect(found).toEqual([]);
  else expect(found[0]).toMatch(new RegExp(`^${problem.slice(0, problem.indexOf('"')).replace(/[().]/g, '\\$&')}`));
});

test('a change brings the problems of what it maps anew, of journeys that are there', () => {
  const before = new Map([
    ['push', 'Login'],
    ['gold', 'Login'],
  ]);
  const after = new Map([
    ['push', 'Login'],
    ['gold', 'Open'],
    ['silver', 'Gone'],
  ]);
  expect(newAcrProblems(trees, after, before, reading)).toMatchObject([{ acr: 'gold', tree: 'Open', isThere: true }]);
});

test('a class of the realm stands for what its journey proves, and for nothing where a path proves less (SEC-85)', () => {
  const names = ['Login', 'Push', 'Optional', 'Open', 'AroundPush', 'Gone'];
  const ways = waysOfClasses(new Map(names.map((name) => [name, name])), () => ({ trees, ...reading }));
  const waysOf = (acr: string) => ways(acr).map((way) => [...way].sort().join('+'));
  expect(Object.fromEntries([...names, 'unmapped'].map((name) => [name, waysOf(name)]))).toEqual({
    Login: ['password'],
    Push: ['password+push', 'password+pushNumber'],
    Optional: [],
    Open: [],
    AroundPush: ['password+push', 'password+pushNumber'],
    Gone: [],
    unmapped: [],
  });
});

/** Journeys after a password, which is checked outside of them. */
const parts: Readonly<Record<string, Readonly<Record<string, TestNode>>>> = {
  Number: { send: sends('CHALLENGE', 'verify'), verify },
  Tap: { send: sends('DEFAULT', 'verify'), verify },
  Biometric: { send: sends('BIOMETRIC', 'verify'), verify },
  // A new request takes the place of the one before it.
  TapAfterNumber: {
    send: sends('CHALLENGE', 'verify'),
    verify: { ...verify, to: { ...verified, TRUE: SUCCESS, EXPIRED: 'again' } },
    again: sends('DEFAULT', 'verify'),
  },
  NumberOfAnother: {
    choose: chooses('number', 'tap'),
    number: sends('CHALLENGE', 'verify'),
    tap: sends('DEFAULT', 'verify'),
    verify,
  },
  MadeAtTheVisit: {
    send: sends('CHALLENGE', 'made'),
    made: {
      type: 'ConfigProviderNode',
      config: { nodeType: 'PushAuthenticationSenderNode', script: 'settings' },
      to: { SENT: 'verify', NOT_REGISTERED: FAILURE },
    },
    verify,
  },
  OtherMadeAtTheVisit: {
    send: sends('CHALLENGE', 'made'),
    made: {
      type: 'ConfigProviderNode',
      config: { nodeType: 'MessageNode', script: 'settings' },
      to: { true: 'verify', false: FAILURE },
    },
    verify,
  },
  Mail: { send: sendsCode('Smtp', 'ask'), ask: asksCode },
  Sms: { send: sendsCode('Sms', 'ask'), ask: asksCode },
  MailOrSms: {
    choose: chooses('mail', 'sms'),
    mail: sendsCode('Smtp', 'ask'),
    sms: sendsCode('Sms', 'ask'),
    ask: asksCode,
  },
  CodeOfScript: { ask: asksCode },
  SentOutside: { send: sends('CHALLENGE', 'run'), run: inside('Verifies') },
  VerifiedOutside: { run: inside('Sends', 'verify'), verify },
};

test.each<[string, readonly string[]]>([
  ['Number', ['pushNumber']],
  ['Tap', ['push']],
  ['Biometric', ['push']],
  ['TapAfterNumber', ['push', 'pushNumber']],
  ['NumberOfAnother', ['push', 'pushNumber']],
  ['MadeAtTheVisit', ['push', 'pushNumber']],
  ['OtherMadeAtTheVisit', ['pushNumber']],
  ['Mail', ['mailCode']],
  ['Sms', ['smsCode']],
  ['MailOrSms', ['mailCode', 'smsCode']],
  ['CodeOfScript', ['mailCode', 'smsCode']],
  ['SentOutside', ['pushNumber']],
  ['VerifiedOutside', ['pushNumber']],
])('the sender decides what the journey %s proves by the answer (SEC-85)', (name, methods) => {
  const inner = [
    treeOf('Verifies', { verify }),
    treeOf('Sends', { send: sends('CHALLENGE', SUCCESS) }),
    treeOf(name, parts[name] ?? {}),
    treeOf('Whole', { password: password('run'), run: inside(name) }),
  ];
  const ways = waysOfClasses(new Map([['gold', 'Whole']]), () => ({ trees: inner, ...reading }));
  expect(ways('gold').map((way) => [...way].sort().join('+'))).toEqual(
    methods.map((method) => ['password', method].sort().join('+')),
  );
});

test('each journey is looked at once, however many ways lead to it (SEC-94)', () => {
  const layers = 40;
  const trees = new Map(
    Array.from({ length: layers }, (_, at) =>
      ['a', 'b'].map((side) =>
        treeOf(`${at}${side}`, at === layers - 1 ? {} : { x: inside(`${at + 1}a`), y: inside(`${at + 1}b`) }),
      ),
    )
      .flat()
      .map((tree) => [tree.name, tree]),
  );
  let looks = 0;
  const tree = (_realm: string, name: string) => {
    looks += 1;
    return trees.get(name);
  };
  expect(isPasswordAlone({ tree }, '/', '0a')).toBe(true);
  expect(looks).toBeLessThanOrEqual(2 * layers);
});

import { expect, test } from 'vitest';
import type { AnswerOutcome, Decision } from '../server/server-calls.ts';
import type { SignInRequest } from '../server/sign-in-request.ts';
import { createRequestDesk, type Verification } from './request-desk.ts';

const START = 1_000_000;
const request = (messageId: string, changes: Partial<SignInRequest> = {}): SignInRequest => ({
  messageId,
  accountId: 'account-1',
  title: 'Acme',
  name: 'jane',
  challenge: new Uint8Array(32),
  text: '',
  ask: { kind: 'accept' },
  demandsVerification: false,
  sentAt: START,
  expiresAt: START + 120_000,
  context: {},
  ...changes,
});

/** A desk whose time a test moves, and whose server answers when the test says so. */
const deskOf = ({ verification = 'passed' as Verification, outcome = 'sent' as AnswerOutcome } = {}) => {
  let now = START;
  const timers = new Map<() => void, number>();
  const sent: { readonly decision: Decision; readonly prepared: string | undefined }[] = [];
  const ended: string[] = [];
  let changes = 0;
  let verify: () => Promise<Verification> = async () => verification;
  const desk = createRequestDesk({
    now: () => now,
    after(millis, action) {
      timers.set(action, now + millis);
      return () => void timers.delete(action);
    },
    verify: () => verify(),
    prepare: async ({ messageId }) => `prepared ${messageId}`,
    async send(_request, decision, prepared) {
      sent.push({ decision, prepared });
      return outcome;
    },
    onEnd: ({ messageId }, end) => void ended.push(`${messageId} ${end}`),
    onChange() {
      changes += 1;
    },
  });
  return {
    desk,
    sent,
    ended,
    changes: () => changes,
    verifyBy(next: () => Promise<Verification>) {
      verify = next;
    },
    phases: () => desk.entries().map(({ request: { messageId }, phase }) => `${messageId} ${phase.kind}`),
    async pass(millis: number) {
      now += millis;
      for (const [action, at] of [...timers]) {
        if (at > now || !timers.delete(action)) continue;
        action();
      }
      await settled();
    },
  };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a newer request goes behind the one that is looked at, and the same one comes once (SEC-24, A167)', async () => {
  const { desk, phases } = deskOf();
  desk.arrive(request('1'));
  desk.arrive(request('2', { sentAt: START + 1 }));
  desk.arrive(request('1'));
  expect(phases()).toEqual(['1 open', '2 open']);
  await desk.startDeny('1');
  desk.arrive(request('3', { sentAt: START + 2 }));
  expect(phases()).toEqual(['1 reason', '2 open', '3 open']);
  await desk.deny('1', 'not_me');
  expect(phases()).toEqual(['1 over', '2 open', '3 open']);
  desk.dismiss('1');
  expect(phases()).toEqual(['2 open', '3 open']);
});

test('a request that arrives is seen without closing what is over', async () => {
  const { desk, phases } = deskOf();
  desk.arrive(request('1'));
  await desk.approve('1', '42');
  expect(phases()).toEqual(['1 over']);
  desk.arrive(request('2', { sentAt: START + 1 }));
  expect(phases()).toEqual(['2 open']);
});

test('an approval carries its number, and says "sent" rather than more', async () => {
  const { desk, sent, ended, phases } = deskOf();
  desk.arrive(request('1', { ask: { kind: 'type', digits: 6 } }));
  await desk.approve('1', '483201');
  expect(sent).toEqual([{ decision: { kind: 'approve', number: '483201' }, prepared: undefined }]);
  expect(phases()).toEqual(['1 over']);
  expect(ended).toEqual(['1 approved']);
});

test('two taps answer once', async () => {
  const { desk, sent } = deskOf();
  desk.arrive(request('1'));
  await Promise.all([desk.approve('1', undefined), desk.approve('1', undefined), desk.startDeny('1')]);
  expect(sent).toHaveLength(1);
});

test.each([
  ['failed', 'not-verified'],
  ['impossible', 'cannot-verify'],
] as const)('a check that %s leaves the request open, and nothing was sent', async (verification, problem) => {
  const { desk, sent } = deskOf({ verification });
  desk.arrive(request('1'));
  await desk.approve('1', undefined);
  expect(desk.entries()).toMatchObject([{ phase: { kind: 'open' }, problem }]);
  expect(sent).toEqual([]);
  await desk.startDeny('1');
  expect(desk.entries()).toMatchObject([{ phase: { kind: 'reason' }, problem: undefined }]);
});

test('a request that runs out while the browser asks for a finger is not approved any more', async () => {
  const { desk, sent, ended, pass, verifyBy } = deskOf();
  let finger = (_: Verification): void => undefined;
  verifyBy(
    () =>
      new Promise((resolve) => {
        finger = resolve;
      }),
  );
  desk.arrive(request('1'));
  const approval = desk.approve('1', undefined);
  await pass(120_000);
  finger('passed');
  await approval;
  expect(sent).toEqual([]);
  expect(ended).toEqual(['1 ran-out']);
});

test('a denial is sent with the reason that was chosen', async () => {
  const { desk, sent, ended } = deskOf();
  desk.arrive(request('1'));
  await desk.startDeny('1');
  await desk.deny('1', 'not_me');
  expect(sent).toEqual([{ decision: { kind: 'deny', reason: 'not_me' }, prepared: undefined }]);
  expect(ended).toEqual(['1 not-me']);
});

test('who says nothing for 8 seconds has denied; who is choosing has not yet', async () => {
  const { desk, sent, pass } = deskOf();
  desk.arrive(request('1'));
  desk.arrive(request('2'));
  await desk.startDeny('1');
  await desk.startDeny('2');
  desk.waitForReason('2');
  await pass(7_999);
  expect(sent).toEqual([]);
  await pass(1);
  expect(sent).toEqual([{ decision: { kind: 'deny', reason: 'other' }, prepared: 'prepared 1' }]);
});

test('who goes back from the reasons has not denied', async () => {
  const { desk, sent, pass, phases } = deskOf();
  desk.arrive(request('1'));
  await desk.startDeny('1');
  desk.takeBack('1');
  await pass(60_000);
  expect(sent).toEqual([]);
  expect(phases()).toEqual(['1 open']);
});

test('a page that is closed among the reasons sends what it has made beforehand', async () => {
  const { desk, sent } = deskOf();
  desk.arrive(request('1'));
  await desk.startDeny('1');
  desk.leave();
  expect(sent).toEqual([{ decision: { kind: 'deny', reason: 'other' }, prepared: 'prepared 1' }]);
});

test('a page that is closed before an open request decides nothing', async () => {
  const { desk, sent } = deskOf();
  desk.arrive(request('1'));
  desk.leave();
  await settled();
  expect(sent).toEqual([]);
});

test.each([
  [0, 'withdrawn'],
  [120_000, 'ran-out'],
])('a request that the server closes after %d ms has %s', async (millis, end) => {
  const { desk, ended, phases, pass } = deskOf();
  desk.arrive(request('1', { expiresAt: START + 120_000 }));
  await pass(millis);
  desk.withdrawn('1');
  expect(ended).toEqual([`1 ${end}`]);
  expect(phases()).toEqual(['1 over']);
});

test('the withdrawal that follows one’s own answer changes nothing', async () => {
  const { desk, ended } = deskOf();
  desk.arrive(request('1'));
  await desk.approve('1', undefined);
  desk.withdrawn('1');
  expect(ended).toEqual(['1 approved']);
});

test.each(['refused', 'unsent'] as const)('an answer that was %s is told as such', async (outcome) => {
  const { desk, ended } = deskOf({ outcome });
  desk.arrive(request('1'));
  await desk.approve('1', undefined);
  expect(ended).toEqual([`1 ${outcome}`]);
});

test('only what is over can be taken from the desk', async () => {
  const { desk, phases } = deskOf();
  desk.arrive(request('1'));
  desk.dismiss('1');
  expect(phases()).toEqual(['1 open']);
  await desk.approve('1', undefined);
  desk.dismiss('1');
  expect(phases()).toEqual([]);
});

test('requests of a removed account go with it, and their time does not run on', async () => {
  const { desk, ended, pass, phases } = deskOf();
  desk.arrive(request('1'));
  desk.arrive(request('2', { accountId: 'account-2' }));
  desk.removeAccount('account-1');
  await pass(120_000);
  expect(phases()).toEqual(['2 over']);
  expect(ended).toEqual(['2 ran-out']);
});

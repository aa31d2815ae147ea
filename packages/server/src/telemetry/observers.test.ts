import { JourneyError, Unavailable } from '@assent/engine';
import type { OutboxRow } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { observedMeasures } from '../testing/observed-measures.ts';
import { directoryObserver } from './directory-observer.ts';
import { journeyObserver } from './journey-observer.ts';
import { mailObserver } from './mail-observer.ts';
import { observedSender, outboxGauges } from './outbox-observer.ts';
import { observedHasher } from './password-observer.ts';
import { pushObserver } from './push-observer.ts';
import { storeObserver } from './store-observer.ts';

test('a node counts by what it comes to, on every way out (OPS-54)', async () => {
  const { measures, samplesOf } = observedMeasures();
  const observer = journeyObserver(measures, () => 0);
  const visit = (type: string, run: Parameters<typeof observer.visit>[1]) =>
    observer.visit(
      {
        type,
        id: 'n1',
        tree: 'Login',
        outcomes: {},
        connections: new Map([
          ['Retry', 'a'],
          ['Reject', 'b'],
        ]),
      },
      run,
    );
  const failure = new Error('broken');
  visit('Retry', () => ({ kind: 'goTo', outcome: 'Reject' }));
  expect(await visit('Retry', async () => ({ kind: 'goTo', outcome: 'Retry' }))).toMatchObject({ outcome: 'Retry' });
  visit('Page', () => ({ kind: 'send', callbacks: [] }));
  expect(() =>
    visit('Page', () => {
      throw failure;
    }),
  ).toThrow(failure);
  await expect(visit('Page', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await samplesOf('nodeOutcomes')).toEqual([
    ['Retry', 'Reject', 1],
    ['Retry', 'Retry', 1],
    ['Page', 'callbacks', 1],
    ['Page', 'error', 2],
  ]);
  expect(await samplesOf('nodeSeconds')).toEqual([
    ['Retry', 2],
    ['Page', 3],
  ]);
});

test('what a script has made of what a user has typed is no label, and takes no place of what others come to (OPS-54)', async () => {
  const { measures, samplesOf } = observedMeasures();
  const observer = journeyObserver(measures, () => 0);
  const node = { type: 'Script', id: 'n1', tree: 'Login', outcomes: { true: 'True' } };
  const visit = (connections: readonly string[], outcome: string) =>
    observer.visit({ ...node, connections: new Map(connections.map((it) => [it, 'next'])) }, () => ({
      kind: 'goTo',
      outcome,
    }));
  for (let at = 0; at < 200; at += 1) visit(['true'], `user ${at}`);
  visit(['true'], 'true');
  visit([], 'true');
  visit([], 'constructor');
  expect(await samplesOf('nodeOutcomes')).toEqual([
    ['Script', 'error', 201],
    ['Script', 'true', 2],
  ]);
  // Whoever makes journeys may give them as many outcomes as they like: an alert asks for this word.
  for (let at = 0; at < 200; at += 1) visit([`choice ${at}`], `choice ${at}`);
  measures.storeCommits.add(1, 'unavailable');
  measures.nodeOutcomes.add(1, 'x'.repeat(257), 'true');
  expect(await samplesOf('storeCommits')).toEqual([['unavailable', 1]]);
  expect(await samplesOf('nodeOutcomes')).toHaveLength(102);
  expect(await samplesOf('nodeOutcomes')).toContainEqual(['other', 'true', 1]);
});

test('a hash is timed; one that is refused is counted, and the places that are free wait for nobody', async () => {
  const { measures, samplesOf } = observedMeasures();
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  const hasher = observedHasher(
    {
      hash: () => held.then(() => 'hash'),
      verify: () => Promise.reject(new JourneyError('OVERLOADED', { retryAfterSeconds: 1 })),
      needsRehash: () => false,
    },
    measures,
    { elapsed: () => 0, places: 1 },
  );
  const running = ['a', 'b', 'c'].map((it) => hasher.hash(it, { realm: '/' }));
  expect(await samplesOf('passwordWaiting')).toEqual([[2]]);
  await expect(hasher.verify('h', 'p', { realm: '/' })).rejects.toThrow();
  end();
  await Promise.all(running);
  expect(await samplesOf('passwordWaiting')).toEqual([[0]]);
  expect(await samplesOf('passwordSeconds')).toEqual([[3]]);
  expect(await samplesOf('passwordRefused')).toEqual([[1]]);
});

test('a provider that is down is told of until it is up again, and makes nothing unready (OPS-53)', async () => {
  const { measures, samplesOf } = observedMeasures();
  const { observer, problems } = pushObserver(measures, () => 0);
  const called = { realm: '/', communicationType: 'gcm', provider: 'gcm' };
  await observer.call(called, async () => ({ status: 'sent' }));
  await observer.call(called, async () => ({ status: 'failed', permanent: false, cause: 'x', blame: 'provider' }));
  observer.breaker(called, 'opened');
  observer.leftAlone(called);
  expect(await samplesOf('providerRequests')).toEqual([
    ['gcm', 'sent', 1],
    ['gcm', 'failed', 1],
    ['gcm', 'leftAlone', 1],
  ]);
  expect(await samplesOf('providerOpen')).toEqual([['gcm', '/', 1]]);
  expect(problems()).toEqual(['The push provider gcm of the realm / is down.']);
  observer.breaker(called, 'closed');
  expect([await samplesOf('providerOpen'), problems()]).toEqual([[], []]);
});

test('a directory that is away is told of until it answers, and what it refuses is an answer', async () => {
  const { measures, samplesOf } = observedMeasures();
  const { observer, problems } = directoryObserver(measures);
  const ask = (error?: Error) =>
    observer
      .ask('/', 'bind', async () => {
        if (error !== undefined) throw error;
      })
      .catch(() => undefined);
  await ask(new Unavailable('away'));
  expect(problems()).toEqual(['The directory of the realm / does not answer.']);
  await ask(new Error('code 53'));
  expect(problems()).toEqual([]);
  await ask();
  expect(await samplesOf('ldapRequests')).toEqual([
    ['bind', 'unavailable', 1],
    ['bind', 'refused', 1],
    ['bind', 'ok', 1],
  ]);
});

test('a mail server that takes no mail is told of; one that refuses this very mail does well', async () => {
  const { over, problems } = mailObserver();
  const results = [
    { status: 'refused', cause: 'no' },
    { status: 'refused', cause: 'no such user', isFinal: true },
  ] as const;
  let at = 0;
  const mailer = over({ send: async () => results[at++] ?? { status: 'accepted' } });
  const mail = { server: { host: 'mail.example.com' } } as Parameters<typeof mailer.send>[0];
  await mailer.send(mail, '/');
  expect(problems()).toEqual(['The mail server mail.example.com takes no mail.']);
  await mailer.send(mail, '/');
  expect(problems()).toEqual([]);
});

test('tries of the outbox are counted by what they come to; one that throws has failed', async () => {
  const { measures, samplesOf } = observedMeasures();
  const row = {} as OutboxRow;
  await observedSender({ send: async (_row: OutboxRow) => ({ status: 'settled' }) }, 'mail', measures).send(row);
  const broken = observedSender({ send: (_row: OutboxRow) => Promise.reject(new Error('x')) }, 'mail', measures);
  await expect(broken.send(row)).rejects.toThrow('x');
  expect(await samplesOf('outboxTries')).toEqual([
    ['mail', 'settled', 1],
    ['mail', 'failed', 1],
  ]);
});

test('what waits in the outbox is counted for a hundredth of the time at most, once for all who ask meanwhile, and again where that failed', async () => {
  const { measures, samplesOf } = observedMeasures();
  let now = 1_000_000;
  let elapsed = 0;
  let cost = 10;
  let asked = 0;
  let answer = async () => [{ kind: 'mail', isDead: false, count: asked, firstTriedAt: 0 }];
  const backlog = async () => {
    asked += 1;
    elapsed += cost;
    return answer();
  };
  const look = outboxGauges({ outbox: { backlog } }, measures, { now: () => now, elapsed: () => elapsed });
  await Promise.all([look(), look()]);
  now += 4_999;
  await look();
  expect([asked, await samplesOf('outboxMessages')]).toEqual([1, [['mail', 'waiting', 1]]]);
  now += 1;
  cost = 600;
  await look();
  now += 59_999;
  await look();
  expect([asked, await samplesOf('outboxMessages')]).toEqual([2, [['mail', 'waiting', 2]]]);
  now += 1;
  answer = () => Promise.reject(new Error('away'));
  await expect(look()).rejects.toThrow('away');
  await expect(look()).rejects.toThrow('away');
  expect([asked, await samplesOf('outboxMessages')]).toEqual([4, [['mail', 'waiting', 2]]]);
});

test('a table that is not clear falls behind, from when it was clear the last time', async () => {
  const { measures, samplesOf } = observedMeasures();
  let now = 0;
  const observer = storeObserver(measures, { elapsed: () => now, expired: () => undefined });
  observer.swept('session', 500, true);
  now = 60_000;
  observer.swept('session', 500, false);
  observer.swept('journey', 500, false);
  now = 90_000;
  expect(await samplesOf('sweepLag')).toEqual([
    ['session', 90],
    ['journey', 30],
  ]);
  expect(await samplesOf('sweepRows')).toEqual([
    ['session', 1_000],
    ['journey', 500],
  ]);
  // Another instance does it by now, and this one tells nothing that only grows.
  observer.sweptElsewhere();
  now = 5_000_000;
  expect(await samplesOf('sweepLag')).toEqual([]);
  observer.swept('session', 0, true);
  expect(await samplesOf('sweepLag')).toEqual([['session', 0]]);
});

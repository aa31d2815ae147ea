import { simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { localHints, newestHint, requestHint } from '../delivery/hints.ts';
import { rowsShownTo } from '../model/message-status.ts';
import type { PushMessage } from '../model/messages.ts';
import { newsOf, watchRequest } from './request-watch.ts';

const clock = simulatedClock();
const row = (facts: Partial<PushMessage> = {}): PushMessage => ({
  id: 'AUTHENTICATE:1',
  kind: 'AUTHENTICATE',
  request: 'AUTHENTICATE:1',
  realm: '/',
  userId: 'u',
  username: 'demo',
  journeyId: 'j',
  deviceUuid: 'd',
  mechanismUid: 'm',
  challenge: new Uint8Array(32),
  pushType: 'CHALLENGE',
  state: 'pending',
  createdAt: clock.now(),
  expiresAt: clock.now() + 120_000,
  attempts: 0,
  delivery: 'none',
  ...facts,
});

test.each<[string, Partial<PushMessage>, number, ReturnType<typeof newsOf>]>([
  ['waits', {}, 0, undefined],
  ['is approved', { state: 'approved' }, 0, 'ready'],
  ['is denied', { state: 'denied', reason: 'number' }, 0, 'ready'],
  ['was approved in time', { state: 'approved' }, 121_000, 'ready'],
  ['was approved in time and fetched too late', { state: 'approved' }, 151_000, 'expired'],
  ['ran out', {}, 120_000, 'expired'],
  ['was superseded', { state: 'closed', reason: 'superseded' }, 0, 'withdrawn'],
  ['was closed by its own journey', { state: 'closed', reason: 'exit' }, 0, 'ready'],
  // Whoever is over the limit of requests must not learn it here (SEC-25).
  ['was never sent', { state: 'closed', reason: 'suppressed' }, 0, undefined],
  ['was never sent, and its time is up', { state: 'closed', reason: 'suppressed' }, 120_000, 'expired'],
])('a request that %s says so', (_what, facts, later, news) => {
  expect(newsOf([row(facts)], clock.now() + later)).toBe(news);
});

test('a request that is gone ran out', () => {
  expect(newsOf([], clock.now())).toBe('expired');
});

/** A watch over rows that a test changes, with a timer that a test fires. */
const watched = (first = row(), hearsOfDeadAddresses?: boolean) => {
  let rows: readonly PushMessage[] | Error = [first];
  const told: unknown[] = [];
  const hints = localHints();
  const timers: { readonly millis: number; readonly action: () => void }[] = [];
  let reads = 0;
  const watch = watchRequest(
    {
      clock,
      hints,
      messages: {
        ofRequest: async () => {
          reads += 1;
          if (rows instanceof Error) throw rows;
          return rows;
        },
      },
      after: (millis, action) => {
        const timer = { millis, action };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    },
    'AUTHENTICATE:1',
    {
      ...(hearsOfDeadAddresses !== undefined && { hearsOfDeadAddresses }),
      onNews: (news) => told.push(news),
      onError: (cause) => told.push(cause),
    },
  );
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    watch,
    told,
    timers,
    settled,
    reads: () => reads,
    become: (next: readonly PushMessage[] | Error) => {
      rows = next;
    },
    hint: () => hints.publish(requestHint('AUTHENTICATE:1')),
    hintOfNewer: (userId: string) => hints.publish(newestHint(userId)),
  };
};

test('tells of an answer once, when the hint comes', async () => {
  const { become, hint, settled, told, timers } = watched();
  await settled();
  expect(told).toEqual([]);
  become([row({ state: 'approved' })]);
  hint();
  hint();
  await settled();
  hint();
  await settled();
  expect(told).toEqual(['ready']);
  expect(timers).toEqual([]);
});

test('reports a newer request of the same user at once, and reads no others', async () => {
  const { become, hintOfNewer, settled, told, reads } = watched();
  await settled();
  hintOfNewer('another');
  await settled();
  expect(reads()).toBe(1);
  become([row({ state: 'closed', reason: 'superseded' })]);
  hintOfNewer('u');
  await settled();
  expect(told).toEqual(['withdrawn']);
});

test('tells that no phone is rung as soon as that is so, to who does not know it yet (OPS-49)', async () => {
  const unreachable = { ...row(), isUnreachable: true } as const;
  const { become, hint, settled, told } = watched(row({ delivery: 'queued' }), true);
  await settled();
  become([unreachable, row({ id: 'AUTHENTICATE:2', delivery: 'sent' })]);
  hint();
  await settled();
  expect(told).toEqual([]);
  become([unreachable]);
  hint();
  await settled();
  expect(told).toEqual(['unreachable']);

  const knowing = watched(unreachable, false);
  await knowing.settled();
  expect(knowing.told).toEqual([]);
  knowing.become([{ ...unreachable, state: 'approved' }]);
  knowing.hint();
  await knowing.settled();
  expect(knowing.told).toEqual(['ready']);
});

test('nobody but the user hears that a phone is not rung (SEC-59)', () => {
  const rows = [{ ...row(), isUnreachable: true }] as const;
  expect(rowsShownTo('u', rows)).toEqual(rows);
  for (const other of [undefined, 'other']) expect(rowsShownTo(other, rows)).toEqual([row()]);
});

test('reports an answer that came before the first read', async () => {
  const { settled, told } = watched(row({ state: 'denied', reason: 'denied' }));
  await settled();
  expect(told).toEqual(['ready']);
});

test('reads again when the time of the request is up', async () => {
  const { settled, told, timers } = watched();
  await settled();
  expect(timers.map(({ millis }) => millis)).toEqual([120_000]);
  clock.advance(120_000);
  timers[0]?.action();
  await settled();
  expect(told).toEqual(['expired']);
});

test('survives a store that cannot be read, and finds what a lost hint hid (REL-23)', async () => {
  const { become, hint, settled, told, watch } = watched();
  await settled();
  const trouble = new Error('no store');
  become(trouble);
  hint();
  await settled();
  become([row({ state: 'approved' })]);
  watch.refresh();
  await settled();
  expect(told).toEqual([trouble, 'ready']);
});

test('says nothing and reads nothing once it is closed', async () => {
  const { become, hint, settled, told, watch, reads, timers } = watched();
  await settled();
  watch.close();
  become([row({ state: 'approved' })]);
  hint();
  watch.refresh();
  await settled();
  expect(told).toEqual([]);
  expect(reads()).toBe(1);
  expect(timers).toEqual([]);
});

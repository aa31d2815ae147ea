import { type DeliveredMessage, parseJsonObject, parseMessageReference, relayEvents } from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';
import { eventReader } from './event-stream.ts';
import { backoffMillis } from './http-call.ts';
import { listPending, openStream, readRelayItem, readRelayList } from './relay-calls.ts';

type WatchIo = Pick<PhoneIo, 'fetch' | 'now' | 'sleep' | 'randomUuid' | 'randomBytes'>;

/** What the relay tells a phone. */
export type RelayEvent =
  | { readonly kind: 'push'; readonly delivery: DeliveredMessage }
  | { readonly kind: 'withdrawn'; readonly messageId: string };

/** Where the news of one account goes. */
export interface RelayListener {
  onEvent(event: RelayEvent): void;
  onClockOffset(offsetMillis: number): void;
  onConnection(state: 'up' | 'down'): void;
}

const POLL_MILLIS = 3000;
const SETTLING_POLL_MILLIS = 1000;
/** The relay sends a comment every 15 s (design.md 3.1); three missing ones mean a dead connection. */
const SILENCE_MILLIS = 50_000;
const POLLS_BEFORE_NEXT_STREAM = 20;

/** Follows one account's relay until the signal: stream first, then plain asking where no stream comes through. */
export async function watchRelay(
  io: WatchIo,
  account: PushAccount,
  signal: AbortSignal,
  listener: RelayListener,
): Promise<void> {
  let current = account;
  const pending = new Set<string>();
  const learn = (offset: number | undefined): void => {
    if (offset === undefined || offset === current.clockOffsetMillis) return;
    current = { ...current, clockOffsetMillis: offset };
    listener.onClockOffset(offset);
  };
  const arrive = (delivery: DeliveredMessage): void => {
    if (pending.has(delivery.messageId)) return;
    pending.add(delivery.messageId);
    listener.onEvent({ kind: 'push', delivery });
  };
  const withdraw = (messageId: string): void => {
    if (pending.delete(messageId)) listener.onEvent({ kind: 'withdrawn', messageId });
  };
  /** A full list also says what has gone. */
  const settle = (deliveries: readonly DeliveredMessage[]): void => {
    for (const delivery of deliveries) arrive(delivery);
    const open = new Set(deliveries.map(({ messageId }) => messageId));
    for (const messageId of pending) if (!open.has(messageId)) withdraw(messageId);
  };

  let failures = 0;
  let pollsLeft = 0;
  while (!signal.aborted) {
    let isNoStream = false;
    try {
      if (pollsLeft > 0) {
        const { deliveries, clockOffsetMillis } = await listPending(io, current);
        if (signal.aborted) return;
        learn(clockOffsetMillis);
        listener.onConnection('up');
        failures = 0;
        settle(deliveries);
        pollsLeft -= 1;
        await io.sleep(POLL_MILLIS, signal);
        continue;
      }
      const outcome = await followStream(io, current, signal, { arrive, withdraw, settle, learn, listener });
      isNoStream = outcome === 'no-stream';
      failures = outcome === 'heard-nothing' ? failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof PhoneError && error.code === 'NOT_READY') {
        await io.sleep(SETTLING_POLL_MILLIS, signal);
        continue;
      }
      if (error instanceof PhoneError && error.code !== 'UNREACHABLE') throw error;
      failures += 1;
    }
    if (signal.aborted) return;
    // Something on the way may swallow streams: after two in vain, ask instead.
    if (isNoStream || failures >= 2) pollsLeft = POLLS_BEFORE_NEXT_STREAM;
    if (isNoStream) continue;
    if (failures > 0) listener.onConnection('down');
    await io.sleep(backoffMillis(io, Math.max(failures, 1)), signal);
  }
}

interface StreamHands {
  arrive(delivery: DeliveredMessage): void;
  withdraw(messageId: string): void;
  settle(deliveries: readonly DeliveredMessage[]): void;
  learn(offset: number | undefined): void;
  readonly listener: RelayListener;
}

type StreamOutcome = 'heard-something' | 'heard-nothing' | 'no-stream';

async function followStream(
  io: WatchIo,
  account: PushAccount,
  signal: AbortSignal,
  hands: StreamHands,
): Promise<StreamOutcome> {
  const cut = new AbortController();
  const both = AbortSignal.any([signal, cut.signal]);
  const response = await withinSilence(io, openStream(io, account, both), cut, both);
  const date = Date.parse(response.headers.get('date') ?? '');
  if (!Number.isNaN(date)) {
    const offset = date + 500 - io.now();
    hands.learn(Math.abs(offset) < 2000 ? 0 : offset);
  }
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 200 && type.startsWith('application/json')) {
    hands.settle(readRelayList(await response.text()));
    hands.listener.onConnection('up');
    return 'no-stream';
  }
  if (response.status !== 200 || !type.startsWith('text/event-stream') || response.body === null) {
    await response.body?.cancel();
    if (response.status >= 500 && response.status !== 501)
      throw new PhoneError('UNREACHABLE', 'The server is in trouble.');
    return 'no-stream';
  }

  hands.listener.onConnection('up');
  const reader = response.body.getReader();
  const events = eventReader();
  let outcome: StreamOutcome = 'heard-nothing';
  try {
    for (;;) {
      const { done, value } = await withinSilence(io, reader.read(), cut, both);
      if (done) return outcome;
      outcome = 'heard-something';
      for (const { event, data } of events.push(value)) {
        if (event === relayEvents.push) {
          const delivery = readRelayItem(data);
          if (delivery !== undefined) hands.arrive(delivery);
        } else if (event === relayEvents.withdrawn) {
          const json = parseJsonObject(data);
          const withdrawn = parseMessageReference(json.ok ? json.value : undefined);
          if (withdrawn.ok) hands.withdraw(withdrawn.value.messageId);
        }
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof PhoneError) throw error;
    // A stream that breaks after it worked is the ordinary end of a long connection.
    return outcome;
  } finally {
    cut.abort();
  }
}

/** Waits for something from the network, and cuts the connection when nothing at all comes. */
async function withinSilence<T>(io: WatchIo, work: Promise<T>, cut: AbortController, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const silence = io.sleep(SILENCE_MILLIS, AbortSignal.any([done.signal, signal])).then(() => {
    if (!done.signal.aborted) cut.abort();
  });
  try {
    return await work;
  } finally {
    done.abort();
    await silence;
  }
}

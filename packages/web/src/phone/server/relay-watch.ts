import { type DeliveredMessage, parseMessageReference, parseRelayMessage, relayEvents } from '@assent/push/protocol';
import type { PushAccount } from '../accounts/account.ts';
import { eventsOf } from './event-stream.ts';
import { backoffMillis, type CallIo, listWaiting, openStream } from './server-calls.ts';

/** Where the news of one account goes. */
export interface RelayListener {
  onMessage(message: DeliveredMessage): void;
  /** The request is no longer open: answered elsewhere, replaced or run out. */
  onWithdrawn(messageId: string): void;
  onConnection(state: 'up' | 'down'): void;
  /** The server does not know this phone any more. */
  onUnknown(): void;
}

/** A watch over one account's relay. */
export interface RelayWatch {
  /** Looks again at once: the phone was opened, or is online again. */
  nudge(): void;
  stop(): void;
}

export interface RelayWatchOptions {
  /** Whether to hold a stream; else the relay is asked every few seconds. */
  readonly hasStream: boolean;
  /** How long to wait between two questions. */
  readonly pollMillis: () => number;
}

/** The relay sends a comment every 15 s (design.md §3.1); three missing ones mean a dead connection. */
const SILENCE_MILLIS = 50_000;
/** Something on the way may swallow streams: after two in vain we ask instead, and try again after some questions. */
const VAIN_STREAMS = 2;
const POLLS_BETWEEN_STREAMS = 20;
/** A phone is stored with the next step of the page that registers it, some seconds after the phone was told 200. */
const SETTLING_MILLIS = 60_000;
const SETTLING_POLL_MILLIS = 1_000;

/** Follows one account: by stream where one comes through, by asking where none does. @see ux.md §3.4 */
export const watchRelay = (
  io: CallIo,
  account: PushAccount,
  listener: RelayListener,
  { hasStream, pollMillis }: RelayWatchOptions,
): RelayWatch => {
  const end = new AbortController();
  const open = new Set<string>();
  let interrupt = new AbortController();
  let vainStreams = 0;
  let failures = 0;
  let pollsLeft = 0;

  const arrive = (message: DeliveredMessage): void => {
    if (open.has(message.messageId)) return;
    open.add(message.messageId);
    listener.onMessage(message);
  };
  const withdraw = (messageId: string): void => {
    if (open.delete(messageId)) listener.onWithdrawn(messageId);
  };
  /** A whole list also says what has gone. */
  const settle = (messages: readonly DeliveredMessage[]): void => {
    const ids = new Set(messages.map(({ messageId }) => messageId));
    for (const id of open) if (!ids.has(id)) withdraw(id);
    for (const message of messages) arrive(message);
  };
  const isSettling = (): boolean => io.clock.now() - account.addedAt < SETTLING_MILLIS;
  const pause = (millis: number): Promise<void> => io.sleep(millis, AbortSignal.any([end.signal, interrupt.signal]));

  const ask = async (): Promise<void> => {
    const answer = await listWaiting(io, account);
    if (end.signal.aborted) return;
    if ('value' in answer) {
      failures = 0;
      pollsLeft -= 1;
      listener.onConnection('up');
      settle(answer.value);
      if (!hasStream || pollsLeft > 0) await pause(pollMillis());
      return;
    }
    await missed(answer.problem);
  };

  const missed = async (problem: 'unknown' | 'unreachable'): Promise<void> => {
    if (problem === 'unknown') {
      if (isSettling()) return pause(SETTLING_POLL_MILLIS);
      listener.onUnknown();
      end.abort();
      return;
    }
    failures += 1;
    if (failures > 1) listener.onConnection('down');
    await pause(backoffMillis(io, failures));
  };

  const follow = async (): Promise<void> => {
    const cut = new AbortController();
    const answer = await openStream(io, account, AbortSignal.any([end.signal, interrupt.signal, cut.signal]));
    if (end.signal.aborted) return;
    if ('problem' in answer) {
      vainStreams += answer.problem === 'unreachable' ? 1 : 0;
      return missed(answer.problem);
    }
    listener.onConnection('up');
    failures = 0;
    vainStreams += 1;
    await settleWhatWasOpen();
    let silence = new AbortController();
    const listen = (): void => {
      silence.abort();
      silence = new AbortController();
      const { signal } = silence;
      void io.sleep(SILENCE_MILLIS, signal).then(() => signal.aborted || cut.abort());
    };
    try {
      listen();
      for await (const event of eventsOf(answer.value)) {
        vainStreams = 0;
        listen();
        if (event !== undefined) tell(event.event, event.data);
      }
    } catch {
      // A stream that breaks is the ordinary end of a long connection; the next one says what was missed.
    } finally {
      silence.abort();
      cut.abort();
    }
    await pause(backoffMillis(io, 1));
  };

  /** A stream tells what is open now; only a list tells what has gone since the last one. */
  const settleWhatWasOpen = async (): Promise<void> => {
    if (open.size === 0) return;
    const answer = await listWaiting(io, account);
    if ('value' in answer && !end.signal.aborted) settle(answer.value);
  };

  const tell = (event: string, data: string): void => {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    if (event === relayEvents.push) {
      const message = parseRelayMessage(value);
      if (message.ok) arrive(message.value);
    } else if (event === relayEvents.withdrawn) {
      const reference = parseMessageReference(value);
      if (reference.ok) withdraw(reference.value.messageId);
    }
  };

  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      if (interrupt.signal.aborted) interrupt = new AbortController();
      if (hasStream && pollsLeft <= 0 && vainStreams >= VAIN_STREAMS) {
        pollsLeft = POLLS_BETWEEN_STREAMS;
        vainStreams = 0;
      }
      if (hasStream && pollsLeft <= 0) await follow();
      else await ask();
    }
  };
  void run();

  return {
    nudge: () => interrupt.abort(),
    stop: () => end.abort(),
  };
};

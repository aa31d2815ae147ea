import type { PushMessage } from '../model/messages.ts';
import type { PhoneRing, SendResult } from './push-transport.ts';

/** Whom a message goes to: the provider of a transport, for a realm. */
export interface CalledProvider {
  readonly realm: string;
  readonly communicationType: string;
  /** Of the few that the transport speaks to; the transport itself where it speaks to one. */
  readonly provider: string;
}

/** Sees what becomes of messages to phones, for whoever counts or traces it. It changes nothing, and is told nothing that is secret. */
export interface PushObserver {
  /** A call of a provider: runs it, once and at once, and hands on what came of it. `message` is the row that was given to the dispatcher. */
  call(provider: CalledProvider, run: () => Promise<SendResult>, message?: PhoneRing): Promise<SendResult>;
  /** A provider that is down was not called. */
  leftAlone(provider: CalledProvider): void;
  /** It is left alone from now on, or no longer. */
  breaker(provider: CalledProvider, became: 'opened' | 'closed'): void;
  /** What came of a message, for this time, so long after it was made. */
  settled(
    message: Pick<PushMessage, 'envelope'>,
    outcome: 'sent' | 'failed' | 'unreachable' | 'deferred',
    millis: number,
  ): void;
  /** A phone has answered a request, and it counts, so long after it was made. */
  answered(millis: number): void;
}

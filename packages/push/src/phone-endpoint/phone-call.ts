import type { Clock, Random } from '@assent/engine';
import type { Committer, ThrottleReader } from '@assent/engine/host';
import type { HintBus } from '../delivery/hints.ts';
import type { PushObserver } from '../delivery/push-observer.ts';
import type { PushTransports } from '../delivery/push-transport.ts';
import type { DeviceReader } from '../model/devices.ts';
import type { MessageReader } from '../model/messages.ts';

/** What a phone posted to the message address of a realm. */
export interface PhoneCall {
  /** Path: `/` or `/alpha`. */
  readonly realm: string;
  /** `_action`, as it came. */
  readonly action: string | undefined;
  /** The parsed JSON body. */
  readonly body: unknown;
  /** Of the caller; bad answers are counted by it. */
  readonly clientAddress: string;
  readonly transactionId: string;
}

/** All that a phone gets as an answer. `cause` is for log and audit, never for the phone (SEC-34). */
export type PhoneReply =
  | { readonly status: 200 }
  | { readonly status: 400 | 404 | 501; readonly cause: string }
  | { readonly status: 429; readonly cause: string; readonly retryAfterSeconds: number };

export interface PhoneEndpointDependencies {
  readonly messages: MessageReader;
  readonly devices: DeviceReader;
  readonly throttles: ThrottleReader;
  readonly committer: Committer;
  readonly transports: PushTransports;
  readonly hints: HintBus;
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
  readonly observer?: PushObserver;
}

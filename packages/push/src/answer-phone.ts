import type { Clock, Committer, Configuration, Random, ThrottleReader } from '@assent/engine';
import { answerAuthentication } from './answer-authentication.ts';
import { answerRefresh } from './answer-refresh.ts';
import { answerRegistration } from './answer-registration.ts';
import type { DeviceReader } from './devices.ts';
import type { HintBus } from './hints.ts';
import type { MessageReader } from './messages.ts';
import type { PushTransports } from './push-transport.ts';

/** What a phone posted to the message address of a realm. */
export interface PhoneCall {
  /** Path: `/` or `/alpha`. */
  readonly realm: string;
  /** `_action`, as it came. */
  readonly action: string | undefined;
  /** The parsed JSON body. */
  readonly body: unknown;
  readonly transactionId: string;
}

/** All that a phone is told. `cause` is for log and audit, never for the phone (SEC-34). */
export type PhoneReply = { readonly status: 200 } | { readonly status: 400 | 404 | 501; readonly cause: string };

export interface PhoneEndpointDependencies {
  readonly messages: MessageReader;
  readonly devices: DeviceReader;
  readonly throttles: ThrottleReader;
  readonly committer: Committer;
  readonly configuration: Pick<Configuration, 'realm'>;
  readonly transports: PushTransports;
  readonly hints: HintBus;
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
}

/** Stands behind the message address: registration, answers and token refresh of phones (spec/push-protocol.md §2, §4, §5). */
export type PhoneEndpoint = (call: PhoneCall) => Promise<PhoneReply>;

export function phoneEndpoint(dependencies: PhoneEndpointDependencies): PhoneEndpoint {
  const { configuration, transports } = dependencies;
  const ceremonies = new Map<string, typeof answerRegistration>([
    ['register', answerRegistration],
    ['authenticate', answerAuthentication],
    ['refresh', answerRefresh],
  ]);
  // Whoever names an unknown message or device gets a verification that takes as long, under a key that nobody has.
  const dummyKey = dependencies.random.bytes(32);

  return async (call) => {
    const ceremony = ceremonies.get(call.action ?? '');
    if (call.action === undefined) return { status: 400, cause: 'no action' };
    if (ceremony === undefined) return { status: 501, cause: 'unknown action' };
    if (configuration.realm(call.realm)?.active !== true || !transports.hasService(call.realm)) {
      return { status: 404, cause: 'the realm has no Push Notification service' };
    }
    return ceremony({ ...dependencies, dummyKey }, call);
  };
}

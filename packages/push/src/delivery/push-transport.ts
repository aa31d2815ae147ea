import type { PushEnvelope, PushMessage } from '../model/messages.ts';
import type { CommunicationType } from '../protocol/index.ts';

/** A provider's no. `permanent`: the address is dead until the phone refreshes its token (REL-09). */
export interface DeliveryFailed {
  readonly status: 'failed';
  readonly permanent: boolean;
  /** For log and audit: a word of ours or the provider's code, never an address or a token. */
  readonly cause: string;
  /** Whose fault it is: the phone's address, the realm's settings at the provider, or the provider. Absent where the message itself is refused. */
  readonly blame?: 'address' | 'credentials' | 'provider';
  /** How long the provider wants to be left alone (RFC 9110 §10.2.3). */
  readonly retryAfterMillis?: number;
}

export type RegisterResult = { readonly status: 'registered'; readonly communicationId: string } | DeliveryFailed;
export type SendResult = { readonly status: 'sent' } | DeliveryFailed;

/** The cause where no provider was called, since it was down a moment ago. */
export const BREAKER_OPEN = 'BreakerOpen';
/** The cause where a transport threw, and may have sent before that. */
export const TRANSPORT_FAILURE = 'TransportFailure';

/** Whether it is certain that no phone rang: no provider was called, or it refused. After a timeout or a broken connection it is not. */
export const isCertainlyUnsent = (result: SendResult): boolean =>
  result.status === 'failed' &&
  (result.blame === 'provider' ? result.cause === BREAKER_OPEN : result.cause !== TRANSPORT_FAILURE);

/** Which request rings on which phone. */
export type PhoneRing = Pick<PushMessage, 'request' | 'userId' | 'deviceUuid'>;

/** Carries signed messages to phones. It neither throws nor takes longer than ten seconds: bad luck is a result. */
export interface PushTransport {
  serves(communicationType: string): boolean;
  /** True where phones fetch their messages and a send is only a hint: then no row waits to be sent. */
  readonly isPulled: boolean;
  /** Which provider that address is of, where the transport speaks to several: one that is down is left alone by itself. */
  providerOf?(address: string): string;
  /** The address for a phone's token (push-protocol §3.5). */
  register(deviceId: string, communicationType: CommunicationType): Promise<RegisterResult>;
  /** `ring` says which request on which phone it is, for a transport that wakes streams. */
  send(envelope: PushEnvelope, ring?: PhoneRing): Promise<SendResult>;
}

/** What a provider says of a realm's settings when nothing is to be sent. */
export type ProviderCheck =
  | { readonly status: 'right' }
  /** `setting` is the one to look at. */
  | { readonly status: 'wrong'; readonly setting?: string; readonly cause: string }
  /** The provider knows us, and does not let us look. */
  | { readonly status: 'untold'; readonly cause: string }
  | { readonly status: 'unreachable'; readonly cause: string };

/** A transport by way of a vendor, who has to know the realm. */
export interface ProviderTransport extends PushTransport {
  /** Asks whether the settings are right, and sends nothing (OPS-51). */
  check(): Promise<ProviderCheck>;
}

/** The transports of all realms, by what their services are configured for. */
export interface PushTransports {
  /** Whether the realm has a usable Push Notification service. */
  hasService(realm: string): boolean;
  /**
   * What to wait for before a realm is said to have no service, or none that carries to a phone: another process may have stored it a
   * moment ago (OPS-28). Undefined where that was looked for just now.
   */
  catchUp(realm: string): Promise<void> | undefined;
  /** How phones of the realm may be reached. */
  served(realm: string): readonly CommunicationType[];
  /** What carries to that address, or, where there is none yet, what a phone of that type is to be registered with. */
  find(realm: string, communicationType: string, address?: string): PushTransport | undefined;
  /** Which setting the realm lacks to serve that type, for the log. */
  missing(realm: string, communicationType: string): string;
}

import { type Identity, port } from '@assent/engine';
import type { OathParameters } from '../protocol/index.ts';
import type { PushDevice } from './devices.ts';
import type { PushType, RegistrationClaims } from './messages.ts';

/** What a journey learns of its message. A message that is gone or past its time is `expired`. */
export type MessageStatus =
  | { readonly status: 'pending' }
  | { readonly status: 'approved'; readonly claims?: RegistrationClaims; readonly number?: number }
  | { readonly status: 'denied'; readonly reason: string }
  | { readonly status: 'expired' };

/** The realm has no usable Push Notification service; the node says so in its documented words. */
export interface ServiceMissing {
  readonly status: 'serviceMissing';
}

/** What the registration URI shows beside keys and addresses. */
export interface RegistrationLabel {
  readonly issuer: string;
  readonly account: string;
  readonly backgroundColor: string;
  readonly imageUrl?: string;
  /** Makes the code a combined one, for push and one-time passwords (`mfauth`). */
  readonly oath?: { readonly uuid: string; readonly parameters: OathParameters; readonly policies?: string };
}

export interface OpenedRegistration {
  readonly status: 'opened';
  /** `REGISTER:…` */
  readonly messageId: string;
  /** The documented shared-state value: base64 of the device's JSON, with `sharedSecret: "placeholder"`. */
  readonly deviceProfile: string;
  /** The documented shared-state value `pushChallengeKey`; a placeholder, the challenge stays in the sealed record. */
  readonly challengeKey: string;
}

export interface PushRequestOptions {
  readonly identity: Identity;
  /** All of them ring. */
  readonly devices: readonly PushDevice[];
  /** The author's or the bundled text; `{{user}}` and `{{issuer}}` are filled in for each device. */
  readonly text: string;
  /** In place of a text with `{{user}}`, where that would be read by others on the way; it has no name in it. */
  readonly namelessText: string;
  /** The name to show for `{{user}}`. */
  readonly user: string;
  readonly pushType: PushType;
  readonly timeoutMillis: number;
  /** JSON-able attributes from state (`p`). */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Absent unless context is shared (`x`). */
  readonly context?: {
    readonly remoteIp?: string | undefined;
    readonly userAgent?: string | undefined;
    readonly location?: { readonly latitude: number; readonly longitude: number } | undefined;
  };
  /** Nobody has proved anything yet: the answer is to tell by nothing, nor by its time, who has a phone (SEC-59). */
  readonly toAnybody?: boolean;
  /** Wait up to two seconds for the provider's first answer (node setting `captureFailure`); not for a request `toAnybody`. */
  readonly waitForProvider: boolean;
}

/** A request that looks like one, with all that a real one would say. */
export interface PretendedRequest extends Omit<PushRequestOptions, 'identity' | 'devices' | 'waitForProvider'> {
  /** Absent where the name is nobody's. */
  readonly identity: Identity | undefined;
}

export type PushRequestResult =
  | {
      readonly status: 'sent';
      /** Of the request: what `pushMessageId` holds. */
      readonly messageId: string;
      readonly mechanismUid: string;
      readonly expiresAt: number;
      /** The number to show, only for CHALLENGE. */
      readonly number?: string;
      /** Whether it is typed on our phone, tapped on an official one, or both. */
      readonly numberIs?: 'typed' | 'tapped' | 'typed-or-tapped';
    }
  | { readonly status: 'refused'; readonly cause: string }
  | { readonly status: 'payloadTooLarge' }
  | ServiceMissing;

/** Messages to phones, as nodes see them. Writes belong to the unit of work and are committed with it. */
export interface PushMessages {
  openRegistration(options: {
    readonly identity: Identity;
    readonly issuer: string;
    readonly timeoutMillis: number;
  }): Promise<OpenedRegistration | ServiceMissing>;
  /** The same URI for the same message; undefined when the message is gone. */
  registrationUri(messageId: string, label: RegistrationLabel): Promise<string | undefined>;
  /** One read. An answer that came in time counts for 30 s after the time is up. */
  status(messageId: string): Promise<MessageStatus>;
  send(options: PushRequestOptions): Promise<PushRequestResult>;
  /**
   * What `send` comes to for somebody with a phone, for a name that is nobody's or whose user has none: a request that waits
   * until it expires, and that nobody can answer (SEC-59).
   */
  pretend(options: PretendedRequest): Promise<PushRequestResult>;
  /**
   * Whether the yes of a phone would be little to go by for whoever asks now: requests from there are held back, or one of the day was refused
   * or got a wrong number. Asks nobody, and counts nothing.
   */
  isAtRisk(options: Pick<PushRequestOptions, 'identity' | 'devices'>): Promise<boolean>;
  /** Takes the answer: once, by one journey. */
  consume(messageId: string, state: 'approved' | 'denied'): void;
  /** Ends the message without an answer. */
  close(messageId: string, reason: 'exit' | 'timeout' | 'expired' | 'cleanup'): void;
  /** Whether the realm has a Push Notification service. */
  hasService(): boolean;
}

export const pushMessages = port<PushMessages>()('pushMessages', 'acts');

/** Registered phones, as nodes see them. */
export interface PushDevices {
  /** Newest first; read once per unit of work. */
  ofUser(userId: string): Promise<readonly PushDevice[]>;
  /**
   * Stores the phone that answered a registration and marks the user as one who must not skip (`push2faEnabled` 2).
   * `limit`: the user has as many as the realm allows. With `proveBy` the phone is pending: it counts once it has answered
   * a request of this journey by then, and this journey has confirmed it (SEC-05).
   */
  register(options: {
    readonly identity: Identity;
    readonly messageId: string;
    readonly issuer: string;
    readonly claims: RegistrationClaims;
    readonly proveBy?: number;
  }): Promise<{ readonly status: 'stored'; readonly device: PushDevice } | { readonly status: 'limit' | 'invalid' }>;
  /** Makes the pending phone that approved this request of the journey one of the user's, and marks the user. */
  confirm(options: {
    readonly identity: Identity;
    readonly messageId: string;
  }): Promise<{ readonly status: 'stored'; readonly device: PushDevice } | { readonly status: 'invalid' }>;
  /** Removes the phone that this journey has registered and not confirmed, if there is one. */
  discard(): void;
  /** Notes that a device was used to sign in. */
  accessed(uuid: string): void;
  /** Which device answered a request, if the message still tells: its uuid, and whose it is. */
  answeredBy(messageId: string): Promise<{ readonly uuid: string; readonly userId: string } | undefined>;
}

export const pushDevices = port<PushDevices>()('pushDevices', 'stages');

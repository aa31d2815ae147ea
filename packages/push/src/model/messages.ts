import type { EcPublicJwk, PushDevice } from './devices.ts';
import type { MessageMoment } from './message-trace.ts';
import type { AskedFrom } from './push-limits.ts';

export type MessageKind = 'REGISTER' | 'AUTHENTICATE';
export type PushType = 'DEFAULT' | 'CHALLENGE' | 'BIOMETRIC';

/**
 * pending → approved | denied → consumed; pending → closed. A deny may replace an approve that no journey has consumed.
 * A row past `expiresAt` counts as expired, whatever it says.
 */
export type MessageState = 'pending' | 'approved' | 'denied' | 'consumed' | 'closed';

/** What a phone said when it registered; becomes a device with the journey's next step. */
export interface RegistrationClaims {
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceName?: string;
  readonly deviceType: string;
  readonly communicationType: string;
  readonly communicationId: string;
  readonly xKey?: EcPublicJwk;
}

/** What became of a delivery. `unreachable`: the address of the phone is dead, so nobody tries, and the phone may still fetch it. */
export type DeliveryOutcome = 'sent' | 'failed' | 'unreachable' | 'shown';

/** One message to one phone. The rows of one request (several phones) share `request`. */
export interface PushMessage {
  /** `REGISTER:…` or `AUTHENTICATE:…` (push-protocol §8.2). */
  readonly id: string;
  readonly kind: MessageKind;
  /** Id of the first row of the request: what the journey keeps as `pushMessageId`. */
  readonly request: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly journeyId: string;
  /** Of the stored device, or of the device to be. */
  readonly deviceUuid: string;
  readonly mechanismUid: string;
  /** 32 bytes; sealed at rest. */
  readonly challenge: Uint8Array;
  /** K of a registration under way, sealed; absent for a stored device, whose row has it. */
  readonly secret?: Uint8Array | undefined;
  readonly pushType: PushType;
  /** The number that the answer must carry; sealed at rest. */
  readonly expectedNumber?: number | undefined;
  /** Who has asked for a sign-in, as it is counted; sealed at rest. Absent on a registration, and on messages of before it was kept. */
  readonly askedFrom?: AskedFrom | undefined;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Bad proofs so far; the fifth closes the message. */
  readonly attempts: number;
  readonly answeredAt?: number | undefined;
  /** SHA-256 of the accepted answer (the JWT's bytes), for identical retries. */
  readonly answerHash?: string | undefined;
  readonly claims?: RegistrationClaims | undefined;
  /** Why it was denied or closed: `denied`, `number`, `superseded`, `withdrawn`, `attempts`, `exit`, … */
  readonly reason?: string | undefined;
  /** What goes to the provider, while it is still to be sent: the row is its own outbox entry. */
  readonly envelope?: PushEnvelope | undefined;
  readonly delivery: 'none' | 'queued' | DeliveryOutcome;
  /** Who sends it, from the commit that queues it on; absent where it is not to be sent. */
  readonly claim?: MessageClaim | undefined;
  /** How often it was taken over or put off; absent where it never was. */
  readonly tries?: number | undefined;
  /** Nobody sends it before that, since its provider has asked for time; absent where it has not. */
  readonly nextTryAt?: number | undefined;
  /** What has happened to it so far, as `readTrace` reads it; absent where nothing was noted (OPS-50). */
  readonly trace?: string | undefined;
}

/** What the trace of a request is read from; nothing of it is sealed. */
export type TracedMessage = Pick<PushMessage, 'id' | 'request' | 'userId' | 'deviceUuid' | 'state' | 'expiresAt'> & {
  readonly trace: string;
};

/** The right of one instance to send a message. It ends by itself, so that what a lost instance held is sent by another (OPS-41). */
export interface MessageClaim {
  /** The instance, by its setting. */
  readonly by: string;
  readonly until: number;
}

/** A message, for its user to see what is kept. */
export type KeptMessage = Pick<
  PushMessage,
  'id' | 'kind' | 'deviceUuid' | 'pushType' | 'state' | 'createdAt' | 'expiresAt' | 'answeredAt' | 'reason' | 'delivery'
>;

/**
 * How a message stands: what its journey and its page have to know. A poll looks at it each time, so nothing that is
 * sealed is opened for it, with one exception: `expectedNumber` and `askedFrom` are there at least where the message was approved.
 */
export type MessageSummary = Pick<
  PushMessage,
  | 'id'
  | 'kind'
  | 'realm'
  | 'userId'
  | 'journeyId'
  | 'deviceUuid'
  | 'pushType'
  | 'expectedNumber'
  | 'askedFrom'
  | 'state'
  | 'expiresAt'
  | 'answeredAt'
  | 'claims'
  | 'reason'
> & {
  /** The address of its phone is dead. Of other deliveries a poll need not know, so that what is kept of a request outlives their marks. */
  readonly isUnreachable?: true;
};

/** A signed message on its way; a transport cannot tell what it is for. */
export interface PushEnvelope {
  readonly communicationType: string;
  readonly communicationId: string;
  readonly messageId: string;
  /** The compact JWS. */
  readonly jwt: string;
  /** The text shown to the user. */
  readonly text: string;
  readonly pushType: PushType;
  readonly expiresAt: number;
}

/**
 * How requests and phones stand that somebody waits for. A fingerprint is a text, and another one once there is something that a page or a
 * phone may have to be told; so whoever compares it with the one before needs no clock, and cannot miss a commit that comes late.
 */
export interface MessageFingerprints {
  /** Of each request that was asked for. */
  readonly requests: ReadonlyMap<string, string>;
  /** By the UUID of their devices: of each phone of the users that has something to answer. */
  readonly phones: ReadonlyMap<string, string>;
}

export interface MessageReader {
  get(id: string): Promise<PushMessage | undefined>;
  /** How all messages of a request stand, the first one first. */
  ofRequest(request: string): Promise<readonly MessageSummary[]>;
  /** Pending, unexpired AUTHENTICATE rows of the given devices of their users, oldest first. */
  pendingFor(devices: readonly Pick<PushDevice, 'uuid' | 'userId'>[], now: number): Promise<readonly PushMessage[]>;
  /** How these requests and the phones of these users stand. */
  fingerprints(of: {
    readonly requests: readonly string[];
    readonly users: readonly string[];
  }): Promise<MessageFingerprints>;
  /**
   * Ids of unexpired messages that are to be sent by now and that nobody holds, oldest first; with `alsoOf` those too that this
   * instance holds. Messages of the realms in `except` are left out.
   */
  unclaimed(now: number, limit: number, alsoOf?: string, except?: readonly string[]): Promise<readonly string[]>;
  /** The messages of these journeys, newest first, with their traces. */
  ofJourneys(journeyIds: readonly string[], limit: number): Promise<readonly TracedMessage[]>;
  /** What is kept of the messages to a user's phones, newest first; nothing of it is sealed. They are looked through, for what is done seldom. */
  ofUser(userId: string, limit: number): Promise<readonly KeptMessage[]>;
  /** The messages that wait to be sent by this very claim. */
  claimed(claim: MessageClaim): Promise<readonly PushMessage[]>;
}

export type MessageChange =
  /**
   * Inserts the rows of one request. Where one is a pending AUTHENTICATE, the other pending ones of that user and place, or of that journey,
   * become closed (`superseded`).
   */
  | { readonly type: 'push.open'; readonly rows: readonly PushMessage[] }
  /**
   * A phone's verified answer. Applies where the row is pending and unexpired; a deny also where the row is approved, or
   * was withdrawn by an approve that no journey has consumed. Anything else fails. An AUTHENTICATE answer closes the
   * pending rows of the other phones (`withdrawn`), and a deny turns their unconsumed approve into a denial.
   */
  | {
      readonly type: 'push.answer';
      readonly id: string;
      readonly state: 'approved' | 'denied';
      readonly at: number;
      readonly answerHash: string;
      readonly reason?: string | undefined;
      readonly claims?: RegistrationClaims | undefined;
      readonly moment?: MessageMoment | undefined;
    }
  /** One more bad proof; the fifth closes a pending row. Never fails. */
  | { readonly type: 'push.badProof'; readonly id: string; readonly at: number }
  /**
   * The journey takes the answer: every row of the request becomes `consumed` (an answered one) or `closed`. Fails unless
   * a row of it is in `state` now, and, for `approved`, none is denied.
   */
  | {
      readonly type: 'push.consume';
      readonly request: string;
      readonly state: 'approved' | 'denied';
      readonly at: number;
      readonly moment?: MessageMoment | undefined;
    }
  /** Closes what is pending or answered of the request (exit, timeout, journey end). Never fails. */
  | {
      readonly type: 'push.close';
      readonly request: string;
      readonly reason: string;
      readonly moment?: MessageMoment | undefined;
    }
  | {
      readonly type: 'push.closeJourney';
      readonly journeyId: string;
      readonly reason: string;
      readonly moment?: MessageMoment | undefined;
    }
  /** Closes everything of a user that is pending or answered: the password or the account is no longer what it was (SEC-61). */
  | {
      readonly type: 'push.closeUser';
      readonly userId: string;
      readonly reason: string;
      readonly moment?: MessageMoment | undefined;
    }
  /**
   * Takes those of the messages that `unclaimed` tells of; whoever else has asked at the same time gets none of them. Never fails:
   * `claimed` tells which ones it got.
   */
  | {
      readonly type: 'push.claim';
      readonly ids: readonly string[];
      readonly claim: MessageClaim;
      readonly now: number;
      readonly alsoOf?: string | undefined;
    }
  /** Holds messages longer that the instance of the claim holds; never fails. */
  | { readonly type: 'push.renewClaim'; readonly ids: readonly string[]; readonly claim: MessageClaim }
  /** Gives a message back that `by` holds, for whoever is there when it may be sent; never fails. */
  | {
      readonly type: 'push.defer';
      readonly id: string;
      readonly by: string;
      readonly nextTryAt: number;
      /** For the trace. */
      readonly cause?: string | undefined;
      readonly moment?: MessageMoment | undefined;
    }
  /** What became of deliveries; batched, never fails. */
  | {
      readonly type: 'push.delivery';
      readonly marks: readonly {
        readonly id: string;
        readonly delivery: DeliveryOutcome;
        /** Of a failure, for the trace. */
        readonly cause?: string | undefined;
      }[];
      readonly moment?: MessageMoment | undefined;
    };

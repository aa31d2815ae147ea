import { type Clock, type FailureReason, JourneyError } from '@assent/engine';
import type { JourneyReference, JourneyStatus, Journeys, ThrottleReader } from '@assent/engine/host';
import { pushMessageId, pushNumberIs } from '@assent/nodes';
import {
  type DeviceReader,
  isUnreachable,
  type MessageReader,
  type MessageSummary,
  newsOf,
  type PushDevice,
  type PushResends,
  type ResendsLeft,
  rowsShownTo,
  sendsPausedUntil,
} from '@assent/push';
import { failureText } from './failure-texts.ts';

/** What our login page learns about a request to a phone, beside the step itself (ux.md §2.1 [P]). Times in milliseconds. */
export interface AwaitedPhone {
  readonly for: 'sign-in' | 'setup';
  /** How the phone is to answer; absent for a setup code. */
  readonly mode?: 'type' | 'tap' | 'type-or-tap' | 'accept' | 'biometric';
  readonly expiresAt: number;
  /** Only once somebody has proved to be the user (SEC-59). */
  readonly devices?: readonly string[];
  /** How often the same request may be sent again, and from when on; absent where it may not. */
  readonly resend?: ResendsLeft;
  /** Nothing was sent, because requests to the user's phones are paused until then; only once somebody has proved to be the user. */
  readonly pausedUntil?: number;
  /** None of the phones can be rung before it has been opened: their addresses are dead (OPS-49). Only told to whom `devices` are. */
  readonly unreachable?: true;
}

/** Member `assent` of a step that waits for a phone. */
export interface PageContext {
  /** By the server's clock, so that the page need not trust its own. */
  readonly now: number;
  readonly journeyExpiresAt: number;
  readonly phone: AwaitedPhone;
}

/** Why a journey that waited for a phone ended in Failure. */
export type PhoneEnd = 'denied' | 'number' | 'expired' | 'withdrawn' | 'setup-refused' | 'setup-failed';

/** Member `assent` in the detail of a failure. */
export interface PageEnd {
  readonly end: PhoneEnd | FailureReason;
  /** The reason in the language of the page, where a node has given one. */
  readonly message?: string;
  /** The phone that answered; only once somebody had proved to be the user. */
  readonly device?: string;
}

/** A request that a journey waits for, as it is before the step that may end both. */
export interface Awaited {
  readonly request: string;
  /** Whom the journey had identified; only that user reads the name of the phone that answered. */
  readonly identifiedUser: string | undefined;
}

export interface PageContexts {
  /** Undefined for a step that waits for no phone. */
  ofStep(reference: JourneyReference): Promise<PageContext | undefined>;
  awaitedAt(reference: JourneyReference): Promise<Awaited | undefined>;
  /** The same error; a failure of the journey also says why, where a node has, and what became of the request. */
  explained(error: unknown, locales: readonly string[], awaited?: Awaited): Promise<unknown>;
}

export interface PageContextsOptions {
  readonly journeys: Pick<Journeys, 'status'>;
  readonly messages: Pick<MessageReader, 'get' | 'ofRequest'>;
  readonly devices: Pick<DeviceReader, 'get' | 'ofUser'>;
  readonly resends: Pick<PushResends, 'leftOf'>;
  readonly throttles: ThrottleReader;
  readonly clock: Clock;
}

const MODE_OF_NUMBER = { typed: 'type', tapped: 'tap', 'typed-or-tapped': 'type-or-tap' } as const;

/** What only our own page gets, and only where it asks for it by `X-Assent-Page` (design.md §3.2). */
export const pageContexts = ({
  journeys,
  messages,
  devices,
  resends,
  throttles,
  clock,
}: PageContextsOptions): PageContexts => {
  const phonesOf = async (rows: readonly MessageSummary[]): Promise<readonly PushDevice[]> => {
    const [first] = rows;
    if (first === undefined) return [];
    const rung = new Set(rows.map(({ deviceUuid }) => deviceUuid));
    const known = (await devices.ofUser(first.userId)).filter(({ uuid }) => rung.has(uuid));
    // One that has yet to prove itself is none of the user's, and rings alone.
    const unproven = known.length === 0 ? await devices.get(first.deviceUuid) : undefined;
    return [...known, ...(unproven === undefined ? [] : [unproven])];
  };
  const namesOf = (phones: readonly PushDevice[]): readonly string[] => phones.map(({ deviceName }) => deviceName);

  /** A reference that is no longer good is for the step to refuse: an identical retry of it may still have an answer. */
  const journeyStatusAt = async (reference: JourneyReference): Promise<JourneyStatus | undefined> => {
    try {
      return await journeys.status({ realm: reference.realm, reference });
    } catch (error) {
      if (error instanceof JourneyError) return undefined;
      throw error;
    }
  };

  const endAfter = async ({ request, identifiedUser }: Awaited): Promise<PageEnd | undefined> => {
    const rows = rowsShownTo(identifiedUser, await messages.ofRequest(request));
    const end = endOf(rows, clock.now(), identifiedUser);
    const answered = rows.filter(({ answeredAt }) => answeredAt !== undefined);
    const [first] = answered;
    // A phone that is gone with its own no was only being connected.
    if (end === 'denied' && first !== undefined && (await devices.get(first.deviceUuid)) === undefined) {
      return { end: 'setup-refused' };
    }
    const isOwn = first !== undefined && first.userId === identifiedUser;
    const [device] = isOwn && end === 'denied' ? namesOf(await phonesOf(answered)) : [];
    return end && { end, ...(device !== undefined && { device }) };
  };

  return {
    async ofStep(reference) {
      const journeyStatus = await journeyStatusAt(reference);
      const request = journeyStatus?.shared[pushMessageId.keyName];
      if (journeyStatus === undefined || typeof request !== 'string') return undefined;
      const rows = rowsShownTo(journeyStatus.identifiedUser, await messages.ofRequest(request));
      const [first] = rows;
      if (first === undefined) return undefined;
      const times = { now: clock.now(), journeyExpiresAt: reference.expiresAt };
      const { expiresAt } = first;
      if (first.kind === 'REGISTER') return { ...times, phone: { for: 'setup', expiresAt } };
      const isIdentified = journeyStatus.identifiedUser === first.userId;
      const phones = isIdentified ? await phonesOf(rows) : [];
      const phone = {
        for: 'sign-in',
        mode: modeOf(first, journeyStatus.shared[pushNumberIs.keyName]),
        expiresAt,
        ...(isIdentified && { devices: namesOf(phones) }),
      } as const;
      if (isIdentified && rows.every(({ reason }) => reason === 'suppressed')) {
        const message = (await messages.get(request)) ?? first;
        const pausedUntil = await sendsPausedUntil(throttles, message, phones, times.now);
        return { ...times, phone: { ...phone, pausedUntil } };
      }
      if (phones.length > 0 && phones.every(isUnreachable)) return { ...times, phone: { ...phone, unreachable: true } };
      const resend = await resends.leftOf(request, rows);
      return { ...times, phone: { ...phone, ...(resend && { resend }) } };
    },

    async awaitedAt(reference) {
      const journeyStatus = await journeyStatusAt(reference);
      const request = journeyStatus?.shared[pushMessageId.keyName];
      if (journeyStatus === undefined || typeof request !== 'string') return undefined;
      return { request, identifiedUser: journeyStatus.identifiedUser };
    },

    async explained(error, locales, awaited) {
      if (!(error instanceof JourneyError) || !error.is('LOGIN_FAILED')) return error;
      const { detail } = error;
      const end = awaited && (await endAfter(awaited));
      const reason = detail.failureReason ?? (end?.end === 'device-limit' ? end.end : undefined);
      const assent = reason === undefined ? end : { end: reason, message: failureText(reason, locales) };
      if (assent === undefined) return error;
      return new JourneyError('LOGIN_FAILED', { ...detail, members: { ...detail.members, assent } }, { cause: error });
    },
  };
};

const modeOf = ({ pushType }: MessageSummary, numberIs: unknown): NonNullable<AwaitedPhone['mode']> => {
  if (pushType === 'CHALLENGE') return MODE_OF_NUMBER[(numberIs ?? 'tapped') as keyof typeof MODE_OF_NUMBER];
  return pushType === 'BIOMETRIC' ? 'biometric' : 'accept';
};

const endOf = (
  rows: readonly MessageSummary[],
  now: number,
  identifiedUser: string | undefined,
): PageEnd['end'] | undefined => {
  const [first] = rows;
  if (first === undefined) return undefined;
  const answered = rows.find(({ answeredAt }) => answeredAt !== undefined);
  if (first.kind === 'REGISTER') {
    if (answered === undefined) return undefined;
    if (rows.some(({ reason, userId }) => reason === 'limit' && userId === identifiedUser)) return 'device-limit';
    return answered.claims === undefined ? 'setup-refused' : 'setup-failed';
  }
  if (answered?.reason === 'number') return 'number';
  if (answered?.reason === 'denied') return 'denied';
  if (rows.some(({ reason }) => reason === 'superseded')) return 'withdrawn';
  return newsOf(rows, now) === 'expired' || rows.some(({ reason }) => reason === 'expired') ? 'expired' : undefined;
};

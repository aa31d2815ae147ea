import type { OutboxEntry } from '@assent/engine/host';
import type { PushMessage } from './messages.ts';
import { messageIdHash } from './push-audit.ts';
import { isRinging, type MessageFacts, type MessageTransition } from './request-rules.ts';

/** The kind of what takes a notification back that a phone may still show, in the outbox. */
export const WITHDRAWAL = 'withdrawal';

/** What may not answer is a push service, and one that is down is left alone (OPS-45): so all of a realm are one recipient. */
const PUSH_SERVICES = 'webpush';

/** Which notification is to go, and from which phone. */
export interface Withdrawal {
  readonly messageId: string;
  readonly deviceUuid: string;
  /** From then on the request is over for everybody, and nothing is taken back any more (OPS-44). */
  readonly expiresAt: number;
}

/** What has to be known of a message to know whether a phone shows it. */
export type RungMessage = MessageFacts &
  Pick<PushMessage, 'realm' | 'userId' | 'deviceUuid' | 'delivery' | 'expiresAt'> & {
    /** How the phone was rung; absent where the message has nothing to send. */
    readonly communicationType?: string | undefined;
  };

/**
 * What is to be taken back from phones, written by the very commit that ends their requests (OPS-43). Only a browser shows a notification
 * of ours that can be taken back: a stream tells open pages by itself, and the official apps know no such message. A phone that has
 * opened the request has closed the notification, and one that was removed has no key any more that a withdrawal could be proven by.
 */
export const withdrawalsOf = (
  before: readonly RungMessage[],
  transitions: readonly MessageTransition[],
  at = 0,
): readonly OutboxEntry[] =>
  before.flatMap((row) => {
    const { id, realm, userId, deviceUuid, communicationType, delivery, expiresAt } = row;
    const maySound = communicationType === 'webpush' && (delivery === 'queued' || delivery === 'sent');
    if (!maySound || !isRinging(row) || expiresAt <= at) return [];
    const after = transitions.find((it) => it.id === id);
    if (after?.state !== 'closed' || after.reason === 'removed') return [];
    const withdrawal: Withdrawal = { messageId: id, deviceUuid, expiresAt };
    return [
      {
        id: `${WITHDRAWAL}.${messageIdHash(id)}`,
        kind: WITHDRAWAL,
        realm,
        recipient: PUSH_SERVICES,
        userId,
        payload: JSON.stringify(withdrawal),
      },
    ];
  });

/** What such an entry says. */
export const readWithdrawal = ({ payload }: Pick<OutboxEntry, 'payload'>): Withdrawal =>
  JSON.parse(payload) as Withdrawal;

import type { Change } from '@assent/engine/host';
import type { MessageChange, PushMessage } from '../model/messages.ts';
import {
  afterAnswer,
  afterBadProof,
  afterClaim,
  afterClose,
  afterConsumption,
  afterDeferral,
  afterDelivery,
  afterNewRequest,
  afterRemovalOfDevice,
  afterRenewal,
  isUnclaimed,
  type MessageTransition,
} from '../model/request-rules.ts';

type Messages = Map<string, PushMessage>;

export const isMessageChange = (change: Change): change is MessageChange => change.type.startsWith('push.');

export const messagesOfRequest = (messages: Messages, request: string): readonly PushMessage[] =>
  [...messages.values()].filter((row) => row.request === request);

/** False where the rule says that the change does not apply. */
const move = (
  messages: Messages,
  transitions: readonly MessageTransition[] | undefined,
  also: Partial<PushMessage> = {},
): boolean => {
  for (const [at, { id, ...next }] of (transitions ?? []).entries()) {
    const row = messages.get(id);
    if (row !== undefined) messages.set(id, { ...row, ...next, ...(at === 0 && also) });
  }
  return transitions !== undefined;
};

/** What the removal of a phone makes of its messages. */
export const voidMessagesOfDevice = (messages: Messages, uuid: string): void => {
  move(messages, afterRemovalOfDevice([...messages.values()].filter((row) => row.deviceUuid === uuid)));
};

/** Applies one change of messages; false where it does not apply. */
export function applyMessageChange(messages: Messages, change: MessageChange): boolean {
  const where = (isMeant: (row: PushMessage) => boolean) => [...messages.values()].filter(isMeant);
  /** What a rule makes of those of the messages that there are. */
  const each = (ids: readonly string[], rule: (row: PushMessage) => PushMessage): true => {
    for (const row of ids.flatMap((id) => messages.get(id) ?? [])) messages.set(row.id, rule(row));
    return true;
  };
  switch (change.type) {
    case 'push.open':
      for (const row of change.rows) {
        if (messages.has(row.id)) return false;
        move(
          messages,
          afterNewRequest(
            row,
            where(({ userId }) => userId === row.userId),
          ),
        );
      }
      for (const row of change.rows) messages.set(row.id, row);
      return true;
    case 'push.answer': {
      const { id, at: answeredAt, answerHash, claims } = change;
      const rows = messagesOfRequest(messages, messages.get(id)?.request ?? '');
      return move(messages, afterAnswer(rows, change), { answeredAt, answerHash, claims });
    }
    case 'push.badProof':
      return each([change.id], (row) => ({ ...row, ...afterBadProof(row) }));
    case 'push.consume':
      return move(messages, afterConsumption(messagesOfRequest(messages, change.request), change.state));
    case 'push.close':
      return move(messages, afterClose(messagesOfRequest(messages, change.request), change.reason));
    case 'push.closeUser':
      return move(
        messages,
        afterClose(
          where((row) => row.userId === change.userId),
          change.reason,
        ),
      );
    case 'push.closeJourney':
      return move(
        messages,
        afterClose(
          where((row) => row.journeyId === change.journeyId),
          change.reason,
        ),
      );
    case 'push.claim':
      return each(change.ids, (row) =>
        isUnclaimed(row, change.now, change.alsoOf) ? afterClaim(row, change.claim) : row,
      );
    case 'push.renewClaim':
      return each(change.ids, (row) => afterRenewal(row, change.claim));
    case 'push.defer':
      return each([change.id], (row) => afterDeferral(row, change.by, change.nextTryAt));
    case 'push.delivery':
      for (const { id, delivery } of change.marks) {
        const row = messages.get(id);
        if (row !== undefined) messages.set(id, { ...row, delivery: afterDelivery(row.delivery, delivery) });
      }
      return true;
  }
}

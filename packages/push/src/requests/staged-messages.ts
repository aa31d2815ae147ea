import type { UnitOfWork } from '@assent/engine/host';
import type { MessageChange, MessageReader, MessageSummary, PushMessage } from '../model/messages.ts';
import { parseMessageId } from '../protocol/index.ts';

type MessageEnd = Pick<MessageSummary, 'state' | 'reason' | 'userId' | 'deviceUuid'>;

/** How this unit of work ends a request: by taking its answer, or without one. */
type End = 'consumed' | 'closed';

/** What a unit of work changes about messages, still to be committed: whatever runs after it in the unit of work sees it. */
class StagedMessages {
  readonly #opened = new Map<string, readonly PushMessage[]>();
  readonly #ended = new Map<string, End>();
  readonly #usersClosed = new Set<string>();
  readonly #devicesGone = new Set<string>();

  /** All rows of one request. */
  opened(rows: readonly PushMessage[]): void {
    for (const { request } of rows.slice(0, 1)) this.#opened.set(request, rows);
  }

  ofRequest(request: string): readonly PushMessage[] | undefined {
    return this.#opened.get(request);
  }

  /** False where this unit of work has ended the request already: an answer is taken once, and what was taken is not closed. */
  end(request: string, end: End): boolean {
    if (this.#ended.has(request)) return false;
    this.#ended.set(request, end);
    return true;
  }

  /** Everything of a user that is open so far. */
  closeUser(userId: string): void {
    this.#usersClosed.add(userId);
    for (const [request, [first]] of this.#opened) if (first?.userId === userId) this.end(request, 'closed');
  }

  /** The device is gone: nothing that it has approved counts any more, nor can it answer. */
  voidDevice(uuid: string): void {
    this.#devicesGone.add(uuid);
  }

  /** The rows of a request as they are once the unit of work is committed. */
  after<R extends MessageEnd>(request: string, rows: readonly R[]): readonly R[] {
    const end = this.#ended.get(request);
    if (end === undefined && this.#usersClosed.size === 0 && this.#devicesGone.size === 0) return rows;
    return rows.map((row) => {
      if (row.state === 'closed' || row.state === 'consumed') return row;
      if (end === 'consumed' && row.state !== 'pending') return { ...row, state: 'consumed' };
      const isGone = row.state !== 'denied' && this.#devicesGone.has(row.deviceUuid);
      const isOver = end !== undefined || isGone || (this.#usersClosed.has(row.userId) && !this.#opened.has(request));
      return isOver ? { ...row, state: 'closed', reason: end ?? 'account' } : row;
    });
  }
}

/** Kept with the unit of work: all ports of it join the same changes. */
export const stagedMessagesOf = (unit: UnitOfWork): StagedMessages =>
  unit.keep('push:staged', () => new StagedMessages());

/** Stages the rows of a new request. */
export const openRequest = (unit: UnitOfWork, rows: readonly PushMessage[]): void => {
  if (rows.length === 0) return;
  stagedMessagesOf(unit).opened(rows);
  unit.stage({ type: 'push.open', rows } satisfies MessageChange);
};

/** Ends whatever waits for an answer of a user: the password or the account is no longer what it was (SEC-61). */
export const closeMessagesOfUser = (unit: UnitOfWork, userId: string): void => {
  stagedMessagesOf(unit).closeUser(userId);
  unit.stage({ type: 'push.closeUser', userId, reason: 'account' } satisfies MessageChange);
};

/** Only what belongs to this very journey: an id of any other means nothing here (SEC-03). */
const belongsTo =
  (unit: UnitOfWork) =>
  ({ journeyId, realm }: Pick<MessageSummary, 'journeyId' | 'realm'>): boolean =>
    journeyId === unit.journeyId && realm === unit.realm.realm;

interface Messages {
  readonly messages: MessageReader;
}

/** The messages of a request, with what this unit of work has changed. What is stored is read once per unit of work. */
export async function readRequest(
  { messages }: Messages,
  unit: UnitOfWork,
  messageId: string,
): Promise<readonly MessageSummary[]> {
  if (parseMessageId(messageId)?.type === 'REGISTER') {
    // It is one message, and whoever asks how it stands goes on to what is sealed of it: its code, or the phone to be.
    const registration = await readRegistration({ messages }, unit, messageId);
    return registration === undefined ? [] : [registration];
  }
  const staged = stagedMessagesOf(unit);
  const rows =
    staged.ofRequest(messageId) ??
    (await unit.remember(`push:request:${messageId}`, () => messages.ofRequest(messageId)));
  return staged.after(messageId, rows.filter(belongsTo(unit)));
}

/** The one message of a registration with all that is sealed of it, likewise. */
export async function readRegistration(
  { messages }: Messages,
  unit: UnitOfWork,
  messageId: string,
): Promise<PushMessage | undefined> {
  const staged = stagedMessagesOf(unit);
  const stored =
    staged.ofRequest(messageId)?.[0] ??
    (await unit.remember(`push:registration:${messageId}`, () => messages.get(messageId)));
  const row = stored && staged.after(messageId, [stored])[0];
  return row?.kind === 'REGISTER' && belongsTo(unit)(row) ? row : undefined;
}

/**
 * Something that is to leave the server, written in the very commit that it tells of and sent after it (ADR 0063): what is
 * committed is told, also where the process ends in between, and what is not committed never is.
 */
export interface OutboxEntry {
  /** Made of what is told, so that the same is not told twice. */
  readonly id: string;
  /** Who sends it, such as `logout`. */
  readonly kind: string;
  readonly realm: string;
  /** Whom it is for, in the words of its kind. One that does not answer neither delays the others nor takes their place. */
  readonly recipient: string;
  /** JSON text, as its kind has it; sealed at rest. */
  readonly payload: string;
}

export interface OutboxRow extends OutboxEntry {
  /** How often somebody has set out to send it. */
  readonly tries: number;
  /** Milliseconds; 0 before the first try. The time that it is tried for begins there. */
  readonly firstTriedAt: number;
  /** Before that nobody tries again, milliseconds; 0 before the first try. */
  readonly nextTryAt: number;
}

export interface OutboxReader {
  /** What is to be tried at `now`, the longest due first; of one recipient no more than `perRecipient`. */
  due(now: number, limit: number, perRecipient: number): Promise<readonly OutboxRow[]>;
}

/** One recipient's entries that wait at a time: a receiver that stays away fills no disk. */
export const MAX_WAITING_OF_RECIPIENT = 5_000;

/** Characters. */
export const MAX_OUTBOX_PAYLOAD = 8_192;

/** The row after somebody has set out to send it; undefined where another has done so meanwhile. */
export const afterClaim = (
  row: OutboxRow,
  { seenTries, at, nextTryAt }: { readonly seenTries: number; readonly at: number; readonly nextTryAt: number },
): OutboxRow | undefined =>
  row.tries === seenTries
    ? { ...row, tries: seenTries + 1, firstTriedAt: row.tries === 0 ? at : row.firstTriedAt, nextTryAt }
    : undefined;

/** An entry that nobody has tried to send yet. */
export const newOutboxRow = (entry: OutboxEntry): OutboxRow => {
  if (entry.payload.length > MAX_OUTBOX_PAYLOAD) {
    throw new RangeError(`the payload of ${entry.kind} has more than ${MAX_OUTBOX_PAYLOAD} characters`);
  }
  return { ...entry, tries: 0, firstTriedAt: 0, nextTryAt: 0 };
};

/**
 * Something that is to leave the server, written in the very commit that it tells of and sent after it (ADR 0063, 0069): what is
 * committed is told, also where the process ends in between, and what is not committed never is.
 */
export interface OutboxEntry {
  /** Made of what is told, so that the same is not told twice. */
  readonly id: string;
  /** Who sends it, such as `logout`. */
  readonly kind: string;
  readonly realm: string;
  /**
   * Whom it is for, in the words of its kind: one of the few that a realm has to do with, such as an application or a mail server. One
   * that does not answer neither delays the others nor takes their place.
   */
  readonly recipient: string;
  /** With whom it is deleted; absent where it is to be told all the same. */
  readonly userId?: string | undefined;
  /** JSON text, as its kind has it; sealed at rest. */
  readonly payload: string;
  /**
   * How many of its kind may tell of one user at a time, where users bring it about themselves: one who does so on and on takes nobody else's
   * place. It is asked as the entry is put, and not kept.
   */
  readonly mostOfUser?: number | undefined;
}

export interface OutboxRow extends OutboxEntry {
  /** How often somebody has set out to send it. */
  readonly tries: number;
  /** Milliseconds; 0 before the first try. The time that it is tried for begins there. */
  readonly firstTriedAt: number;
  /** Before that nobody tries again, milliseconds; 0 before the first try. */
  readonly nextTryAt: number;
  /** Why the last try that ended came to nothing. */
  readonly cause?: string | undefined;
  /** When it was given up; until then it waits. */
  readonly deadAt?: number | undefined;
}

/** What may be shown of an entry to those who administer: never what it says. */
export type OutboxSummary = Omit<OutboxRow, 'payload'>;

export interface OutboxFilter {
  readonly isDead?: boolean | undefined;
  readonly kind?: string | undefined;
  readonly realm?: string | undefined;
}

/** How what is due is shared out: whoever was served last comes last, and a realm that has enough under way gets nothing. */
export interface OutboxShares {
  /** The realm that was served last. */
  readonly lastRealm?: string | undefined;
  /** Of each realm the recipient that was served last. */
  readonly lastRecipients?: ReadonlyMap<string, Pick<OutboxEntry, 'kind' | 'recipient'>> | undefined;
  readonly busyRealms?: ReadonlySet<string> | undefined;
}

export interface OutboxReader {
  /** What tells of a user, some of it: with the user goes all of it. */
  ofUser(userId: string, limit: number): Promise<readonly OutboxSummary[]>;
  /**
   * What is to be tried at `now`: an entry of each realm, in turn, then another of each, until there are `limit`; of a realm so of each
   * recipient, and of a recipient the longest due first, no more than `perRecipient`. However much waits, little of it is read.
   */
  due(now: number, limit: number, perRecipient: number, shares?: OutboxShares): Promise<readonly OutboxRow[]>;
  /** Entries in the order of their ids, those after `after`. */
  list(filter: OutboxFilter, limit: number, after?: string): Promise<readonly OutboxSummary[]>;
  find(id: string): Promise<OutboxSummary | undefined>;
  /** How much there is, by kind and by whether it was given up; reads all of it. */
  backlog(): Promise<readonly OutboxBacklog[]>;
}

export interface OutboxBacklog {
  readonly kind: string;
  readonly isDead: boolean;
  readonly count: number;
  /** The earliest first try among them, milliseconds; 0 where none was tried. */
  readonly firstTriedAt: number;
}

/** One recipient's entries that are kept at a time: a receiver that stays away fills no disk. */
export const MAX_WAITING_OF_RECIPIENT = 5_000;

/** Characters. */
export const MAX_OUTBOX_PAYLOAD = 8_192;

/** The row after somebody has set out to send it; undefined where another has done so meanwhile, or it was given up. */
export const afterClaim = (
  row: OutboxRow,
  { seenTries, at, nextTryAt }: { readonly seenTries: number; readonly at: number; readonly nextTryAt: number },
): OutboxRow | undefined =>
  row.tries === seenTries && row.deadAt === undefined
    ? { ...row, tries: seenTries + 1, firstTriedAt: row.firstTriedAt === 0 ? at : row.firstTriedAt, nextTryAt }
    : undefined;

/** The row after a try that came to nothing; undefined where another has set out meanwhile. */
export const afterFailure = (
  row: OutboxRow,
  {
    seenTries,
    ...failure
  }: { readonly seenTries: number; readonly cause: string } & (
    | { readonly nextTryAt: number }
    | { readonly deadAt: number }
  ),
): OutboxRow | undefined => (row.tries === seenTries && row.deadAt === undefined ? { ...row, ...failure } : undefined);

/** An entry that nobody has tried to send yet. */
export const newOutboxRow = ({ mostOfUser: _, ...entry }: OutboxEntry): OutboxRow => {
  if (entry.payload.length > MAX_OUTBOX_PAYLOAD) {
    throw new RangeError(`the payload of ${entry.kind} has more than ${MAX_OUTBOX_PAYLOAD} characters`);
  }
  return { ...entry, tries: 0, firstTriedAt: 0, nextTryAt: 0 };
};

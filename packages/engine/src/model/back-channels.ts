import type { Identity } from './identities.ts';
import { port } from './port.ts';

/**
 * A journey that another one has asked for, to be run by somebody else or in another browser, while the one that asked
 * waits for its end. AM calls it a transaction of back-channel authentication (ADR 0017). Whoever has the id may start the
 * journey, as often as it takes; it comes to one end.
 */
export interface BackChannel {
  /** SHA-256 of the id; the id itself is kept nowhere but in the state of the journey that asked. */
  readonly idHash: string;
  readonly realm: string;
  /** The journey that is to be run. */
  readonly tree: string;
  /** Id of the journey that asked: no other one learns how it goes. */
  readonly openedBy: string;
  /** By then the journey must have ended, milliseconds. */
  readonly expiresAt: number;
  /** Whether a journey that fails leaves it open for another try. */
  readonly allowRetry: boolean;
  /** Id of the only user who may complete it; anybody may where absent. */
  readonly subject?: string;
  readonly status: 'created' | 'started' | 'approved' | 'denied';
  /** JSON text of what the journey has in shared state as it begins; sealed at rest. */
  readonly data: string;
  /** JSON text of what the journey has told the one that asked; sealed at rest. */
  readonly notice?: string;
  /** JSON text of the properties of the session that it ended in; sealed at rest. */
  readonly properties?: string;
}

export interface BackChannelReader {
  get(idHash: string): Promise<BackChannel | undefined>;
}

/** Whether its journey can still be started, go on, or come to its end. */
export const isOpenBackChannel = ({ status, expiresAt }: BackChannel, now: number): boolean =>
  (status === 'created' || status === 'started') && now < expiresAt;

const OF_POLICY = 'policy:';

/** Stands in `openedBy` of a transaction, which a policy asks for in the place of a journey. It says for which access the approval is. */
export const openedByPolicy = (access: string): string => `${OF_POLICY}${access}`;

/** Whether a policy has asked for it: its journey approves one access, and makes no session. */
export const isPolicyTransaction = ({ openedBy }: Pick<BackChannel, 'openedBy'>): boolean =>
  openedBy.startsWith(OF_POLICY);

/** Whether that access is approved by that user, and the approval is not used yet. */
export const isApprovalOf = (
  row: BackChannel,
  { openedBy, subject, now }: { readonly openedBy: string; readonly subject: string; readonly now: number },
): boolean => row.status === 'approved' && row.openedBy === openedBy && row.subject === subject && now < row.expiresAt;

/** What a journey keeps of the back channel that it was started by. */
export type AnsweredBackChannel = Pick<BackChannel, 'idHash' | 'allowRetry' | 'subject'>;

/** What a journey asks for. */
export interface BackChannelOptions {
  readonly tree: string;
  /** Anybody may complete it where absent. */
  readonly subject?: Identity;
  /** Goes into shared state as the journey begins; `realm` and `authLevel` do not. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly allowRetry: boolean;
}

/** How to get to the journey that was asked for. */
export interface OpenedBackChannel {
  readonly id: string;
  /** For the record: it opens nothing. */
  readonly idHash: string;
  /** Of the login page. */
  readonly pageLink: string;
  /** Where a client of its own begins by a POST. */
  readonly startLink: string;
}

/** How far it has come; `unknown` for one that ran out of time, is gone, or is another journey's. */
export interface BackChannelProgress {
  readonly status: BackChannel['status'] | 'unknown';
  readonly notice?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, string>>;
}

/** What nodes may do with back channels. What they open and tell is committed with the unit of work. */
export interface BackChannels {
  /** Undefined where the realm has no such journey, or it cannot be started. */
  open(options: BackChannelOptions): OpenedBackChannel | undefined;
  progress(id: string): Promise<BackChannelProgress>;
  /** Tells the journey that asked; `false` where the back channel is closed by now. */
  tell(answered: AnsweredBackChannel, notice: Readonly<Record<string, unknown>>): Promise<boolean>;
}

export const backChannels = port<BackChannels>()('backChannels', 'stages');

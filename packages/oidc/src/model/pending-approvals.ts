import type { Waiting } from './waiting-places.ts';

/** What a device waits for that cannot show a login itself (RFC 8628): somebody signs in elsewhere and agrees. */
export interface PendingApproval extends Waiting {
  /** SHA-256 of the device code, base64url. */
  readonly idHash: string;
  /** One more is to come: a call without a browser (CIBA), in the same table. */
  readonly kind: 'device';
  readonly realm: string;
  readonly clientId: string;
  /** HMAC-SHA-256 of the code that the user types, base64url; no other in the realm that waits has it. */
  readonly userCodeDigest: string;
  readonly scopes: readonly string[];
  readonly acrValues: readonly string[];
  readonly status: 'pending' | 'approved' | 'denied';
  /** The grant that is waiting to be fetched, once it is approved. */
  readonly approved?: ApprovedBy;
  /** Before that the device asks too often, milliseconds. */
  readonly nextPollAt: number;
  /** Seconds between two questions. */
  readonly interval: number;
  readonly expiresAt: number;
}

/** Who has agreed, and how they had signed in. */
export interface ApprovedBy {
  readonly userId: string;
  readonly credentialRev: number;
  readonly sid: string;
  /** Of the client when the user agreed. */
  readonly clientGeneration?: string;
  readonly scopes: readonly string[];
  readonly acr?: string;
  readonly amr: readonly string[];
  readonly authTime: number;
}

export interface PendingApprovalReader {
  get(idHash: string): Promise<PendingApproval | undefined>;
  byUserCode(realm: string, userCodeDigest: string): Promise<PendingApproval | undefined>;
}

/**
 * So many approvals of one user wait for devices of one client to fetch them; one more takes the place of the oldest. They are counted
 * apart from what nobody has agreed to, which anybody can ask for.
 */
export const MAX_APPROVED_OF_USER = 20;

export const isPending = ({ status, expiresAt }: PendingApproval, now: number): boolean =>
  status === 'pending' && now < expiresAt;

/** Whether a device can fetch its tokens. */
export const isApproved = ({ status, expiresAt }: PendingApproval, now: number): boolean =>
  status === 'approved' && now < expiresAt;

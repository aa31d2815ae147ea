import type { AuditEvent } from '@assent/engine/host';

/** Which rows of the trail are wanted: all of them where nothing is said. */
export interface TrailFilter {
  /** Milliseconds since 1970; what happened then, or later. */
  readonly from?: number;
  /** What happened before then. */
  readonly to?: number;
  readonly realm?: string;
  readonly events?: readonly string[];
  /** Whom it concerns, or who has done it to somebody else: an id of a user. */
  readonly user?: string;
}

const isOf = ({ realm, user }: TrailFilter, event: AuditEvent): boolean =>
  (realm === undefined || event.realm === realm) &&
  (user === undefined || event.userId === user || event.detail?.by === user);

/** Whether somebody has asked for the row. */
export const isWanted = (filter: TrailFilter, event: AuditEvent): boolean => {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, events } = filter;
  return (
    isOf(filter, event) && event.at >= from && event.at < to && (events === undefined || events.includes(event.event))
  );
};

/** Rows that say nothing of people, and without which nothing of the others is proven. */
const PROOFS: ReadonlySet<string> = new Set(['AUDIT_CHECKPOINT', 'AUDIT_TRIMMED']);

/** Whether it stands in the file though nobody has asked for it: what is signed, and why details of wanted rows are gone. */
export const isProof = (filter: TrailFilter, event: AuditEvent): boolean =>
  PROOFS.has(event.event) || (event.event === 'ERASE' && isOf(filter, event));

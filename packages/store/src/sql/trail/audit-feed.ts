import type { AuditFeed, FedAuditEvent } from '../../ports/audit-feed.ts';
import type { LeaseName } from '../../rules/leases.ts';
import { type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

/** The position up to which rows were sent. */
export const SENT = 'COALESCE((SELECT position FROM audit_sent WHERE id = 1), 0)';

const setSent = statement(
  `INSERT INTO audit_sent (id, position) VALUES (1, ?)
   ON CONFLICT (id) DO UPDATE SET position = excluded.position WHERE audit_sent.position < excluded.position`,
);

export interface FeedParts {
  readonly holds: (lease: LeaseName, holder: string, now: number) => Verb<boolean>;
  /** What comes after that position, numbered where it was not yet. */
  readonly unsent: (limit: number) => Verb<readonly FedAuditEvent[]>;
}

/** The trail as it is sent on (OPS-58): whoever holds the lease asks, each time in the transaction that it asks in. */
export const auditFeedTopic = ({ holds, unsent }: FeedParts): ReadVerbs<AuditFeed> => ({
  *next({ holder, now }, limit) {
    return (yield* holds('audit-sink', holder, now)) ? yield* unsent(limit) : undefined;
  },
  *sent({ holder, now }, position) {
    if (!(yield* holds('audit-sink', holder, now))) return false;
    yield* run(setSent, position);
    return true;
  },
});

import type { AuditReader, KnownBy } from '@assent/engine/host';
import { all, type ReadVerbs, statement } from '../verbs/verb.ts';
import { AUDIT_COLUMNS, type AuditRow, auditEventOf } from './audit-rows.ts';

/**
 * The newest sign-ins of one kind. The condition repeats that of the indexes `audit_known_by_factor` and `audit_known_by_password`, which have such
 * rows alone: the planner uses an index with a condition only where it finds the same text. Within a value of the detail, a backslash stands
 * before each quotation mark.
 */
const newest = (knownBy: KnownBy): string =>
  `SELECT ${AUDIT_COLUMNS} FROM audit
   WHERE user_id = ? AND event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"${knownBy}"%' AND at >= ?
   ORDER BY at DESC LIMIT ?`;

const selectByFactor = statement<AuditRow>(newest('factor'));
const selectByAny = statement<AuditRow>(
  `SELECT * FROM (${newest('factor')}) AS by_factor UNION ALL SELECT * FROM (${newest('password')}) AS by_password`,
);

/** Sign-ins that have made their place known, in any database. */
export const signInReader = {
  *signIns(userId, { knownBy, since, limit }) {
    const conditions = [userId, since, limit];
    const rows =
      knownBy === 'factor'
        ? yield* all(selectByFactor, ...conditions)
        : yield* all(selectByAny, ...conditions, ...conditions);
    return rows.map(auditEventOf);
  },
} satisfies ReadVerbs<Pick<AuditReader, 'signIns'>>;

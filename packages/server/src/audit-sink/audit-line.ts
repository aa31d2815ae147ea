import type { AuditEvent } from '@assent/engine/host';
import type { FedAuditEvent } from '@assent/store';

/**
 * Every member of a line of the audit trail, declared once with its meaning: the reference is generated from here. None of them ever holds a
 * secret, a code, a number of a phone or the body of a request (SEC-79).
 */
export const AUDIT_FIELDS = Object.freeze({
  format: 'Always `assent-audit/1`: what the line is, and in which form. Lines of the log have no such member.',
  id: 'Of the row, for ever: a UUID. What is sent twice has it twice.',
  position:
    'A whole number from 1 on, higher than those of all rows before. A restore from a backup, and a failover that lost the last moments, may give one to another row.',
  epoch:
    'Which life of the database it is sent from: each restore from a backup begins the next. By epoch, then position, lines are in order.',
  time: 'When it happened, in UTC, as RFC 3339 has it, in milliseconds; by the clock of the instance, so that it is no order.',
  event: 'What happened, such as `JOURNEY_END`.',
  realm: 'The realm, `/` or `/alpha`.',
  transactionId: 'The request that it happened in; lines of the log have the same one.',
  userId: 'Whom it concerns, by the id of the user.',
  journey: 'The journey, by the name of its tree.',
  nodeType: 'The type of the node.',
  nodeId: 'The node.',
  outcome: 'What came of it.',
  detail:
    'An object of texts, numbers and truth values: what belongs to that event. `more` in it is the number of further rows alike of the same request, which have no row each.',
  salt: 'Of a row with a `detail`: what its hash is made with, so that nobody guesses the one from the other.',
  detailHash: 'The hash of the `detail`, which stays when that was erased at the wish of its user.',
  previous: 'The `hash` of the row before.',
  hash: 'Of this row and, by `previous`, of all rows up to it.',
});

/** How much one call of a sink carries at most, unless one row alone is longer. */
const MAX_BATCH_CHARACTERS = 256 * 1_024;

/** Of ASCII alone, so that no collector has to guess an encoding and nothing in it ends a line. */
export const asAscii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What is said of a row as it leaves the database. */
export type LinedRow = AuditEvent &
  Pick<FedAuditEvent, 'id' | 'position' | 'previous' | 'seal'> & { readonly epoch?: number };

/** A row as every sink and every export has it: a JSON object, without a line end. */
export const auditLine = ({ at, ...row }: LinedRow): string => {
  const written: Readonly<Record<keyof typeof AUDIT_FIELDS, unknown>> = {
    format: 'assent-audit/1',
    id: row.id,
    position: row.position,
    epoch: row.epoch,
    time: new Date(at).toISOString(),
    event: row.event,
    realm: row.realm,
    transactionId: row.transactionId,
    userId: row.userId,
    journey: row.journey,
    nodeType: row.nodeType,
    nodeId: row.nodeId,
    outcome: row.outcome,
    detail: row.detail,
    salt: row.seal?.salt,
    detailHash: row.seal?.detailHash,
    previous: row.previous,
    hash: row.seal?.hash,
  };
  return asAscii(JSON.stringify(written));
};

/** Rows that follow each other, each with its line. */
export type AuditBatch = readonly { readonly row: FedAuditEvent; readonly line: string }[];

/** As many of the first rows as one call carries; at least one. */
export const batchOf = (rows: readonly FedAuditEvent[]): AuditBatch => {
  const batch: { readonly row: FedAuditEvent; readonly line: string }[] = [];
  let characters = 0;
  for (const row of rows) {
    const line = auditLine(row);
    characters += line.length;
    if (batch.length > 0 && characters > MAX_BATCH_CHARACTERS) break;
    batch.push({ row, line });
  }
  return batch;
};

export const textOf = (batch: AuditBatch): string => batch.map(({ line }) => `${line}\n`).join('');

import { createHash } from 'node:crypto';
import type { Statement } from '../sql/verbs/verb.ts';

/** What PostgreSQL says for the words in braces. No lock of ours keeps others from naming the row (a foreign key). */
const WORDS: Readonly<Record<string, string>> = {
  lock: 'FOR NO KEY UPDATE',
  share: 'FOR SHARE',
  any: 'ANY(?)',
  // An array is made once, before the rest. Of a join, statistics would decide: of a table that was empty when they were taken, a query that
  // locks ran once for each row.
  once: 'ANY(ARRAY',
  end: ')',
  off: "CAST(settings AS json) ->> 'active' = 'false'",
  lock_table: 'LOCK TABLE',
  exclusively: 'IN EXCLUSIVE MODE',
  // Of the table that a row lies in: one that was made anew, as `pg_restore` does, has another number.
  table_id: 'CAST(tableoid AS BIGINT)',
  detail_hash:
    "RTRIM(TRANSLATE(ENCODE(SHA256(CONVERT_TO(CONCAT(salt, '.', detail), 'UTF8')), 'base64'), '+/', '-_'), '=')",
};

/** A statement as it is sent: the server keeps what it has parsed, and before long its plan, under the name; without one it plans each time. */
export interface NamedText {
  readonly name?: string;
  readonly text: string;
}

/** Every instance has one name for a text, so that a pooler between them and the server has one of each (OPS-13). */
const nameOf = (text: string): string => `assent_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

const named = new WeakMap<Statement, NamedText>();

/** The text of a statement as PostgreSQL takes it: places are numbered, and words in braces are filled in. */
export const namedTextOf = (statement: Statement): NamedText => {
  const known = named.get(statement);
  if (known !== undefined) return known;
  const filled = statement.text.replaceAll(/\{(\w+)\}/g, (_, word: string) => {
    const ours = WORDS[word];
    if (ours === undefined) throw new TypeError(`no database has a word for {${word}}`);
    return ours;
  });
  let places = 0;
  const text = filled.replaceAll('?', () => {
    places += 1;
    return `$${places}`;
  });
  const made = { ...(statement.isPlannedAnew !== true && { name: nameOf(text) }), text };
  named.set(statement, made);
  return made;
};

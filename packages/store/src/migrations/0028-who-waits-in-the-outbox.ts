import type { Migration } from './migration.ts';

/**
 * What is due is shared out by realm and by recipient (OPS-44): a reader steps by `outbox_turn` from one recipient to the next, each with what
 * waits for it in order. It also counts what a recipient has, dead or waiting. Older programs read all that is due, in any order.
 */
export const whoWaitsInTheOutbox: Migration = {
  version: 28,
  name: 'who waits in the outbox',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE INDEX outbox_turn ON outbox (realm, kind, recipient, dead_at, next_try_at, id);
DROP INDEX outbox_due;
DROP INDEX outbox_recipient;
`,
};

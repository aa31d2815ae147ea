import type { Migration } from './migration.ts';

/** Phones whose provider says that their address is dead (OPS-49). The index holds these alone: few, and nothing for a login to write. */
export const phonesThatCannotBeRung: Migration = {
  version: 21,
  name: 'phones that cannot be rung',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE device ADD COLUMN channel_dead_at BIGINT;
CREATE INDEX device_unreachable ON device (realm) WHERE channel_dead_at IS NOT NULL;
`,
};

import type { Migration } from './migration.ts';

/**
 * Keys are replaced while servers run (SEC-75, SEC-76): which of a kind is used for what is new, since when, and until when what the others have
 * made is good. A key of before has no status, and is the one in use. `keys_version` counts what is done to keys, and an instance says up to
 * where it knows of that; `master_id` names the master key that a data key lies under, and `former_master_id` the one that it lay under before.
 */
export const whichKeysAreInUse: Migration = {
  version: 34,
  name: 'which keys are in use',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE data_key ADD COLUMN status TEXT;
ALTER TABLE data_key ADD COLUMN created_at BIGINT;
ALTER TABLE data_key ADD COLUMN since BIGINT;
ALTER TABLE data_key ADD COLUMN master_id TEXT;
ALTER TABLE data_key ADD COLUMN former_master_id TEXT;
ALTER TABLE data_key ADD COLUMN wrapped_at BIGINT;
ALTER TABLE secret ADD COLUMN status TEXT;
ALTER TABLE secret ADD COLUMN created_at BIGINT;
ALTER TABLE secret ADD COLUMN since BIGINT;
ALTER TABLE secret ADD COLUMN good_until BIGINT;
ALTER TABLE secret ADD COLUMN good_for BIGINT;
ALTER TABLE configuration_version ADD COLUMN keys_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN keys_version BIGINT;
`,
};

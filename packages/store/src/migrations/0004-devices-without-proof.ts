import type { Migration } from './migration.ts';

/** A phone that has yet to prove itself belongs to the journey that registers it; null on one that counts. */
export const devicesWithoutProof: Migration = {
  version: 4,
  name: 'devices without proof',
  sql: `
ALTER TABLE device ADD COLUMN pending_journey TEXT;
ALTER TABLE device ADD COLUMN pending_until BIGINT;
CREATE INDEX device_pending_journey ON device (pending_journey) WHERE pending_journey IS NOT NULL;
CREATE INDEX device_pending_until ON device (pending_until) WHERE pending_until IS NOT NULL;
`,
};

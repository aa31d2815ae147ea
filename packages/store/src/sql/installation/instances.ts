import type { Instance, Instances } from '../../ports/instances.ts';
import { LEASE_MILLIS, type LeaseName, latestEnd } from '../../rules/leases.ts';
import { all, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  name: string,
  processId: string,
  host: string,
  version: string,
  startedAt: number,
  seenAt: number,
  configurationVersion: number,
  facts: string,
  keysVersion: number | null,
];

const COLUMNS = 'name, process_id, host, version, started_at, seen_at, configuration_version, facts, keys_version';

const selectAll = statement<Row>(`SELECT ${COLUMNS} FROM instance ORDER BY name`);
const upsert = statement(
  `INSERT INTO instance (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT (name) DO UPDATE SET process_id = excluded.process_id, host = excluded.host, version = excluded.version,
     started_at = excluded.started_at, seen_at = excluded.seen_at,
     configuration_version = excluded.configuration_version, facts = excluded.facts,
     keys_version = excluded.keys_version`,
);
const remove = statement('DELETE FROM instance WHERE process_id = ?');
const sweep = statement(
  'DELETE FROM instance WHERE name IN (SELECT name FROM instance WHERE seen_at <= ? ORDER BY seen_at LIMIT ?)',
);
const hold = statement(
  `INSERT INTO lease (name, holder, held_until) VALUES (?, ?, ?)
   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
   WHERE lease.held_until <= ? OR lease.held_until > ? OR lease.holder = excluded.holder`,
);
const release = statement('DELETE FROM lease WHERE holder = ?');

const instanceOf = ([
  name,
  processId,
  host,
  version,
  startedAt,
  seenAt,
  configurationVersion,
  facts,
  keysVersion,
]: Row): Instance => ({
  name,
  processId,
  host,
  version,
  startedAt,
  seenAt,
  configurationVersion,
  facts: JSON.parse(facts),
  ...(keysVersion !== null && { keysVersion }),
});

/** Which instances there are (OPS-31), and which of them does what one does for all (OPS-32). */
export const instancesTopic = () => ({
  reader: {
    *list() {
      return (yield* all(selectAll)).map(instanceOf);
    },
  } satisfies ReadVerbs<Pick<Instances, 'list'>>,
  writer: {
    *put({ name, processId, host, version, startedAt, seenAt, configurationVersion, facts, keysVersion = null }) {
      const text = JSON.stringify(facts);
      const at = [startedAt, seenAt, configurationVersion];
      yield* run(upsert, name, processId, host, version, ...at, text, keysVersion);
    },
    *leave(processId) {
      yield* run(remove, processId);
      yield* run(release, processId);
    },
  } satisfies ReadVerbs<Omit<Instances, 'list'>>,
  /**
   * Takes a lease, or holds it for longer. Whoever writes something by it asks in the same transaction: until that has ended nobody else
   * gets the lease, and who has lost it writes nothing.
   */
  *holds(lease: LeaseName, holder: string, now: number): Verb<boolean> {
    return (yield* run(hold, lease, holder, now + LEASE_MILLIS, now, latestEnd(now))) === 1;
  },
  *sweep(unseenSince: number, limit: number): Verb<number> {
    return yield* run(sweep, unseenSince, limit);
  },
});

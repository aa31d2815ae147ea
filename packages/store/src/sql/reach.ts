import { foldUsername } from '@assent/engine';
import type { ChangeType, StoreChange } from '../ports/store.ts';
import { createdIn } from '../rules/created-in-realm.ts';

export type Reach = readonly [table: string, row?: string];

/** The part of a change's type that names its topic, such as `journey`. */
type Topic = ChangeType extends infer T ? (T extends `${infer Name}.${string}` ? Name : never) : never;

const OF_SESSIONS = ['session', 'oauth_grant', 'oauth_pending', 'outbox'] as const;
const OF_DEVICES = ['device', 'recovery_code', 'push_message'] as const;

/**
 * The tables that the changes of a topic read and write. Changes of one commit that have none in common need nothing of each
 * other, and their statements go to the server together (OPS-08).
 */
const TABLES: Readonly<Record<Topic, readonly string[]>> = {
  audit: ['audit', 'erasure'],
  backChannel: ['back_channel'],
  bound: ['bound_device'],
  code: ['recovery_code'],
  codes: ['recovery_code'],
  configuration: [
    'configuration_version',
    'configuration_change',
    'realm',
    'leaving_realm',
    'service',
    'script',
    'node',
    'tree',
    'oauth_client',
    // Versions of a tree that journeys are on stay.
    'journey_session',
  ],
  consent: ['oauth_consent'],
  device: OF_DEVICES,
  grant: ['oauth_grant', 'oauth_pending', 'outbox'],
  identity: ['identity', 'identity_value', 'user_index', 'user_index_name'],
  journey: ['journey_session'],
  metadata: ['authenticator_metadata'],
  oath: ['oath_device', 'recovery_code'],
  outbox: ['outbox'],
  parked: ['oauth_parked', 'oauth_client'],
  passkey: ['passkey', 'recovery_code'],
  pendingApproval: ['oauth_pending', 'oauth_client'],
  proposal: ['proposal'],
  push: ['push_message', 'outbox'],
  realm: ['realm', 'leaving_realm'],
  replay: ['oauth_replay'],
  session: OF_SESSIONS,
  signingKey: ['oauth_key'],
  throttle: ['throttle'],
  users: [
    'erasure',
    'identity',
    'identity_value',
    'user_index',
    'user_index_name',
    'device',
    'oath_device',
    'passkey',
    'bound_device',
    'recovery_code',
    'oauth_consent',
  ],
};

/** What goes with a user is in nearly every table. */
const EVERYTHING: readonly string[] = [...new Set(Object.values(TABLES).flat())];

/** Where a row is named, what else is done to its table is no business of the change. */
const namedRows = (change: StoreChange): readonly Reach[] | undefined => {
  switch (change.type) {
    case 'throttle.put':
      return [['throttle', change.row.subject]];
    case 'throttle.hit':
    case 'throttle.forgive':
      return [['throttle', change.subject]];
    case 'throttle.takeBack':
      return change.hits.map(({ subject }) => ['throttle', subject]);
    case 'throttle.unlocked':
    case 'throttle.clear':
      return change.subjects.map((subject) => ['throttle', subject]);
    case 'replay.see':
      return [['oauth_replay', change.hash]];
    case 'outbox.put':
      return [['outbox', change.entry.id]];
    case 'identity.insert':
      return [['identity', `${change.realm} ${foldUsername(change.username)}`]];
    case 'device.accessed':
      return [['device']];
    // It waits for no other change of its commit: what a commit says of realms is said before.
    case 'realm.usable':
      return [];
    case 'session.usable':
    case 'session.touch':
    case 'session.properties':
      return [['session']];
    default:
      return undefined;
  }
};

/** A realm goes with all that belongs to it; before one is made, what came too late to leave with an earlier one of the path. */
const emptiesRealm = (change: StoreChange): boolean =>
  change.type === 'configuration.change' && (change.createRealm !== undefined || change.deleteRealm !== undefined);

/** What a user holds, beside the user. */
const OF_ACCESS: readonly string[] = ['identity', ...OF_SESSIONS, 'push_message', 'back_channel', 'proposal'];
const ENDS_ACCESS: ReadonlySet<ChangeType> = new Set(['identity.active', 'identity.endAccess']);

const GOES_WITH_ALL: ReadonlySet<ChangeType> = new Set(['identity.delete', 'identity.erase']);

/** The tables that meet those of other changes in a commit. */
const tablesToShare = (change: StoreChange): readonly string[] =>
  GOES_WITH_ALL.has(change.type) || emptiesRealm(change)
    ? EVERYTHING
    : ENDS_ACCESS.has(change.type)
      ? OF_ACCESS
      : TABLES[change.type.slice(0, change.type.indexOf('.')) as Topic];

/**
 * The tables that a change may touch. Those that create something look at their realm, which no other change of their commit writes.
 *
 * @internal The contract holds every statement against it.
 */
export const tablesOf = (change: StoreChange): readonly string[] => [
  ...tablesToShare(change),
  ...(createdIn(change) === undefined ? [] : ['realm']),
];

/** Who puts entries of kinds that nobody else puts meets none of the others there, so that a login is as many flights as before (OPS-08). */
const entriesOf = (change: StoreChange): Reach => {
  if (change.type.startsWith('push.')) return ['outbox', 'withdrawals'];
  return change.type.startsWith('session.') || change.type.startsWith('grant.')
    ? ['outbox', 'ends of sessions']
    : ['outbox'];
};

/** What a change looks at or writes: a table, or what goes by a name in it. */
export const reachOf = (change: StoreChange): readonly Reach[] =>
  namedRows(change) ?? tablesToShare(change).map((table) => (table === 'outbox' ? entriesOf(change) : [table]));

/** What the changes before one have still to finish. */
export class Claimed {
  readonly #tables = new Set<string>();
  readonly #tablesOfRows = new Set<string>();
  readonly #rows = new Set<string>();

  add(reach: readonly Reach[]): void {
    for (const [table, row] of reach) {
      if (row === undefined) this.#tables.add(table);
      else {
        this.#rows.add(`${table} ${row}`);
        this.#tablesOfRows.add(table);
      }
    }
  }

  meets(reach: readonly Reach[]): boolean {
    return reach.some(
      ([table, row]) =>
        this.#tables.has(table) ||
        (row === undefined ? this.#tablesOfRows.has(table) : this.#rows.has(`${table} ${row}`)),
    );
  }
}

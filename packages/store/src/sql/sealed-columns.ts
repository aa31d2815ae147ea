import type { Purpose } from '../sealing/data-key.ts';
import type { Place } from '../sealing/sealer.ts';
import { placeOfParkedRequest } from './applications/parked-requests.ts';
import { placeOfSigningKey } from './applications/signing-keys.ts';
import { placeOfClient, placeOfNode, placeOfService, placeOfTree } from './installation/configuration.ts';
import { placeOfEntry } from './installation/outbox.ts';
import { placeOfProposal } from './installation/proposals.ts';
import { placeOfSecret } from './installation/secrets.ts';
import { placeOfBackChannel } from './logins/back-channels.ts';
import { placeOfJourney } from './logins/journeys.ts';
import { placeOfDevice } from './phones/devices.ts';
import { placeOfClaims, placeOfMessage } from './phones/message-rows.ts';
import { placeOfOathDevice } from './phones/oath-devices.ts';
import { type Row, type SqlValue, type Statement, statement } from './verbs/verb.ts';

/** A column whose values are sealed: how all of them are walked through, and where each belongs. */
export interface SealedColumn {
  readonly purpose: Purpose;
  readonly table: string;
  readonly column: string;
  /** How many of the columns that are read make out the key of a row. */
  readonly keyLength: number;
  /** The first rows, and those behind a key. */
  readonly firstPage: Statement;
  readonly nextPage: Statement;
  /** Only where nobody has written another value meanwhile. */
  readonly replace: Statement;
  readonly count: Statement<[count: number]>;
  readonly placeOf: (row: Row) => Place;
}

const text = (value: SqlValue | undefined): string => String(value ?? '');

const sealedColumn = (
  purpose: Purpose,
  name: string,
  key: readonly string[],
  others: readonly string[],
  placeOf: (...values: readonly string[]) => Place,
): SealedColumn => {
  const [table = '', column = ''] = name.split('.');
  const read = [...key, ...others];
  const places = key.map(() => '?').join(', ');
  const [from, of] = key.length === 1 ? [key[0], '?'] : [`(${key.join(', ')})`, `(${places})`];
  const page = (where: string) =>
    statement(`SELECT ${[...read, column].join(', ')} FROM ${table}${where} ORDER BY ${key.join(', ')} LIMIT ?`);
  return {
    purpose,
    table,
    column,
    keyLength: key.length,
    firstPage: page(''),
    nextPage: page(` WHERE ${from} > ${of}`),
    replace: statement(
      `UPDATE ${table} SET ${column} = ? WHERE ${key.map((it) => `${it} = ?`).join(' AND ')} AND ${column} = ?`,
    ),
    count: statement(`SELECT COUNT(*) FROM ${table} WHERE substr(${column}, 2, 4) = ?`),
    placeOf: (row) => placeOf(...read.map((_, at) => text(row[at]))),
  };
};

const REALM_AND_USER = ['realm', 'user_id'];

/** Every column of the schema whose values are sealed. A test finds one that is missing. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  sealedColumn('secret', 'secret.sealed', ['name'], [], (name = '') => placeOfSecret(name)),
  sealedColumn('secret', 'service.config', ['realm', 'type'], [], (realm = '', type = '') =>
    placeOfService(realm, type),
  ),
  sealedColumn('secret', 'node.config', ['realm', 'id'], [], (realm = '', id = '') => placeOfNode(realm, id)),
  sealedColumn('secret', 'oauth_client.document', ['realm', 'id'], [], (realm = '', id = '') =>
    placeOfClient(realm, id),
  ),
  sealedColumn('secret', 'tree.nodes', ['realm', 'name', 'version'], [], (realm = '', name = '', version = '') =>
    placeOfTree({ realm, name, version: Number(version) }),
  ),
  sealedColumn('secret', 'proposal.document', ['id'], ['realm'], (id = '', realm = '') => placeOfProposal(id, realm)),
  sealedColumn('oidc-signing', 'oauth_key.private_key', ['realm', 'kid'], [], (realm = '', kid = '') =>
    placeOfSigningKey(realm, kid),
  ),
  sealedColumn('device', 'device.sealed', ['uuid'], REALM_AND_USER, (id = '', realm = '', userId = '') =>
    placeOfDevice(id, realm, userId),
  ),
  sealedColumn('device', 'oath_device.sealed', ['uuid'], REALM_AND_USER, (id = '', realm = '', userId = '') =>
    placeOfOathDevice(id, realm, userId),
  ),
  sealedColumn('message', 'push_message.sealed', ['id'], REALM_AND_USER, (id = '', realm = '', userId = '') =>
    placeOfMessage({ id, realm, userId }),
  ),
  sealedColumn('message', 'push_message.claims', ['id'], REALM_AND_USER, (id = '', realm = '', userId = '') =>
    placeOfClaims({ id, realm, userId }),
  ),
  sealedColumn('journey', 'journey_session.state', ['id'], ['realm'], (id = '', realm = '') =>
    placeOfJourney(id, realm),
  ),
  ...(['data', 'notice', 'properties'] as const).map((column) =>
    sealedColumn('journey', `back_channel.${column}`, ['id_hash'], [], (id = '') => placeOfBackChannel(id, column)),
  ),
  sealedColumn('journey', 'oauth_parked.request', ['id_hash'], ['realm'], (id = '', realm = '') =>
    placeOfParkedRequest(id, realm),
  ),
  sealedColumn(
    'outbox',
    'outbox.payload',
    ['id'],
    ['kind', 'realm', 'user_id'],
    (id = '', kind = '', realm = '', userId = '') =>
      placeOfEntry({ id, kind, realm, ...(userId !== '' && { userId }) }),
  ),
];

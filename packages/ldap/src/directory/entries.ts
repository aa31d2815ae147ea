import { isUsableUsername } from '@assent/engine/host';
import type { Entry } from 'ldapts';
import type { LdapService } from '../settings/ldap-service.ts';

/** A user as the directory says. */
export interface DirectoryEntry {
  readonly dn: string;
  /** Lasting: a UUID, or what the attribute has. */
  readonly id: string;
  readonly username: string;
  readonly active: boolean;
  /** Changes whenever there are other credentials, or the account is put in or out of use. */
  readonly mark: string;
  /** By our names; one that the entry does not have is not there. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

const MAX_VALUES = 1_000;
const MAX_VALUE_LENGTH = 4_096;

/** `objectGUID`: its first three parts are little-endian (MS-DTYP §2.3.4.2), and people know it as a UUID. */
const GUID = 'objectguid';
const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export const isGuid = (attribute: string): boolean => attribute.toLowerCase() === GUID;

const uuidOfGuid = (bytes: Buffer): string | undefined => {
  if (bytes.length !== 16) return undefined;
  const hex = Buffer.from(GUID_ORDER.map((at) => bytes[at] ?? 0)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** The value to look for by such an id; undefined for a text that is none. */
export const guidOfUuid = (uuid: string): Buffer | undefined => {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return undefined;
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return Buffer.from(GUID_ORDER.map((at) => bytes[at] ?? 0));
};

const ACTIVE_DIRECTORY = ['userAccountControl', 'accountExpires', 'pwdLastSet'];
const PASSWORD_POLICY = ['pwdAccountLockedTime', 'pwdChangedTime'];

/** What is asked for of an entry: what we have a use for, and nothing else. */
export const wantedAttributes = (service: LdapService): readonly string[] => [
  ...new Set([
    service.idAttribute,
    service.usernameAttribute,
    ...Object.values(service.attributes),
    ...(Object.keys(service.roleOfGroup).length > 0 ? ['memberOf'] : []),
    ...(service.kind === 'activeDirectory' ? ACTIVE_DIRECTORY : PASSWORD_POLICY),
  ]),
];

type Values = readonly (Buffer | string)[];

/** The values of an entry, by the names of its attributes in lower case: directories write names as they like (RFC 4512 §2.5). */
const valuesByName = ({ dn: _dn, ...attributes }: Entry): ReadonlyMap<string, Values> => {
  const values = new Map<string, Values>();
  for (const [name, found] of Object.entries(attributes)) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, Array.isArray(found) ? found : [found]);
  }
  return values;
};

/** An entry whose attributes are found by any spelling of their names. */
class ReadableEntry {
  readonly #values: ReadonlyMap<string, Values>;

  constructor(entry: Entry) {
    this.#values = valuesByName(entry);
  }

  buffersOf(attribute: string): Values {
    return this.#values.get(attribute.toLowerCase()) ?? [];
  }

  /** The values that are texts, and no longer or more than anybody's are. */
  valuesOf(attribute: string): readonly string[] {
    return this.buffersOf(attribute)
      .filter(
        (value): value is string => typeof value === 'string' && value.length > 0 && value.length <= MAX_VALUE_LENGTH,
      )
      .slice(0, MAX_VALUES);
  }
}

/** Since 1601, in steps of 100 ns; 0 and the largest mean never (MS-ADTS §2.2.1). */
const FILETIME_OF_EPOCH = 116_444_736_000_000_000n;
const NEVER = 9_223_372_036_854_775_807n;
const ACCOUNT_DISABLED = 2;
/** How a password policy says that an administrator has locked an account for good. */
const LOCKED_FOR_GOOD = '000001010000Z';

const hasExpired = (text: string | undefined, now: number): boolean => {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return false;
  const time = BigInt(text);
  return time !== 0n && time !== NEVER && (time - FILETIME_OF_EPOCH) / 10_000n <= BigInt(now);
};

const isActive = (service: LdapService, entry: ReadableEntry, now: number): boolean => {
  const first = (attribute: string) => entry.valuesOf(attribute)[0];
  if (service.kind === 'ldap') return first('pwdAccountLockedTime') !== LOCKED_FOR_GOOD;
  const isDisabled = (Number(first('userAccountControl') ?? 0) & ACCOUNT_DISABLED) !== 0;
  return !isDisabled && !hasExpired(first('accountExpires'), now);
};

const rolesOf = (service: LdapService, entry: ReadableEntry): readonly string[] => {
  const groups = new Set(entry.valuesOf('memberOf').map((dn) => dn.toLowerCase()));
  return Object.entries(service.roleOfGroup).flatMap(([dn, role]) => (groups.has(dn.toLowerCase()) ? [role] : []));
};

/** What an entry means by those settings; undefined for one that cannot be a user, as it has no id or no name that could be one. */
export const readEntry = (service: LdapService, found: Entry, now: number): DirectoryEntry | undefined => {
  const entry = new ReadableEntry(found);
  const [rawId] = entry.buffersOf(service.idAttribute);
  const id = Buffer.isBuffer(rawId) ? uuidOfGuid(rawId) : rawId;
  // Values have no order, and a user has one name.
  const [username] = [...entry.valuesOf(service.usernameAttribute)].sort();
  if (id === undefined || id === '' || id.length > 256) return undefined;
  if (username === undefined || !isUsableUsername(username)) return undefined;
  const active = isActive(service, entry, now);
  const changed = entry.valuesOf(service.kind === 'activeDirectory' ? 'pwdLastSet' : 'pwdChangedTime')[0] ?? '';
  const mapped = Object.entries(service.attributes).map(([ours, theirs]) => [ours, entry.valuesOf(theirs)] as const);
  const roles = rolesOf(service, entry);
  const attributes = [...mapped, ...(Object.keys(service.roleOfGroup).length > 0 ? [[ROLES, roles] as const] : [])];
  return {
    dn: found.dn,
    id,
    username,
    active,
    mark: `${changed}${active ? '' : ' out of use'}`,
    attributes: Object.fromEntries(attributes.filter(([, values]) => values.length > 0)),
  };
};

/** The attribute of ours that says which roles an administrator has. */
const ROLES = 'assentRoles';

/** The names of ours whose values the directory alone says. */
export const namesOfDirectory = (service: LdapService): readonly string[] => [
  ...Object.keys(service.attributes),
  ...(Object.keys(service.roleOfGroup).length > 0 ? [ROLES] : []),
];

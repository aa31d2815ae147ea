import type { KeyObject } from 'node:crypto';
import type { FactorKind } from '@assent/engine';
import { type HashFault, schemeOfHash, storedHash } from '@assent/store';
import { parseUser } from '@assent/wire';
import { plainText } from '../../command/plain-text.ts';
import type { Server } from '../../command/stored.ts';
import { type Devices, readDevices } from '../devices/devices-of-person.ts';
import { type SourceEntry, valuesOf } from '../reading/source-entry.ts';
import { stateOf } from './account-state.ts';
import { isLeftOut, NOT_TAKEN, ourNameOf } from './known-attributes.ts';
import type { ReadEntry } from './newcomer.ts';
import type { Notice, Reason } from './notice.ts';

/** A user of a file, as one is to be here. */
export interface Person {
  readonly username: string;
  readonly active: boolean;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** A hash that another server has made. */
  readonly hash?: string;
  readonly devices: Devices;
  /** When the user was made there, in milliseconds. */
  readonly createdAt?: number;
  readonly notices: readonly Notice[];
  readonly groups: readonly string[];
}

export interface PersonRules {
  readonly server: Server;
  /** The attribute that holds the name of the user, in lower case; undefined for AM's. */
  readonly nameAttribute: string | undefined;
  /** Further attributes that have a name here, by their names in lower case. */
  readonly spellings: ReadonlyMap<string, string>;
  /** The attributes that have the profiles of devices, in lower case. */
  readonly profiles: Readonly<Record<FactorKind, string>>;
  /** What opens encrypted profiles. */
  readonly deviceKey: KeyObject | undefined;
  readonly maxDevices: number;
  /** Credentials and kids that stood in the files before. */
  readonly seen: Set<string>;
  readonly now: number;
}

const GROUP_CLASSES: ReadonlySet<string> = new Set([
  'groupofnames',
  'groupofuniquenames',
  'groupofurls',
  'groupofentries',
  'posixgroup',
  'ds-virtual-static-group',
]);
const PLACE_CLASSES: ReadonlySet<string> = new Set([
  'organization',
  'organizationalunit',
  'domain',
  'dcobject',
  'country',
  'container',
  'referral',
  'alias',
]);
/** Entries of a directory that has settings and sessions of AM beside its users are of other classes than these. */
const PERSON_CLASSES: ReadonlySet<string> = new Set([
  'person',
  'organizationalperson',
  'inetorgperson',
  'account',
  'inetuser',
  'user',
]);

const FAULTS = {
  scheme: 'PASSWORD_SCHEME',
  form: 'PASSWORD_FORM',
  cost: 'PASSWORD_COST',
} as const satisfies Record<HashFault, Reason>;

/** Of several hashes, which directories keep of one password in several schemes, the first that can be checked here. */
const passwordOf = (
  entry: SourceEntry,
): { readonly hash?: string; readonly problem?: { readonly reason: Reason; readonly detail?: string } } => {
  const stored = valuesOf(entry, 'userpassword').filter((value) => value !== '');
  let problem: { reason: Reason; detail?: string } | undefined;
  for (const value of stored) {
    const read = storedHash(value);
    if ('hash' in read) return { hash: read.hash };
    const scheme = schemeOfHash(value);
    const isClear = scheme === undefined || scheme === 'CLEAR' || scheme === 'CLEARTEXT';
    problem ??= isClear ? { reason: 'PASSWORD_IN_CLEAR' } : { reason: FAULTS[read.fault], detail: scheme };
  }
  return problem === undefined ? {} : { problem };
};

interface TakenAttributes {
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly { readonly reason: Reason; readonly detail: string }[];
}

const attributesOf = (entry: SourceEntry, username: string, rules: PersonRules): TakenAttributes => {
  const attributes: Record<string, readonly string[]> = {};
  const problems: { reason: Reason; detail: string }[] = [];
  const ofDevices = new Set(Object.values(rules.profiles));
  for (const [folded, { name, values, isUnreadable }] of entry.attributes) {
    if (isLeftOut(folded) || ofDevices.has(folded)) continue;
    const detail = plainText(name.slice(0, 64));
    if (NOT_TAKEN.has(folded)) {
      problems.push({ reason: 'ATTRIBUTE_NOT_TAKEN', detail });
      continue;
    }
    if (isUnreadable === true) problems.push({ reason: 'ATTRIBUTE_NO_TEXT', detail });
    const kept = values.filter((value) => value !== '');
    if (kept.length === 0 || (folded === 'uid' && kept.length === 1 && kept[0] === username)) continue;
    const ours = ourNameOf(name, rules.spellings);
    const parsed = parseUser({ [ours]: kept });
    if ('reason' in parsed) problems.push({ reason: 'ATTRIBUTE_UNUSABLE', detail });
    else if (Object.keys(attributes).length >= MAX_ATTRIBUTES) problems.push({ reason: 'ATTRIBUTE_UNUSABLE', detail });
    else Object.assign(attributes, parsed.change.attributes);
  }
  return { attributes, problems };
};

/** As many as a user has over REST. */
const MAX_ATTRIBUTES = 100;

/** Whether a DN begins with such a value; one that is escaped there is not looked at. */
const isNamed = (dn: string, value: string): boolean => {
  const [, name = ''] = /^[\w.-]+ *= *([^,+]*)/.exec(dn) ?? [];
  return name.trim().toLowerCase() === value.toLowerCase();
};

const nameOf = (entry: SourceEntry, { nameAttribute }: PersonRules): string | undefined => {
  const names = nameAttribute === undefined ? ['username', 'uid', '_id'] : [nameAttribute];
  const found = names.map((name) => valuesOf(entry, name).filter((value) => value !== ''));
  const [first, ...others] = found.find((values) => values.length > 0) ?? [];
  // Values have no order. Of several, the name of the entry is what AM calls the user.
  const [dn = ''] = others.length === 0 ? [] : valuesOf(entry, 'dn');
  return others.find((value) => isNamed(dn, value)) ?? first;
};

/** What of an entry becomes a user here; and what does not. */
export const readEntry = (entry: SourceEntry, rules: PersonRules): ReadEntry<Person> => {
  const classes = valuesOf(entry, 'objectclass').map((it) => it.toLowerCase());
  const [dn = entry.place] = valuesOf(entry, 'dn');
  if (classes.some((it) => GROUP_CLASSES.has(it))) return { kind: 'group', name: dn };
  const username = nameOf(entry, rules);
  if (username === undefined) {
    const isPlace = classes.some((it) => PLACE_CLASSES.has(it)) || entry.attributes.has('ref');
    const isThing = classes.length > 0 && !classes.some((it) => PERSON_CLASSES.has(it));
    return isPlace || isThing ? { kind: 'noUser' } : { kind: 'refused', notice: { user: dn, reason: 'NAME_MISSING' } };
  }
  if (rules.server.usernameProblem(username) !== undefined || rules.server.UNADDRESSABLE.test(username)) {
    return { kind: 'refused', notice: { user: username, reason: 'NAME_UNUSABLE' } };
  }
  if (entry.attributes.has('ds-privilege-name')) {
    return { kind: 'refused', notice: { user: username, reason: 'DIRECTORY_ACCOUNT' } };
  }
  const { hash, problem } = passwordOf(entry);
  const { active, reasons } = stateOf(entry, rules);
  const { attributes, problems } = attributesOf(entry, username, rules);
  const [created] = valuesOf(entry, 'createtimestamp');
  const createdAt = created === undefined ? undefined : rules.server.parseGeneralizedTime(created);
  const { devices, problems: ofDevices } = readDevices(
    {
      push: valuesOf(entry, rules.profiles.push),
      oath: valuesOf(entry, rules.profiles.oath),
      webauthn: valuesOf(entry, rules.profiles.webauthn),
      binding: valuesOf(entry, rules.profiles.binding),
    },
    { username, key: rules.deviceKey, maxDevices: rules.maxDevices, seen: rules.seen },
  );
  const found = [
    ...(problem === undefined ? [] : [problem]),
    ...reasons.map((reason) => ({ reason })),
    ...problems,
    ...ofDevices,
  ];
  return {
    kind: 'person',
    person: {
      username,
      active,
      attributes,
      ...(hash !== undefined && { hash }),
      devices,
      ...(createdAt !== undefined && createdAt <= rules.now && { createdAt }),
      notices: found.map((it) => ({ user: username, ...it })),
      groups: [...valuesOf(entry, 'ismemberof'), ...valuesOf(entry, 'memberof')],
    },
  };
};

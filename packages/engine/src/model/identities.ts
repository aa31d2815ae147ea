import { foldUsername, hasLongCombiningRun } from '../foreign/fold-username.ts';
import { port } from './port.ts';

export { foldUsername, hasLongCombiningRun, MAX_COMBINING_RUN } from '../foreign/fold-username.ts';

/** A user of a realm. Attributes are multi-valued, as in a directory. */
export interface Identity {
  /** Never reused, also when a name is. */
  readonly id: string;
  readonly realm: string;
  readonly username: string;
  readonly active: boolean;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Grows with every change; a change names the one it saw. */
  readonly rev: number;
  /**
   * Counts the credentials that the user has had: grows when another password is set, when an administrator disables the
   * account, and when the second factors are reset. What was begun under an older one is over (SEC-61, ADR 0019).
   */
  readonly credentialRev: number;
  /** Of a user whose password and attributes a directory keeps (OPS-74): the lasting id of the entry there. */
  readonly entryId?: string;
  /** What the directory said of the entry's credentials when it was last seen; with another one they are others. */
  readonly entryMark?: string;
}

/**
 * Which users of a realm are meant (OPS-24). Texts are folded like names. By an attribute that the realm does not list, a page has few of them or
 * none: it has those of as many users as it may have.
 */
export interface UserQuery {
  /** By the name where absent; else the query has `value`, or a `beginning` that is not empty. */
  readonly attribute?: string;
  /** The whole name, or a whole value of the attribute. */
  readonly value?: string;
  /** How the name or the value begins. */
  readonly beginning?: string;
  /** Where the page before has ended. */
  readonly after?: string;
  readonly limit: number;
}

export interface UserPage {
  /** By the name, or by the value and then in an order that stays. */
  readonly users: readonly Identity[];
  /** Where the next page begins; absent where there is none. A page may be short all the same. */
  readonly next?: string;
  /** How many users were gone through for it; as many as it may have, where absent. Large users make a page short. */
  readonly read?: number;
}

/** Who looks users up. The directory calls `looksThrough` before it reads users one after the other; it throws where that was done too often. */
export type QuerySource = Readonly<{ clientAddress: string; looksThrough(): void }>;

/** Where users are read. Names are looked up folded (NFKC, case), so `Demo` and `demo` are one user. */
export interface IdentityDirectory {
  find(realm: string, username: string): Promise<Identity | undefined>;
  findById(id: string): Promise<Identity | undefined>;
  /** The user of an entry of the realm's directory, once the entry has been seen. */
  findByEntry(realm: string, entryId: string): Promise<Identity | undefined>;
  /**
   * Users of the realm who have that value in that attribute, both folded like names; two at the most, which is enough to
   * know that it names nobody. Users who only claim an address come after those who have it proven. Values over {@link MAX_SEARCH_VALUE_LENGTH} are not found. By an attribute that the realm does
   * not list, users are looked through in a turn of the realm (`OVERLOADED` where too many wait), which is an error in a realm of many users.
   */
  findByAttribute(realm: string, attribute: string, value: string, source?: QuerySource): Promise<readonly Identity[]>;
  /** Some of the users, each of them once in all pages; nobody reads all users of a realm at once. */
  page(realm: string, query: UserQuery): Promise<UserPage>;
  /** The stored password hash, or undefined for an unknown user or one without a password. */
  passwordHash(id: string): Promise<string | undefined>;
}

/** How many users are held at once. */
const PAGE = 500;

/** Users of a realm one after the other, of which a page at a time is read: all of them, or those who have the value (OPS-24). */
export async function* everyUser(
  identities: Pick<IdentityDirectory, 'page'>,
  realm: string,
  having: { readonly attribute?: string; readonly value?: string } = {},
): AsyncGenerator<Identity> {
  let page: UserPage | undefined;
  do {
    page = await identities.page(realm, {
      ...having,
      limit: PAGE,
      ...(page?.next !== undefined && { after: page.next }),
    });
    yield* page.users;
  } while (page.next !== undefined);
}

/** What a node may do with users. Writes belong to the unit of work and are committed with it. */
export interface Identities {
  /** Of the journey's realm; the first look-up of a unit of work reads, the others remember. */
  find(username: string): Promise<Identity | undefined>;
  findById(id: string): Promise<Identity | undefined>;
  /** All, of two at the most, who have that value in that attribute, folded like names. */
  findBy(attribute: string, value: string): Promise<readonly Identity[]>;
  /** Changes one attribute; `change` gets the current values and may run again if somebody else was faster. */
  update(username: string, attribute: string, change: (values: readonly string[]) => readonly string[]): Promise<void>;
  /** Sets the attributes it names, an empty list removes one, the others stay. */
  setAttributes(username: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /** Says that a code or a link has reached the user there. It changes nothing unless the attribute has this value alone. */
  proveAddress(username: string, attribute: string, address: string): Promise<void>;
  /**
   * Locks or unlocks the account. A lock stands also when the journey then ends in error, an unlock does not. False where the user has roles:
   * only an owner changes the status of such an account, over REST, and the audit log says that a journey tried to.
   */
  setActive(username: string, active: boolean): Promise<boolean>;
}

/** Users are not looked up by a longer value, in characters. */
export const MAX_SEARCH_VALUE_LENGTH = 256;

/** Users are looked up by so many values of an attribute, the first ones: as many as REST and journeys write. */
export const MAX_SEARCH_VALUES = 100;

/** The values of an attribute that its user can be found by. */
export const searchedValues = (values: readonly string[]): readonly string[] =>
  values.slice(0, MAX_SEARCH_VALUES).filter((value) => value.length <= MAX_SEARCH_VALUE_LENGTH);

/** By which attributes users are found where a realm lists no others (OPS-24). */
export const USUAL_INDEXED_ATTRIBUTES: readonly string[] = ['mail', 'telephoneNumber', 'uid'];

/** Attributes that hold proofs, if only as hashes: they are never shown, searched or handed to a script. */
export const SECRET_ATTRIBUTES: ReadonlySet<string> = new Set(['kbaInfo']);

/** All attributes but the secret ones. */
export const shownAttributes = ({ attributes }: Pick<Identity, 'attributes'>): Identity['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !SECRET_ATTRIBUTES.has(name)));

/** Where AM keeps whether an account is in use; with us it is read from, and written to, the account itself. */
export const STATUS_ATTRIBUTE = 'inetUserStatus';

export const identities = port<Identities>()('identities', 'stages');

export type PasswordVerdict =
  | { readonly status: 'right'; readonly identity: Identity }
  /** The password is right, and good for nothing but to choose another: for who cannot let it be chosen it is wrong (OPS-76). */
  | { readonly status: 'mustChange'; readonly identity: Identity }
  /** Wrong password, unknown user, or locked here: told apart in the audit only (SEC-59). */
  | { readonly status: 'wrong' }
  /** The user's directory has locked the account, and answers no password. */
  | { readonly status: 'locked' }
  /** The password is right and has run out: nobody gets in by it. */
  | { readonly status: 'expired' };

export interface Passwords {
  /** Costs the same whether the user exists or not, and counts a failure whatever becomes of the unit of work (SEC-56, SEC-57). */
  verify(
    username: string,
    password: string,
    /** For which users the right password counts; for others it is wrong, and counted so. For all users where absent. */
    accepts?: (identity: Identity) => boolean,
  ): Promise<PasswordVerdict>;
}

export const passwords = port<Passwords>()('passwords', 'acts');

/** Signs that a new name cannot have: REST paths carry the name, and paths with these are refused (SEC-67). */
export const UNADDRESSABLE = /[/\\;%]/;

/** False for names that could pass for another: control, bidi and zero-width characters, blanks around, long combining runs, over 256. */
export const isUsableUsername = (username: string): boolean =>
  username.length > 0 &&
  username.length <= 256 &&
  username.trim() === username &&
  !hasLongCombiningRun(username) &&
  !/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(username);

/** As users and clients are named where no username is meant: our ids, the subjects of tokens, and AM's universal ids. */
const NAMED_OTHERWISE = /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\((?:usr|age)!.*\)|id=.*,ou=.*)$/su;

/**
 * True for a name that would be read as the id of a user, as a `sub` or as a universal id. No new user gets one: who registers the `sub` of
 * another would be found in that user's place (SEC-60). Names that exist, here or in a directory, stay in use.
 */
export const isNameLikeId = (username: string): boolean => NAMED_OTHERWISE.test(foldUsername(username));

/** Somebody was erased: all that is left is the id, by which nobody is known any more, so that a backup of before is erased once more. */
export interface Erasure {
  readonly userId: string;
  readonly realm: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ErasureReader {
  /** By id, those behind `after`. */
  list(limit: number, after?: string): Promise<readonly Erasure[]>;
  /** Which of these ids were erased. */
  among(ids: readonly string[]): Promise<readonly string[]>;
}

/** The attribute of a user that lists delegated roles. No journey and no script writes it. */
export const ROLES = 'assentRoles';

export const ROLE_NAMES = ['owner', 'privacy', 'designer', 'helpdesk', 'auditor', 'gateway'] as const;
export type Role = (typeof ROLE_NAMES)[number];

const NAMES: ReadonlySet<string> = new Set(ROLE_NAMES);

export const isRole = (name: string): name is Role => NAMES.has(name);

export const rolesOf = (identity: Pick<Identity, 'attributes'>): readonly Role[] =>
  (identity.attributes[ROLES] ?? []).filter(isRole);

type Attributes = Identity['attributes'];

/** Attributes with addresses to which codes are sent. Users change them with the password. */
export const ADDRESS_ATTRIBUTES: readonly string[] = ['mail', 'telephoneNumber'];

/**
 * When addresses of a user were changed without a second factor, as `mail 2026-12-01T09:00:00.000Z`. The server alone writes the attribute:
 * no user, script, journey or administrator does.
 */
const ADDRESS_CHANGES = 'assentAddressChanges';

/**
 * By address, since when it is claimed: the user, or a journey, has set it, and no administrator, import, code or link has shown that the mailbox
 * or phone is the user's. The server alone writes these attributes. One for each address, so that a database can sort by them.
 */
const CLAIMS: ReadonlyMap<string, string> = new Map([
  ['mail', 'assentClaimedMail'],
  ['telephoneNumber', 'assentClaimedTelephoneNumber'],
]);

/**
 * The mail addresses from before a change without a second factor, as `2026-12-01T09:00:00.000Z proven jane@example.org`: notices also go there
 * until the change is old enough, or an administrator has set the address. The server alone writes the attribute.
 */
const FORMER_MAIL = 'assentFormerMail';

/** Attributes of users that no user, script, journey or administrator writes. */
export const SERVER_ATTRIBUTES: readonly string[] = [ADDRESS_CHANGES, FORMER_MAIL, ...CLAIMS.values()];

/** The attribute that says since when an address is claimed; undefined for attributes that hold no address. */
export const claimOf = (name: string): string | undefined => CLAIMS.get(name);

/** Whether the user claims the value of this attribute, and nothing has proven it. */
export const isClaimedAddress = (attributes: Attributes, name: string): boolean =>
  (attributes[CLAIMS.get(name) ?? ''] ?? []).length > 0;

/** These users, those who only claim the value of the attribute last. */
export const provenFirst = <User extends Pick<Identity, 'attributes'>>(
  users: readonly User[],
  name: string,
): readonly User[] => {
  const claims = users.filter(({ attributes }) => isClaimedAddress(attributes, name));
  return claims.length === 0 ? users : [...users.filter((user) => !claims.includes(user)), ...claims];
};

/** What is written with these addresses: that they are claimed, or that they are no more. */
export const notedClaims = (
  before: Attributes,
  values: Attributes,
  { at, isClaimed }: { readonly at: number; readonly isClaimed: boolean },
): Attributes =>
  Object.fromEntries(
    [...CLAIMS].flatMap(([name, claim]) => {
      const claims = isClaimed && (values[name] ?? []).length > 0;
      if (values[name] === undefined || (!claims && before[claim] === undefined)) return [];
      return [[claim, claims ? [new Date(at).toISOString()] : []]];
    }),
  );

/** The addresses among these values, for {@link notedClaims}. */
const only = (values: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(names.map((name) => [name, values[name] ?? []]));

/** How long a code to a changed address proves nothing: long enough for the notice to the former address to be read. */
const UNPROVEN_MILLIS = 7 * 24 * 3_600_000;

const entryOf = (value: string): { readonly name: string; readonly at: number } => {
  const [name = '', time = ''] = value.split(' ');
  return { name, at: Date.parse(time) };
};

/** A time that cannot be read counts as now. */
const isUnproven = (at: number, now: number): boolean => !(now - at >= UNPROVEN_MILLIS);

/** The addresses that these values change. An address where there was none is a change, too. */
export const changedAddresses = (before: Attributes, values: Attributes): readonly string[] =>
  ADDRESS_ATTRIBUTES.filter(
    (name) => values[name] !== undefined && JSON.stringify(values[name]) !== JSON.stringify(before[name] ?? []),
  );

/** How many proven addresses are kept as former ones. Of claimed ones it is 1, or a user could have mails sent to many people. */
const MAX_FORMER = 5;
/** In characters, with a display name. */
const MAX_FORMER_LENGTH = 320;

/** An address that is told of what happens to an account. */
export interface NoticeAddress {
  readonly address: string;
  /** Whether it was proven to be that of the user. */
  readonly isProven: boolean;
}

/** The addresses from before a change that proves nothing yet. An address of another person gets no further notices from it (SEC-13). */
export const formerMail = (attributes: Attributes, now: number): readonly NoticeAddress[] =>
  (attributes[FORMER_MAIL] ?? []).flatMap((value) => {
    const [, time = '', kind, address] = /^(\S+) (proven|claimed) (.+)$/su.exec(value) ?? [];
    return address === undefined || !isUnproven(Date.parse(time), now)
      ? []
      : [{ address, isProven: kind === 'proven' }];
  });

/**
 * The addresses that are told of a change of `mail`: those from before the first of several changes that prove nothing. The addresses between
 * may be those of other people, whom the user wants to have mailed to (SEC-13).
 */
export const mailBeforeChange = (before: Attributes, at: number): readonly NoticeAddress[] => {
  const former = formerMail(before, at);
  if (former.length > 0 || hasUnprovenAddress(before, ['mail'], at)) return former;
  const isProven = isProvenAddress(before, 'mail', at);
  return (before.mail ?? [])
    .slice(0, isProven ? MAX_FORMER : 1)
    .filter(({ length }) => length <= MAX_FORMER_LENGTH)
    .map((address) => ({ address, isProven }));
};

const notedFormerMail = (
  before: Attributes,
  { at, isVouched, isClaimed }: { readonly at: number; readonly isVouched: boolean; readonly isClaimed: boolean },
): Attributes => {
  // A second factor may be one that an attacker has just registered, so it does not end the notices to the former address.
  if (isVouched && isClaimed) return {};
  const former = isVouched ? [] : mailBeforeChange(before, at);
  if (former.length === 0 && before[FORMER_MAIL] === undefined) return {};
  const time = new Date(at).toISOString();
  return {
    [FORMER_MAIL]: former.map(({ address, isProven }) => `${time} ${isProven ? 'proven' : 'claimed'} ${address}`),
  };
};

/** What a change of addresses writes to {@link SERVER_ATTRIBUTES}, in the same commit; nothing where no address changes. */
export const notedAddressChanges = (
  before: Attributes,
  values: Attributes,
  {
    at,
    isVouched,
    isClaimed,
  }: {
    readonly at: number;
    /** By a second factor, or by an administrator. */
    readonly isVouched: boolean;
    /** By the user or a journey: a second factor says nothing of the mailbox. */
    readonly isClaimed: boolean;
  },
): Attributes => {
  const names = changedAddresses(before, values);
  const noted = before[ADDRESS_CHANGES] ?? [];
  if (names.length === 0) return {};
  const claims = {
    ...notedClaims(before, only(values, names), { at, isClaimed }),
    ...(names.includes('mail') && notedFormerMail(before, { at, isVouched, isClaimed })),
  };
  if (isVouched && noted.length === 0) return claims;
  const others = noted.filter((value) => {
    const entry = entryOf(value);
    return !names.includes(entry.name) && isUnproven(entry.at, at);
  });
  const time = new Date(at).toISOString();
  return { ...claims, [ADDRESS_CHANGES]: [...others, ...(isVouched ? [] : names.map((name) => `${name} ${time}`))] };
};

/** Whether the address of the user is proven, so that mails to it may say whose account they are about. */
export const isProvenAddress = (attributes: Attributes, name: string, now: number): boolean =>
  !isClaimedAddress(attributes, name) && !hasUnprovenAddress(attributes, [name], now);

/** Whether a code that is sent by these attributes of the user proves nothing, because one of them was changed by the password alone. */
export const hasUnprovenAddress = (attributes: Attributes, names: readonly string[], now: number): boolean =>
  (attributes[ADDRESS_CHANGES] ?? []).some((value) => {
    const { name, at } = entryOf(value);
    return names.includes(name) && isUnproven(at, now);
  });

/** How many characters the attributes of one user have at most, as JSON text: a page of users is read and written as a whole. */
export const MAX_USER_CHARACTERS = 256 * 1_024;

/** What a commit is refused as that would make a user larger than that, in the place of the type of its change. */
export const USER_TOO_LARGE = 'identity.size';

export const USER_TOO_LARGE_TEXT = `The attributes of a user have at most ${MAX_USER_CHARACTERS} characters together, as JSON. Shorten or remove some of them.`;

/** Attributes after a change: those it names are set, an empty list removes one, the others stay. */
export const mergedAttributes = (stored: Attributes, change: Attributes): Attributes =>
  Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, values]) => values.length > 0));

export const charactersOf = (attributes: Attributes): number => JSON.stringify(attributes).length;

/** Whether a user may not have these attributes. A user who is larger already, with the ones `before`, may become smaller step by step. */
export const isUserTooLarge = (attributes: Attributes, before: Attributes = {}): boolean => {
  const size = charactersOf(attributes);
  return size > MAX_USER_CHARACTERS && size > charactersOf(before);
};

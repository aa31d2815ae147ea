import type { LaneHasher, PasswordHasher } from '../adapters/password-hasher.ts';
import { type PasswordPolicy, passwordPolicyOf } from '../adapters/password-policy.ts';
import { type Accounts, creationAttributes } from '../model/accounts.ts';
import type { Clock } from '../model/clock.ts';
import type { RealmSettings } from '../model/configuration.ts';
import {
  claimOf,
  foldUsername,
  type Identities,
  type Identity,
  type IdentityDirectory,
  type Passwords,
  ROLES,
  STATUS_ATTRIBUTE,
} from '../model/identities.ts';
import {
  afterHit,
  type BrowserKnownBy,
  type Guess,
  isDisabled,
  isLocked,
  type SendLimits,
  strangerSubject,
  type Throttle,
  type ThrottleRow,
} from '../model/throttle.ts';
import { testRealm } from './fake-request.ts';
import { TEST_START } from './simulated-clock.ts';

/** Users by name; attributes are changed in place, so that a test can look at them afterwards. */
export type TestUsers = Record<string, Record<string, readonly string[]>>;

/** The id that test users have. */
export const testUserId = (username: string): string => `id-of-${foldUsername(username)}`;

const identityOf = (realm: string, username: string, attributes: TestUsers[string]): Identity => ({
  id: testUserId(username),
  realm,
  username,
  // As in a directory: an account without the attribute is in use.
  active: attributes[STATUS_ATTRIBUTE]?.[0] !== 'Inactive',
  attributes: { ...attributes },
  rev: 1,
  credentialRev: 1,
});

const nameIn = (users: TestUsers, username: string): string | undefined =>
  Object.keys(users).find((name) => foldUsername(name) === foldUsername(username));

const identitiesOf = (users: TestUsers, realm: string): readonly Identity[] =>
  Object.entries(users).map(([name, attributes]) => identityOf(realm, name, attributes));

const havingValue = (users: TestUsers, realm: string, attribute: string, value: string): readonly Identity[] =>
  identitiesOf(users, realm)
    .filter(({ attributes }) => attributes[attribute]?.some((it) => foldUsername(it) === foldUsername(value)))
    .slice(0, 2);

/** The `identities` port over a plain object. */
export const memoryIdentities = (users: TestUsers = {}, realm = '/'): Identities => ({
  async find(username) {
    const name = nameIn(users, username);
    return name === undefined ? undefined : identityOf(realm, name, users[name] ?? {});
  },
  findById: async (id) => identitiesOf(users, realm).find((identity) => identity.id === id),
  findBy: async (attribute, value) => havingValue(users, realm, attribute, value),
  async update(username, attribute, change) {
    const name = nameIn(users, username);
    if (name === undefined) throw new RangeError('There is no such user to update.');
    users[name] = Object.assign(users[name] ?? {}, { [attribute]: change(users[name]?.[attribute] ?? []) });
  },
  async proveAddress(username, attribute, address) {
    const name = nameIn(users, username);
    const claim = claimOf(attribute);
    if (name === undefined || claim === undefined || users[name]?.[attribute]?.join() !== address) return;
    const { [claim]: _, ...rest } = users[name];
    users[name] = rest;
  },
  async setAttributes(username, attributes) {
    for (const [name, values] of Object.entries(attributes)) await this.update(username, name, () => values);
  },
  async setActive(username, active) {
    if (((await this.find(username))?.attributes[ROLES] ?? []).length > 0) return false;
    await this.update(username, STATUS_ATTRIBUTE, () => [active ? 'Active' : 'Inactive']);
    return true;
  },
});

/** The engine's own reading side over the same plain object. */
export const memoryDirectory = (users: TestUsers = {}): IdentityDirectory => ({
  async find(realm, username) {
    const name = nameIn(users, username);
    return name === undefined ? undefined : identityOf(realm, name, users[name] ?? {});
  },
  async findById(id) {
    const name = Object.keys(users).find((candidate) => testUserId(candidate) === id);
    return name === undefined ? undefined : identityOf('/', name, users[name] ?? {});
  },
  findByEntry: async () => undefined,
  findByAttribute: async (realm, attribute, value) => havingValue(users, realm, attribute, value),
  page: async (realm, { limit }) => ({ users: identitiesOf(users, realm).slice(0, limit) }),
  async passwordHash() {
    return undefined;
  },
});

/** The `passwords` port over a map from user name to password. */
export const memoryPasswords = (
  passwordOf: Readonly<Record<string, string>>,
  realm = '/',
  attributesOf: TestUsers = {},
): Passwords => ({
  async verify(username, password, accepts = () => true) {
    const name = Object.keys(passwordOf).find((candidate) => foldUsername(candidate) === foldUsername(username));
    if (name === undefined || passwordOf[name] !== password) return { status: 'wrong' };
    const identity = identityOf(realm, name, attributesOf[name] ?? {});
    return accepts(identity) ? { status: 'right', identity } : { status: 'wrong' };
  },
});

const breaksRules = async (
  password: string,
  username: string,
  attributes: Readonly<Record<string, readonly string[]>> = {},
): Promise<boolean> => (await memoryPasswordPolicy().brokenRules(password, { username, attributes })).length > 0;

/** The `accounts` port: new users go into the plain object, and passwords that keep the rules, by folded name, into the map. */
export const memoryAccounts = (
  users: TestUsers = {},
  passwordOf: Map<string, string> = new Map(),
  realm = '/',
): Accounts => ({
  makesUsers: () => true,
  async create({ username, password, attributes }) {
    if (nameIn(users, username) !== undefined) return undefined;
    if (password !== undefined && (await breaksRules(password, username, attributes))) return undefined;
    users[username] = { ...attributes, ...creationAttributes(TEST_START) };
    if (password !== undefined) passwordOf.set(foldUsername(username), password);
    return identityOf(realm, username, users[username]);
  },
  async setPassword(username, password) {
    if (passwordOf.get(foldUsername(username)) === password) return 'set';
    if (await breaksRules(password, username, users[nameIn(users, username) ?? ''])) return 'refused';
    passwordOf.set(foldUsername(username), password);
    return 'set';
  },
  hasPassword: async (username) => passwordOf.has(foldUsername(username)),
});

/** The `passwordPolicy` port of a realm; `common` are the passwords that many have. */
export const memoryPasswordPolicy = (
  realm: Partial<RealmSettings> = {},
  common: readonly string[] = ['password1'],
): PasswordPolicy => passwordPolicyOf(testRealm(realm), async () => (folded) => common.includes(folded));

/** A hasher whose hashes a test can read. */
export const plainHasher = {
  hash: async (password: string) => `hash of ${password}`,
  verify: async (hash: string | undefined, password: string) => hash === `hash of ${password}`,
  needsRehash: () => false,
} satisfies PasswordHasher & LaneHasher;

/**
 * The ports `throttle`, `sendLimits` and `sendLimitsNow`; `rows` is there for a test to look at. `browser`, `atKnownAddress` and `place` say from where requests come, and what made
 * the browser known.
 * The `throttle` port; `rows` is there for a test to look at. `browser`, `atKnownAddress` and `place` say from where requests come, and what made
 * the browser known; with a `source` each source of strangers counts its guesses for itself.
 */
export const memoryThrottle = (
  clock: Clock,
  browser: () => string | undefined = () => undefined,
  atKnownAddress: () => boolean = () => false,
  place: () => { readonly source?: string; readonly by?: BrowserKnownBy } = () => ({}),
): Throttle & SendLimits & { readonly rows: ReadonlyMap<string, ThrottleRow> } => {
  const rows = new Map<string, ThrottleRow>();
  const isKnown = (guess: Guess | undefined): guess is Guess => guess !== undefined && browser() !== undefined;
  const placed = (subject: string, guess: Guess | undefined): string => {
    if (isKnown(guess)) return `${subject}:${browser()}`;
    const { source } = place();
    return guess === undefined || source === undefined ? subject : strangerSubject(subject, source);
  };
  return {
    rows,
    async state(counted, guess) {
      const subject = placed(counted, guess);
      const row = rows.get(subject);
      const lockedUntil = row?.lockedUntil ?? 0;
      const locked = clock.now() < lockedUntil || isDisabled(row, guess?.credentialRev);
      return { isKnownPlace: isKnown(guess), hits: row?.hits ?? [], locked, lockedUntil };
    },
    async hit(counted, policy, guess) {
      const subject = placed(counted, guess);
      rows.set(subject, afterHit(rows.get(subject), subject, policy, clock.now(), guess?.credentialRev));
    },
    demandUnlocked: async () => undefined,
    async clear(subject, guess) {
      rows.delete(placed(subject, guess));
    },
    async take(limit) {
      if ([...limit.keys()].some((subject) => isLocked(rows.get(subject), clock.now()))) return false;
      for (const [subject, policy] of limit)
        rows.set(subject, afterHit(rows.get(subject), subject, policy, clock.now()));
      return true;
    },
    browserKnownBy: ({ userId }) =>
      userId === undefined || browser() === undefined ? undefined : (place().by ?? 'factor'),
    isKnownAddress: async ({ userId }) => userId !== undefined && atKnownAddress(),
    ofSource: (kind) => `${kind}:${place().source ?? '192.0.2.1'}`,
  };
};

import { type Accounts, creationAttributes } from '../model/accounts.ts';
import type { Clock } from '../model/clock.ts';
import {
  foldUsername,
  type Identity,
  type IdentityDirectory,
  isNameLikeId,
  isUsableUsername,
  isUserTooLarge,
  notedClaims,
  UNADDRESSABLE,
  USER_TOO_LARGE_TEXT,
} from '../model/identities.ts';
import type { Random } from '../model/random.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { Adapter, UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { PasswordKeeper } from './password-keeper.ts';
import { type PasswordList, type PasswordUser, passwordPolicyOf } from './password-policy.ts';
import { sourceOf } from './source-of.ts';

export interface AccountDependencies {
  readonly identities: IdentityDirectory;
  readonly keeper: Pick<PasswordKeeper, 'has' | 'makesUsers' | 'replace'>;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly commonPasswords: PasswordList;
  readonly random: Random;
  readonly clock: Clock;
  /** Ends what else is over with a password that is changed, such as requests that wait on phones. */
  readonly endWithPassword?: (unit: UnitOfWork, userId: string) => void;
}

export const accountsAdapter =
  ({
    identities,
    keeper,
    hasher,
    commonPasswords,
    random,
    clock,
    endWithPassword,
  }: AccountDependencies): Adapter<Accounts> =>
  (unit) => {
    const users = new StagedUsers(unit, identities);
    const known = async (username: string): Promise<Identity> => {
      const identity = await users.find(username);
      if (identity === undefined) throw new RangeError('There is no such user.');
      return identity;
    };
    const breaksRules = async (password: string, owner: PasswordUser): Promise<boolean> =>
      (await passwordPolicyOf(unit.realm, commonPasswords).brokenRules(password, owner)).length > 0;

    return {
      makesUsers: () => keeper.makesUsers(unit),

      async create({ username, password, attributes, proven }) {
        if (!keeper.makesUsers(unit)) return undefined;
        if (!isUsableUsername(username) || UNADDRESSABLE.test(username) || isNameLikeId(username)) return undefined;
        if (password !== undefined && (await breaksRules(password, { username, attributes }))) return undefined;
        if ((await users.find(username)) !== undefined) return undefined;
        const { realm } = unit.realm;
        const id = random.uuid();
        const hash =
          password === undefined
            ? undefined
            : await hasher.hash(password, { realm, caller: sourceOf(unit.request.clientAddress) });
        const at = clock.now();
        const addresses = Object.entries(attributes).filter(([name, [value, ...others]]) => {
          const isProven = others.length === 0 && proven?.attribute === name && proven.address === value;
          return !isProven;
        });
        const claims = notedClaims({}, Object.fromEntries(addresses), { at, isClaimed: true });
        const given = Object.entries({ ...attributes, ...claims, ...creationAttributes(at) });
        const change = {
          type: 'identity.insert',
          id,
          realm,
          username,
          ...(hash !== undefined && { hash }),
          attributes: Object.fromEntries(given.filter(([, values]) => values.length > 0)),
        } satisfies EngineChange;
        if (isUserTooLarge(change.attributes)) throw new RangeError(USER_TOO_LARGE_TEXT);
        const identity: Identity = {
          id,
          realm,
          username,
          active: true,
          attributes: change.attributes,
          rev: 1,
          credentialRev: 1,
        };
        const own = stagedChanges(unit);
        own.created.set(foldUsername(username), identity);
        // What is changed about the new user later in this unit of work goes into the row that is inserted.
        own.attributes.set(id, change);
        if (hash !== undefined) own.passwords.set(id, hash);
        unit.stage(change);
        return identity;
      },

      async setPassword(username, password, current) {
        const identity = await known(username);
        const change = await keeper.replace(unit, identity, password, {
          ...(current !== undefined && { current }),
          isAllowed: async () => !(await breaksRules(password, identity)),
        });
        if (change === 'refused') return 'refused';
        if (change === 'same') return 'set';
        const { id } = identity;
        const { credentials } = stagedChanges(unit);
        const { session } = unit.request;
        if (session?.userId === id) {
          // It may be all that says that the caller may do this. Where it is over, nothing brings it back (SEC-62).
          const { tokenHash } = session;
          unit.stage({ type: 'session.usable', tokenHash, now: clock.now() } satisfies EngineChange);
          unit.stage({ type: 'session.endOthersOf', userId: id, tokenHash } satisfies EngineChange);
        } else {
          unit.stage({ type: 'session.endAllOf', userId: id } satisfies EngineChange);
        }
        unit.stage(change);
        credentials.set(id, (credentials.get(id) ?? identity.credentialRev) + 1);
        endWithPassword?.(unit, id);
        return 'set';
      },

      async hasPassword(username) {
        return keeper.has(unit, await known(username));
      },
    };
  };

import type { Identity, IdentityDirectory } from '../model/identities.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Lane } from '../unit-of-work/fair-queue.ts';
import { StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { sourceOf } from './source-of.ts';

export interface PasswordGuess {
  readonly username: string;
  readonly password: string;
  /** Who has the name, by {@link PasswordKeeper.knownAs}. */
  readonly identity: Identity | undefined;
  /** The place of the guess in the queue for hashes. */
  readonly lane: Lane;
  /** Whether the account knows the place, for when there is no room for all lanes. */
  readonly isKnown: () => Promise<boolean>;
  /** It is wrong, whatever it is: it costs what another costs, and nobody is asked about it who would count it (SEC-56). */
  readonly isRefused: boolean;
}

export interface NewPassword {
  /** What the user has proven before it, for a directory in which users change their passwords themselves. */
  readonly current?: string;
  /** Whether the rules of the realm allow it. */
  isAllowed(): Promise<boolean>;
}

export type PasswordProof =
  | { readonly status: 'right' | 'mustChange'; readonly identity: Identity }
  /** `locked` is told without a proof, `expired` only of the right password. */
  | { readonly status: 'wrong' }
  | { readonly status: 'locked' }
  | { readonly status: 'expired' };

/**
 * Where the passwords of users are kept: their hashes in the store, or the passwords themselves in a directory (OPS-75). How
 * many guesses are too many is for others to know.
 */
export interface PasswordKeeper {
  /** Whether users of the realm are made here, as those of a directory are not. */
  makesUsers(unit: UnitOfWork): boolean;
  /** Who has the name as far as the store knows: whether somebody else knows more is for {@link prove} to find out. */
  knownAs(unit: UnitOfWork, username: string): Promise<Identity | undefined>;
  /** Costs the same whether the user exists or not (SEC-56). */
  prove(unit: UnitOfWork, guess: PasswordGuess): Promise<PasswordProof>;
  has(unit: UnitOfWork, identity: Identity): Promise<boolean>;
  /**
   * The change that makes other credentials of it, by which `credentialRev` grows once; `same` is the password that there is, which no rule
   * is asked about.
   */
  replace(
    unit: UnitOfWork,
    identity: Identity,
    password: string,
    given: NewPassword,
  ): Promise<EngineChange | 'same' | 'refused'>;
}

/** An id that no user has. */
const NOBODY = { id: 'nobody' } as const;

/** Passwords whose hashes the store keeps. */
export const storedPasswords = ({
  identities,
  hasher,
}: {
  readonly identities: IdentityDirectory;
  readonly hasher: PasswordHasher;
}): PasswordKeeper => {
  const hashOf = async (unit: UnitOfWork, { id }: Pick<Identity, 'id'>) =>
    stagedChanges(unit).passwords.get(id) ?? (await identities.passwordHash(id));

  return {
    makesUsers: () => true,
    knownAs: (unit, username) => new StagedUsers(unit, identities).find(username),

    async prove(unit, { identity, password, lane, isKnown, isRefused }) {
      // Read for nobody as well, and where nothing comes of it: a database that is elsewhere takes its time (SEC-59).
      const stored = await hashOf(unit, identity ?? NOBODY);
      const hash = isRefused || identity === undefined ? undefined : stored;
      const isRight = await hasher.verify(hash, password, lane, isKnown);
      if (!isRight || identity === undefined || hash === undefined) return { status: 'wrong' };
      const { passwords } = stagedChanges(unit);
      if (!passwords.has(identity.id) && hasher.needsRehash(hash)) {
        const better = await hasher.hash(password, lane, isKnown);
        passwords.set(identity.id, better);
        const change = { type: 'identity.rehash', id: identity.id, hash: better, seenHash: hash } as const;
        unit.stage(change satisfies EngineChange);
      }
      return { status: 'right', identity };
    },

    has: async (unit, identity) => (await hashOf(unit, identity)) !== undefined,

    async replace(unit, identity, password, { isAllowed }) {
      const { passwords, credentials } = stagedChanges(unit);
      const lane = { realm: unit.realm.realm, caller: sourceOf(unit.request.clientAddress) };
      const stored = await hashOf(unit, identity);
      if (stored !== undefined && (await hasher.verify(stored, password, lane))) return 'same';
      if (!(await isAllowed())) return 'refused';
      const hash = await hasher.hash(password, lane);
      passwords.set(identity.id, hash);
      const seenCredentialRev = credentials.get(identity.id) ?? identity.credentialRev;
      return { type: 'identity.password', id: identity.id, hash, seenCredentialRev };
    },
  };
};

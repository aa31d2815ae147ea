import { notedClaims } from '@assent/engine/host';
import type { BroughtUser, Store } from '@assent/store';
import type { Stored } from '../../command/stored.ts';
import type { Notice } from './notice.ts';

export type Change = Parameters<Store['committer']['commit']>[0][number];
export type User = NonNullable<Awaited<ReturnType<Store['identities']['find']>>>;

/** What makes a user of somebody. */
export interface NewUser {
  readonly user: BroughtUser;
  /** What the trail has of it. */
  readonly trail: Change;
  readonly notices?: readonly Notice[];
}

/** Somebody of a file, whatever kind of file it is. */
export interface Newcomer {
  readonly username: string;
  readonly notices: readonly Notice[];
  readonly groups: readonly string[];
  /** The id that the file has of the user, where ids of that kind are those of this server. */
  readonly idThere?: string;
  /** Whether it is the same person who is here, and not only the same name. */
  isCertainly(user: User): boolean;
  /** Where nobody of the name is here. */
  created(): Promise<NewUser>;
  /** What the file says otherwise of who is here; no change where it says the same. */
  updated(user: User): Promise<Update>;
}

/** What becomes of a user who is here, and what of the file does not. */
interface Update {
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
}

/** What an entry of a file is. */
export type ReadEntry<Person> =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'refused'; readonly notice: Notice }
  /** It is no user: a group, a branch of the tree, a reference to elsewhere. */
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'noUser' };

/** By what the trail tells who came by an import. */
export const BY_IMPORT = 'import';

export const trailOf = (
  io: Stored<unknown>['io'],
  event: 'USER_CREATE' | 'USER_UPDATE',
  realm: string,
  userId: string,
): Change => ({
  type: 'audit.append',
  event: { at: io.now(), event, realm, transactionId: io.randomUuid(), userId, detail: { by: BY_IMPORT } },
});

const isSame = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * What becomes of the account of who is here: attributes that differ, the state, another password. The first change holds the others to what
 * was seen. Nothing where all is the same.
 */
export const changesOfAccount = (
  user: User,
  wanted: {
    readonly attributes: Readonly<Record<string, readonly string[]>>;
    readonly active: boolean;
    /** Undefined where the one that is here stays. */
    readonly hash: string | undefined;
  },
): readonly Change[] => {
  const { id, rev: seenRev, credentialRev: seenCredentialRev } = user;
  const { active, hash } = wanted;
  // Who imports vouches for the addresses.
  const claims = notedClaims(user.attributes, wanted.attributes, { at: 0, isClaimed: false });
  const differing = Object.entries({ ...wanted.attributes, ...claims }).filter(
    ([name, values]) => !isSame(user.attributes[name], values),
  );
  if (differing.length === 0 && hash === undefined && active === user.active) return [];
  return [
    { type: 'identity.attributes', id, seenRev, attributes: Object.fromEntries(differing) },
    ...(hash === undefined
      ? []
      : [
          { type: 'identity.password', id, hash, seenCredentialRev },
          { type: 'identity.endAccess', id },
        ]),
    ...(active === user.active ? [] : [{ type: 'identity.active', id, active }]),
  ];
};

/** The id of a device, unless somebody else has one of that id here, as after a trial in another realm: phones do not need it. */
export const freeUuid = async (
  reader: { get(uuid: string): Promise<{ readonly userId: string } | undefined> },
  uuid: string | undefined,
  userId: string | undefined,
): Promise<string | undefined> => {
  const owner = uuid === undefined ? undefined : (await reader.get(uuid))?.userId;
  return owner === undefined || owner === userId ? uuid : undefined;
};

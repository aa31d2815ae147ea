import { foldUsername, type Identity } from '@assent/engine';
import {
  type EngineChange,
  type IdentityDirectory,
  isUsableUsername,
  type NewPassword,
  type PasswordGuess,
  type PasswordKeeper,
  type PasswordProof,
  type UnitOfWork,
} from '@assent/engine/host';
import type { Directories } from '../directory/directories.ts';
import type { Directory } from '../directory/directory.ts';
import type { PasswordAnswer } from '../directory/password-answers.ts';
import type { Sightings } from './sightings.ts';

export interface DirectoryPasswordsPorts {
  /** Of users who were made here. */
  readonly own: PasswordKeeper;
  readonly stored: Pick<IdentityDirectory, 'find'>;
  readonly directories: Pick<Directories, 'of' | 'areOf'>;
  readonly sightings: Pick<Sightings, 'see'>;
}

/** Passwords that a directory keeps: one is right if it can be bound with (OPS-75). */
export const directoryPasswords = ({
  own,
  stored,
  directories,
  sightings,
}: DirectoryPasswordsPorts): PasswordKeeper => {
  const keptBy = (unit: UnitOfWork, identity: Identity | undefined): Directory | undefined =>
    identity !== undefined && identity.entryId === undefined ? undefined : directories.of(unit.realm.realm);

  /** A look-up and a bind, whoever has the name and whether it counts: from outside all look alike (I7). */
  const guess = async (directory: Directory, realm: string, { username, password, isRefused }: PasswordGuess) => {
    if (password === '' || !isUsableUsername(username)) return undefined;
    const entry = await directory.findByName(username);
    const answer = await directory.bind(isRefused ? undefined : entry?.dn, password);
    if (entry === undefined || isRefused) return undefined;
    if (answer !== 'right' && answer !== 'mustChange') return { answer };
    const identity = await sightings.see(realm, entry, directory);
    return identity && { answer, identity };
  };

  return {
    makesUsers: (unit) => !directories.areOf(unit.realm.realm),

    knownAs: (unit, username) =>
      !directories.areOf(unit.realm.realm)
        ? own.knownAs(unit, username)
        : unit.remember(`identity:known:${foldUsername(username)}`, async () => {
            const row = await stored.find(unit.realm.realm, username);
            // What this unit of work changes of a user of ours is for the other keeper to know.
            return row !== undefined && row.entryId === undefined ? own.knownAs(unit, username) : row;
          }),

    async prove(unit, given): Promise<PasswordProof> {
      const directory = keptBy(unit, given.identity);
      if (directory === undefined) return own.prove(unit, given);
      const proven = await guess(directory, unit.realm.realm, given);
      if (proven === undefined) return { status: 'wrong' };
      return 'identity' in proven ? { status: proven.answer, identity: proven.identity } : { status: proven.answer };
    },

    has: async (unit, identity) => keptBy(unit, identity) !== undefined || own.has(unit, identity),

    async replace(unit, identity, password, given) {
      const directory = keptBy(unit, identity);
      if (directory === undefined) return own.replace(unit, identity, password, given);
      return replaced(directory, identity, password, given);
    },
  };
};

const PROVEN: ReadonlySet<PasswordAnswer> = new Set(['right', 'mustChange']);

/** Written before the commit; one that is written again is there already (OPS-77). */
const replaced = async (
  directory: Directory,
  { id, entryId = '', entryMark = '' }: Identity,
  password: string,
  { current, isAllowed }: NewPassword,
): Promise<EngineChange | 'same' | 'refused'> => {
  if (!directory.service.passwordWrites || password === '') return 'refused';
  const entry = await directory.findById(entryId);
  if (entry === undefined) return 'refused';
  // To try the new one first would be a wrong password to the directory, which may lock the account for it.
  const isThere = async () => (await directory.bind(entry.dn, password)) === 'right';
  if (password === current || (current === undefined && (await isThere()))) return 'same';
  if (!(await isAllowed())) return 'refused';
  if ((await directory.changePassword(entry.dn, password, current)) === 'refused') {
    const isOver = current !== undefined && !PROVEN.has(await directory.bind(entry.dn, current));
    return isOver && (await isThere()) ? 'same' : 'refused';
  }
  const mark = (await directory.findById(entryId))?.mark ?? entryMark;
  // A directory that does not say when a password was changed has changed it all the same.
  return mark === entryMark
    ? { type: 'identity.revoke', id }
    : { type: 'identity.entryMark', id, seenMark: entryMark, mark };
};

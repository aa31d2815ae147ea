import { foldUsername, type Identity, type IdentityDirectory } from '../model/identities.ts';
import { StagedUsers, stagedChanges, usersRead } from './staged-users.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Which credentials the user of a journey had when the journey first met them: with others, it is over (SEC-61). */
export interface CredentialVersion {
  readonly userId: string;
  readonly rev: number;
}

/** For the log. */
export const CREDENTIALS_CHANGED = 'The credentials of its user have changed since.';

/** Proof that was given under older credentials does not become newer by being given again. */
export const credentialVersionOf = (
  known: CredentialVersion | undefined,
  { id, credentialRev }: Pick<Identity, 'id' | 'credentialRev'>,
): CredentialVersion => (known?.userId === id ? known : { userId: id, rev: credentialRev });

export const isOutdated = (
  version: CredentialVersion | undefined,
  { id, credentialRev }: Pick<Identity, 'id' | 'credentialRev'>,
): boolean => version?.userId === id && version.rev !== credentialRev;

/** Whom a journey is about so far: by id once somebody is identified, by name before that. */
export interface Subject {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

/**
 * The version to go on with, or that the journey is over. Only users whom the unit of work has read anyway are looked at: a step
 * that asks for nobody costs no read, and the end of the journey reads its user in any case.
 */
export const credentialVersionAtStep = (
  unit: UnitOfWork,
  known: CredentialVersion | undefined,
  subject: Subject,
): { readonly version?: CredentialVersion } | 'outdated' => {
  const read = usersRead(unit);
  const seen = known && read.get(known.userId);
  if (seen !== undefined && isOutdated(known, seen)) return 'outdated';
  const folded = subject.name === undefined || read.size === 0 ? undefined : foldUsername(subject.name);
  const user =
    subject.id === undefined
      ? [...read.values()].find(({ username }) => foldUsername(username) === folded)
      : read.get(subject.id);
  const version = user === undefined ? known : credentialVersionOf(known, user);
  if (version === undefined) return {};
  return { version: { ...version, rev: revAfter(unit, version) } };
};

/** Which credentials the user has once this unit of work is committed: a journey that sets a password goes on with it. */
export const revAfter = (unit: UnitOfWork, { userId, rev }: CredentialVersion): number =>
  stagedChanges(unit).credentials.get(userId) ?? rev;

/** Whether the user of a version is gone or has other credentials; the read is the unit of work's. */
export const isOutdatedNow = async (
  unit: UnitOfWork,
  directory: Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>,
  version: CredentialVersion,
): Promise<boolean> => {
  const user = await new StagedUsers(unit, directory).findById(version.userId);
  return user === undefined || isOutdated(version, user);
};

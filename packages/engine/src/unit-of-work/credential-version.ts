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
  stamp: CredentialVersion | undefined,
  { id, credentialRev }: Pick<Identity, 'id' | 'credentialRev'>,
): boolean => stamp?.userId === id && stamp.rev !== credentialRev;

/** Whom a journey is about so far: by id once somebody is identified, by name before that. */
export interface Subject {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

/**
 * The stamp to go on with, or that the journey is over. Only users whom the submit has read anyway are looked at: a step
 * that asks for nobody costs no read, and the end of the journey reads its user in any case.
 */
export const credentialVersionAtStep = (
  submit: UnitOfWork,
  known: CredentialVersion | undefined,
  subject: Subject,
): { readonly stamp?: CredentialVersion } | 'outdated' => {
  const read = usersRead(submit);
  const seen = known && read.get(known.userId);
  if (seen !== undefined && isOutdated(known, seen)) return 'outdated';
  const folded = subject.name === undefined || read.size === 0 ? undefined : foldUsername(subject.name);
  const user =
    subject.id === undefined
      ? [...read.values()].find(({ username }) => foldUsername(username) === folded)
      : read.get(subject.id);
  const stamp = user === undefined ? known : credentialVersionOf(known, user);
  if (stamp === undefined) return {};
  return { stamp: { ...stamp, rev: revAfter(submit, stamp) } };
};

/** Which credentials the user has once this submit is committed: a journey that sets a password goes on with it. */
export const revAfter = (submit: UnitOfWork, { userId, rev }: CredentialVersion): number =>
  stagedChanges(submit).credentials.get(userId) ?? rev;

/** Whether the user of a stamp is gone or has other credentials; the read is the submit's. */
export const isOutdatedNow = async (
  submit: UnitOfWork,
  directory: Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>,
  stamp: CredentialVersion,
): Promise<boolean> => {
  const user = await new StagedUsers(submit, directory).findById(stamp.userId);
  return user === undefined || isOutdated(stamp, user);
};

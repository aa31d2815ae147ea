import { isNameLikeId, type PasswordUser } from '@assent/engine';
import {
  isUsableUsername,
  type PasswordList,
  type PasswordPolicySettings,
  passwordPolicyOf,
} from '@assent/engine/host';
import { type PolicyRequirement, passwordSentence, requirementsOf } from '@assent/nodes';

export { shownAttributes } from '@assent/engine';
export { creationAttributes } from '@assent/engine/host';

/** Why a name cannot be a user's; undefined where it can. */
export const usernameProblem = (username: string): string | undefined =>
  isUsableUsername(username)
    ? undefined
    : 'A user name has 1 to 256 characters, no blanks around it, and no control or invisible characters.';

/** Why a user who is made here cannot have that name. Those who come from another system keep theirs. */
export const newUsernameProblem = (username: string): string | undefined =>
  isNameLikeId(username)
    ? 'A new user name cannot have the form of an id (a UUID), of a subject, (usr!…) or (age!…), or of id=…,ou=…: calls would take it for the id of another user. Choose another name.'
    : usernameProblem(username);

/** The rules that a new password breaks, for people and for programs. */
export interface PasswordProblem {
  readonly message: string;
  readonly requirements: readonly PolicyRequirement[];
}

/** Why a text cannot be the password of a user of the realm; undefined where it can (SEC-55). */
export const passwordProblem = async (
  realm: PasswordPolicySettings,
  password: string,
  owner: PasswordUser,
  common: PasswordList,
): Promise<PasswordProblem | undefined> => {
  const policy = passwordPolicyOf(realm, common);
  const broken = await policy.brokenRules(password, owner);
  if (broken.length === 0) return undefined;
  return {
    message: broken.map((rule) => passwordSentence(rule, policy)).join(' '),
    requirements: requirementsOf(broken, policy),
  };
};

import { isUsableUsername } from '@assent/engine/host';

export { shownAttributes } from '@assent/engine';
export { creationAttributes } from '@assent/engine/host';

/** SEC-55; longer passwords are not hashed at all. */
const PASSWORD_LENGTH = Object.freeze({ least: 8, most: 1024 });

/** Why a name cannot be a user's; undefined where it can. */
export const usernameProblem = (username: string): string | undefined =>
  isUsableUsername(username)
    ? undefined
    : 'A user name has 1 to 256 characters, no blanks around it, and no control or invisible characters.';

/** Why a text cannot be a password; undefined where it can. */
export const passwordProblem = (password: string): string | undefined => {
  const length = [...password].length;
  return length >= PASSWORD_LENGTH.least && password.length <= PASSWORD_LENGTH.most
    ? undefined
    : `A password has ${PASSWORD_LENGTH.least} to ${PASSWORD_LENGTH.most} characters.`;
};

import type { PasswordUser, RealmSettings } from '@assent/engine';
import type { Lane, PasswordList } from '@assent/engine/host';
import { isJsonObject } from '@assent/wire';
import { type PasswordProblem, passwordProblem } from '../../authentication/user-rules.ts';
import { type Caller, FORBIDDEN } from '../../authorization/administration.ts';
import { type Answer, badRequest, type Call, ok, refuse } from '../../http/call.ts';
import type { UserAccount } from './user-account.ts';

const FIELD = 'userpassword';

/** Where a new password waits to be hashed. */
export const laneOf = ({ realmPath }: Call, { identity }: Caller): Lane => ({ realm: realmPath, caller: identity.id });

/** As identity management names them. */
const asPolicies = ({ requirements }: PasswordProblem) => [{ property: FIELD, policyRequirements: requirements }];

/** What a caller is told of a password that breaks rules of the realm; undefined where it may be set (SEC-55). */
export const refusedPassword = async (
  realm: RealmSettings,
  password: string,
  owner: PasswordUser,
  common: PasswordList,
): Promise<Answer | undefined> => {
  const problem = await passwordProblem(realm, password, owner, common);
  return problem && refuse(400, problem.message, { field: FIELD, failedPolicyRequirements: asPolicies(problem) });
};

/**
 * `POST users/:user?_action=validatePassword` tells users which rules a password that they think of would break, so that a page can say it
 * before anything is sent to be kept. Nothing is compared with the password that they have.
 */
export const validatePassword =
  ({ commonPasswords }: { readonly commonPasswords: PasswordList }) =>
  async (call: Call, { identity, isOwn }: UserAccount): Promise<Answer> => {
    if (!isOwn) return FORBIDDEN;
    const password = isJsonObject(call.body) ? call.body[FIELD] : undefined;
    if (typeof password !== 'string') return badRequest('The body needs userpassword.', FIELD);
    const problem = await passwordProblem(call.realm, password, identity, commonPasswords);
    return ok({
      result: problem === undefined,
      minLength: call.realm.passwordMinLength,
      failedPolicyRequirements: problem === undefined ? [] : asPolicies(problem),
    });
  };

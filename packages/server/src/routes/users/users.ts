import type { AccountPorts } from '../../authorization/account.ts';
import { actionOf, type Routes, unsupportedAction } from '../../http/call.ts';
import { type ChangePasswordOptions, changePassword } from './change-password.ts';
import { type CreateUserOptions, createUser } from './create-user.ts';
import { idFromSession, type OwnSessionOptions, validateGoto } from './current-session.ts';
import { deleteUser } from './delete-user.ts';
import { validatePassword } from './new-password.ts';
import { queryUsers } from './query-users.ts';
import { type UpdateUserOptions, updateUser } from './update-user.ts';
import { userAsStored, withUser } from './user-account.ts';
import { type UserRecordsOptions, userRecords } from './user-record.ts';

/** What the endpoints need, each a part of it; how users are shown is made here. */
export type UsersRoutesOptions = AccountPorts &
  UserRecordsOptions &
  OwnSessionOptions &
  ChangePasswordOptions &
  Omit<CreateUserOptions & UpdateUserOptions, 'records'>;

/** `users` and `users/{id}` (design.md §3.3 "users REST"). */
export const usersRoutes = (given: UsersRoutesOptions): Routes => {
  const options = { ...given, records: userRecords(given) };
  const ofUser = withUser(options);
  const actions = {
    create: createUser(options),
    idFromSession: idFromSession(options),
    validateGoto: validateGoto(options),
  };
  const ownActions = { changePassword: changePassword(options), validatePassword: validatePassword(options) };
  return {
    'GET users': queryUsers(options),
    'POST users': async (call) => {
      const action = actionOf(actions, call);
      return action === undefined ? unsupportedAction(Object.keys(actions)) : action(call);
    },
    'GET users/:user': ofUser((call, { identity }) => userAsStored(options, identity, call.query._fields)),
    'PUT users/:user': ofUser(updateUser(options)),
    'DELETE users/:user': ofUser(deleteUser(options)),
    'POST users/:user': ofUser(async (call, user) => {
      const action = actionOf(ownActions, call);
      return action === undefined ? unsupportedAction(Object.keys(ownActions)) : action(call, user);
    }),
  };
};

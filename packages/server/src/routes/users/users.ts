import type { AccountPorts } from '../../authorization/account.ts';
import { actionOf, type Routes, unsupportedAction } from '../../http/call.ts';
import { type ChangePasswordOptions, changePassword } from './change-password.ts';
import { type CreateUserOptions, createUser } from './create-user.ts';
import { idFromSession, type OwnSessionOptions, validateGoto } from './current-session.ts';
import { deleteUser } from './delete-user.ts';
import { type EraseUserOptions, eraseUser } from './erase-user.ts';
import { type ExportUserOptions, exportOfUser } from './export-user.ts';
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
  Pick<ExportUserOptions & EraseUserOptions, 'exports'> &
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
  const actionsOnOne = {
    changePassword: ofUser(changePassword(options)),
    validatePassword: ofUser(validatePassword(options)),
    export: exportOfUser(options),
    erase: eraseUser(options),
  };
  return {
    'GET users': queryUsers(options),
    'POST users': async (call) => {
      const action = actionOf(actions, call);
      return action === undefined ? unsupportedAction(Object.keys(actions)) : action(call);
    },
    'GET users/:user': ofUser((call, { identity }) => userAsStored(options, identity, call.query._fields)),
    'PUT users/:user': ofUser(updateUser(options)),
    'DELETE users/:user': ofUser(deleteUser(options)),
    'POST users/:user': async (call) => {
      const action = actionOf(actionsOnOne, call);
      // Whoever may not even read the user hears no more than that.
      return action === undefined
        ? ofUser(async () => unsupportedAction(Object.keys(actionsOnOne)))(call)
        : action(call);
    },
  };
};

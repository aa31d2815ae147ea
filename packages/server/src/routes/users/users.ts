import { errorBody } from '@assent/wire';
import type { AccountPorts } from '../../authorization/account.ts';
import type { Answer, Routes } from '../../http/call.ts';
import { type ChangePasswordOptions, changePassword } from './change-password.ts';
import { type CreateUserOptions, createUser } from './create-user.ts';
import { idFromSession, type OwnSessionOptions, validateGoto } from './current-session.ts';
import { deleteUser } from './delete-user.ts';
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

const unsupported = (actions: string): Answer => ({
  status: 501,
  body: errorBody(501, `Action not supported: this resource answers to ${actions}.`),
});

/** `users` and `users/{id}` (design.md §3.3 "users REST"). */
export const usersRoutes = (given: UsersRoutesOptions): Routes => {
  const options = { ...given, records: userRecords(given) };
  const ofUser = withUser(options);
  const change = changePassword(options);
  const actions = {
    create: createUser(options),
    idFromSession: idFromSession(options),
    validateGoto: validateGoto(options),
  };
  return {
    'GET users': queryUsers(options),
    'POST users': async (call) => {
      const { _action = '' } = call.query;
      return Object.hasOwn(actions, _action)
        ? actions[_action as keyof typeof actions](call)
        : unsupported('create, idFromSession and validateGoto');
    },
    'GET users/:user': ofUser((call, { identity }) => userAsStored(options, identity, call.query._fields)),
    'PUT users/:user': ofUser(updateUser(options)),
    'DELETE users/:user': ofUser(deleteUser(options)),
    'POST users/:user': ofUser(async (call, user) =>
      call.query._action === 'changePassword' ? change(call, user) : unsupported('changePassword'),
    ),
  };
};

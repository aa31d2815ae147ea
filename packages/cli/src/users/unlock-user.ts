import { type Lockout, lockoutText } from '@assent/store';
import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { knownRealm } from '../command/known-realm.ts';
import { plainText } from '../command/plain-text.ts';
import { BY_COMMAND, type ReasonOption, reasonIn } from '../command/reason.ts';
import type { Stored } from '../command/stored.ts';
import { noUser, type User, type UserOptions } from './known-user.ts';

/** The factors of a user that are locked now. */
export const lockoutsNow = async (
  { io, server, store, settings }: Stored<UserOptions>,
  user: User,
): Promise<readonly Lockout[]> => {
  const { services } = await store.configuration.load();
  const source = server.placeholderValues(io.env, settings);
  const service = (realm: string, type: string) => {
    const stored = services.find((it) => it.realm === realm && it.type === type);
    return stored && server.serviceInForce(stored, source).document;
  };
  return server.lockoutsOfUser(user, { throttles: store.throttles, configuration: { service }, now: io.now() });
};

/** `assent user unlock`: what was counted of guesses at the user and of requests to the user is forgotten, and its lockouts end. */
export const unlockUser = async (stored: Stored<UserOptions & ReasonOption>, name: string): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await store.identities.find(realm, name);
  if (user === undefined) throw noUser(name, realm);
  const reason = await reasonIn(stored, realm, 'where the realm asks');
  const lockouts = await lockoutsNow(stored, user);
  const subjects = (await store.throttles.ofUser(user)).map(({ subject }) => subject);
  const factors = lockouts.map(({ factor }) => factor).join(',');
  await store.committer.commit([
    { type: 'throttle.clear', subjects },
    {
      type: 'audit.append',
      event: {
        at: io.now(),
        event: 'USER_UNLOCK',
        realm,
        transactionId: io.randomUuid(),
        userId: user.id,
        detail: { by: BY_COMMAND, factors, ...reason },
      },
    },
  ]);
  if (options.json === true) printJson(io, { unlocked: { id: user.id, username: user.username, realm, lockouts } });
  else if (lockouts.length === 0) io.stdout.write(`${plainText(user.username)} was not locked.\n`);
  else
    io.stdout.write(
      `${plainText(user.username)} is unlocked. It had been locked: ${lockouts.map(lockoutText).join(', ')}.\n`,
    );
  return EXIT.done;
};

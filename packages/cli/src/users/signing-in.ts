import type { FactorKind } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { CliError } from '../command/cli-error.ts';
import { printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { knownRealm } from '../command/known-realm.ts';
import { makeSure, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { BY_COMMAND, type ReasonOption, reasonIn } from '../command/reason.ts';
import type { Stored } from '../command/stored.ts';
import { noUser, type UserOptions } from './known-user.ts';

const TYPES: readonly FactorKind[] = ['push', 'oath', 'webauthn', 'binding'];
const COUNT_OF = { push: 'phones', oath: 'generators', webauthn: 'passkeys', binding: 'boundDevices' } as const;

export type ResetOptions = UserOptions & ReasonOption & YesOption;

/**
 * `assent user reset-factors`: the way out for an administrator who has lost phone and codes, and whom no other one can help. It asks for a
 * reason, and tells the user, as it does over REST (SEC-54).
 */
export const resetFactors = async (stored: Stored<ResetOptions>, name: string): Promise<ExitCode> => {
  const { io, server, settings, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await store.identities.find(realm, name);
  if (user === undefined) throw noUser(name, realm);
  const reason = await reasonIn(stored, realm, 'always');
  const [phones, generators, passkeys, boundDevices, codes] = await Promise.all([
    store.devices.ofUser(user.id),
    store.oathDevices.ofUser(user.id),
    store.passkeys.ofUser(user.id),
    store.boundDevices.ofUser(user.id),
    store.devices.codesOfUser(user.id),
  ]);
  const counts = {
    phones: phones.length,
    generators: generators.length,
    passkeys: passkeys.length,
    boundDevices: boundDevices.length,
    recoveryCodes: codes.length,
  };
  const ofDevices = [
    counted(counts.phones, 'phone'),
    counted(counts.generators, 'code app'),
    counted(counts.passkeys, 'passkey'),
    counted(counts.boundDevices, 'bound device'),
  ].join(', ');
  const what = `${ofDevices} and ${counted(counts.recoveryCodes, 'recovery code')}`;
  await makeSure(stored, `Remove ${what} of ${plainText(user.username)}?`, 'Nothing was removed.');

  const { configuration } = await server.storedClients(store, settings.publicUrl);
  const had = TYPES.filter((type) => counts[COUNT_OF[type]] > 0);
  // One action is one row: a user reads it as one, and it names each kind that was there.
  const types = (had.length > 0 ? had : TYPES).join(',');
  const row: Change = {
    type: 'audit.append',
    event: {
      at: io.now(),
      event: 'MFA_RESET',
      realm,
      transactionId: io.randomUuid(),
      userId: user.id,
      outcome: types,
      detail: { types, by: BY_COMMAND, ...reason },
    },
  };
  const result = await server
    .withAccountNotices(store.committer, { configuration, identities: store.identities })
    .commit([...server.factorReset(configuration, user, TYPES), row]);
  if (!result.committed) {
    throw new CliError('CALLED_OFF', 'Nothing was removed: the account has changed meanwhile.', 'try again');
  }
  if (options.json === true) printJson(io, { reset: { id: user.id, username: user.username, realm, ...counts } });
  else io.stdout.write(`Removed: ${what} of ${plainText(user.username)}.\n`);
  return EXIT.done;
};

/** `assent user end-sessions`: sessions end, and nothing else. */
export const endSessions = async (stored: Stored<UserOptions & ReasonOption>, name: string): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await store.identities.find(realm, name);
  if (user === undefined) throw noUser(name, realm);
  const reason = await reasonIn(stored, realm, 'where the realm asks');
  const sessions = await store.sessions.countOfUser(user.id, io.now());
  await store.committer.commit([
    { type: 'session.endAllOf', userId: user.id },
    {
      type: 'audit.append',
      event: {
        at: io.now(),
        event: 'SESSION_END',
        realm,
        transactionId: io.randomUuid(),
        userId: user.id,
        outcome: 'logoutByUser',
        detail: { by: BY_COMMAND, ...reason },
      },
    },
  ]);
  if (options.json === true) printJson(io, { ended: { id: user.id, username: user.username, realm, sessions } });
  else io.stdout.write(`${plainText(user.username)} is signed out everywhere: ${sessions} sessions have ended.\n`);
  return EXIT.done;
};

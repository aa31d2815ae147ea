import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import { hintLine } from '../../command/hint-line.ts';
import { oneTimeCodeOf } from '../account/one-time-code.ts';
import { PhoneError } from '../account/phone-error.ts';
import { pauseRequests } from '../server/relay-calls.ts';
import { sendRefresh } from '../server/server-calls.ts';
import { accountLine } from '../terminal/json-lines.ts';
import { printJson, type Session, type SharedOptions } from '../terminal/phone-session.ts';
import { accountTable } from '../terminal/request-text.ts';
import { changeAccount, learned, oneAccount, onePushAccount } from './account-choice.ts';

// What a phone does with its accounts when nobody signs in: `assent phone list`, `refresh`, `pause`, `otp` and `remove`.

export function list(session: Session): ExitCode {
  const { accounts } = session.store.load();
  if (session.isJson) for (const account of accounts) printJson(session, { account: accountLine(account) });
  else if (accounts.length === 0)
    session.io.stdout.write(
      `No accounts yet.\n${hintLine("assent phone register '<setup code>'", session.io.command)}`,
    );
  else session.io.stdout.write(accountTable(accounts));
  return EXIT.done;
}

export async function refresh(
  session: Session,
  options: SharedOptions & { readonly account?: string; readonly token: string },
): Promise<ExitCode> {
  const account = onePushAccount(session.store.load().accounts, options.account);
  const result = await sendRefresh(session.io, account, options.token);
  changeAccount(session.store, account.id, (it) => ({ ...it, deviceId: options.token, ...learned(result) }));
  if (session.isJson) printJson(session, { refreshed: { id: account.id } });
  else session.io.stdout.write('The server knows the new token.\n');
  return EXIT.done;
}

export async function pause(
  session: Session,
  options: SharedOptions & { readonly account?: string },
): Promise<ExitCode> {
  const account = onePushAccount(session.store.load().accounts, options.account);
  const result = await pauseRequests(session.io, account);
  changeAccount(session.store, account.id, (it) => ({ ...it, ...learned(result) }));
  if (session.isJson) printJson(session, { paused: { id: account.id } });
  else session.io.stdout.write('No requests for an hour, whoever asks. Then they come again by themselves.\n');
  return EXIT.done;
}

export function oneTimeCode(session: Session, options: SharedOptions & { readonly account?: string }): ExitCode {
  const { io, store } = session;
  const accounts = store.load().accounts.filter((account) => account.kind === 'oath');
  if (accounts.length === 0)
    throw new PhoneError('NO_OTP_ACCOUNT', 'This phone has no one-time-code accounts.', 'assent phone list');
  const now = io.now();
  const { code, expiresAt, account } = oneTimeCodeOf(oneAccount(accounts, options.account), now);
  // Stored before it is shown: a code of a counter is never shown twice.
  if (account.type === 'hotp') {
    store.update((state) => ({ accounts: state.accounts.map((it) => (it.id === account.id ? account : it)) }));
  }
  if (session.isJson) {
    printJson(session, { otp: { account: account.id, code, expiresAt: expiresAt ?? null } });
    return EXIT.done;
  }
  io.stdout.write(`${code}\n`);
  if (expiresAt !== undefined) io.stderr.write(`${Math.ceil((expiresAt - now) / 1_000)} s left\n`);
  return EXIT.done;
}

export function remove(session: Session, options: SharedOptions & { readonly account: string }): ExitCode {
  const account = oneAccount(session.store.load().accounts, options.account);
  session.store.update((state) => ({ accounts: state.accounts.filter(({ id }) => id !== account.id) }));
  if (session.isJson) printJson(session, { removed: { id: account.id } });
  else session.io.stdout.write('Removed from this phone only. Sign in to your account to remove it everywhere.\n');
  return EXIT.done;
}

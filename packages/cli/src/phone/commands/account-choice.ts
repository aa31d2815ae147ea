import { plainText } from '../../command/plain-text.ts';
import type { AccountStore, PhoneAccount, PushAccount } from '../account/account-store.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { CallResult } from '../server/http-call.ts';
import { relayUrlOf } from '../server/relay-calls.ts';

export const pushAccounts = (accounts: readonly PhoneAccount[]): readonly PushAccount[] =>
  accounts.filter((account) => account.kind === 'push');

/** The account with that id, or the only one there is. */
export function oneAccount<Account extends PhoneAccount>(
  accounts: readonly Account[],
  wanted: string | undefined,
): Account {
  const matching =
    wanted === undefined
      ? accounts
      : accounts.filter((it) => it.id === wanted || (it.kind === 'push' && it.mechanismUid === wanted));
  const [account, ...others] = matching;
  if (account === undefined) {
    throw wanted === undefined
      ? noAccounts()
      : new PhoneError('NO_ACCOUNT', `This phone has no account ${plainText(wanted)}.`, 'assent phone list');
  }
  if (others.length > 0) throw new PhoneError('USAGE', 'This phone has more than one account.', 'add --account ID');
  return account;
}

export function onePushAccount(accounts: readonly PhoneAccount[], wanted: string | undefined): PushAccount {
  return oneAccount(pushAccounts(accounts), wanted);
}

/** Those that hear of requests by the relay; an official phone hears by its push provider alone. */
export function relayAccounts(accounts: readonly PushAccount[]): readonly PushAccount[] {
  if (accounts.length === 0) throw noAccounts();
  const reachable = accounts.filter(
    (account) => PERSONAS[account.persona].hasDeviceKey && relayUrlOf(account) !== undefined,
  );
  if (reachable.length > 0) return reachable;
  throw new PhoneError(
    'USAGE',
    'This account gets its requests from a push provider.',
    'pass the payload with --message FILE',
  );
}

function noAccounts(): PhoneError {
  return new PhoneError('NO_ACCOUNT', 'This phone has no accounts yet.', "assent phone register '<setup code>'");
}

export function changeAccount(store: AccountStore, id: string, change: (account: PushAccount) => PushAccount): void {
  store.update((state) => ({
    accounts: state.accounts.map((account) =>
      account.kind === 'push' && account.id === id ? change(account) : account,
    ),
  }));
}

/** What a call to the server taught about its clock. */
export function learned({ clockOffsetMillis }: CallResult): { readonly clockOffsetMillis?: number } {
  return clockOffsetMillis === undefined ? {} : { clockOffsetMillis };
}

export function rememberOffset(store: AccountStore, account: PushAccount, offset: number | undefined): PushAccount {
  if (offset === undefined || offset === account.clockOffsetMillis) return account;
  changeAccount(store, account.id, (it) => ({ ...it, clockOffsetMillis: offset }));
  return { ...account, clockOffsetMillis: offset };
}

import { type DeliveredMessage, parseProviderPayload, parseWithdrawalClaims, peekClaims } from '@assent/push/protocol';
import { type Account, answersSignIns, titleOf } from '../accounts/account.ts';
import { openBySharedKey } from '../accounts/device-keys.ts';
import type { HistoryEntry, PhoneStore } from '../accounts/phone-store.ts';
import { openMessage } from '../server/sign-in-request.ts';

/** What was pushed here, once it was verified. */
export type Pushed =
  | { readonly kind: 'request'; readonly message: DeliveredMessage }
  /** A request is over. `entry` is what to remember of it; absent where the phone has a line about it. */
  | { readonly kind: 'withdrawn'; readonly messageId: string; readonly entry?: HistoryEntry }
  /** Nothing that a person should see: not genuine, run out, or known already. */
  | { readonly kind: 'nothing' };

/** Verifies before anything is shown or taken away: whoever knows the address can push anything here. @see ux.md §3.4 */
export const readPushed = async (
  text: string | undefined,
  store: Pick<PhoneStore, 'accounts' | 'history'>,
  now: number,
): Promise<Pushed> => {
  const message = text === undefined ? undefined : parseProviderPayload(text);
  if (message?.ok !== true) return { kind: 'nothing' };
  const { messageId } = message.value;
  const [accounts, history] = await Promise.all([store.accounts(), store.history()]);
  const isKnown = history.some((entry) => entry.messageId === messageId);
  const withdrawing = await openWithdrawal(message.value, accounts);
  if (withdrawing !== undefined) {
    // Remembered, so that the request is not shown where it comes after its withdrawal.
    return isKnown
      ? { kind: 'withdrawn', messageId }
      : { kind: 'withdrawn', messageId, entry: withdrawnEntry(messageId, withdrawing, now) };
  }
  if (isKnown) return { kind: 'nothing' };
  const opened = await openMessage(message.value, accounts, now);
  return opened.kind === 'request' ? { kind: 'request', message: message.value } : { kind: 'nothing' };
};

/** Whose request is withdrawn; undefined for anything that the server has not signed as the withdrawal of this very request. */
const openWithdrawal = async (
  { messageId, message }: DeliveredMessage,
  accounts: readonly Account[],
): Promise<Account | undefined> => {
  const peeked = peekClaims(message);
  const named = peeked.ok ? parseWithdrawalClaims(peeked.value) : peeked;
  if (!named.ok || named.value.messageId !== messageId) return undefined;
  const account = accounts.filter(answersSignIns).find(({ push }) => push.mechanismUid === named.value.mechanismUid);
  if (account === undefined) return undefined;
  return (await openBySharedKey(message, account.push.sharedKey)).ok ? account : undefined;
};

const withdrawnEntry = (messageId: string, account: Account, at: number): HistoryEntry => ({
  messageId,
  accountId: account.id,
  title: titleOf(account),
  name: account.name,
  end: 'withdrawn',
  at,
  context: {},
});

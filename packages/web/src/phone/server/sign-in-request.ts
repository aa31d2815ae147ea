import {
  cleanText,
  type DeliveredMessage,
  type PushContext,
  parsePushClaims,
  peekClaims,
  type ReceivedPush,
} from '@assent/push/protocol';
import { type Account, answersSignIns, titleOf } from '../accounts/account.ts';
import { openBySharedKey } from '../accounts/device-keys.ts';

/** A verified request to sign in, as a person is asked about it. */
export interface SignInRequest {
  readonly messageId: string;
  readonly accountId: string;
  /** What its owner calls the account. */
  readonly title: string;
  /** The user's name. */
  readonly name: string;
  readonly challenge: Uint8Array;
  /** What the server says about it. */
  readonly text: string;
  readonly ask: Ask;
  /** A yes counts only after the phone has checked who holds it. */
  readonly demandsVerification: boolean;
  /** Milliseconds, by the server's clock. */
  readonly sentAt: number;
  readonly expiresAt: number;
  readonly context: PushContext;
}

/** How the answer is given: a number typed or chosen, or a plain yes or no. */
export type Ask =
  | { readonly kind: 'type'; readonly digits: number }
  | { readonly kind: 'choose'; readonly choices: readonly number[] }
  | { readonly kind: 'accept' };

/** What became of a delivered message. A dropped one is never shown, and nothing in it is believed. */
export type OpenedMessage =
  | { readonly kind: 'request'; readonly request: SignInRequest }
  | { readonly kind: 'ran-out'; readonly request: SignInRequest }
  | { readonly kind: 'dropped'; readonly reason: string };

const DAY_MILLIS = 86_400_000;

/** Verifies first, then reads, then looks at the time. @see ux.md §3.3, push-protocol.md §3.6 */
export const openMessage = async (
  { messageId, message }: DeliveredMessage,
  accounts: readonly Account[],
  serverNow: number,
): Promise<OpenedMessage> => {
  const dropped = (reason: string): OpenedMessage => ({ kind: 'dropped', reason });
  if (!/^[\x21-\x7e]{1,160}$/.test(messageId)) return dropped('the message has no usable id');
  const peeked = peekClaims(message);
  if (!peeked.ok) return dropped(peeked.reason);
  const account = accounts.filter(answersSignIns).find(({ push }) => push.mechanismUid === peeked.value.u);
  if (account === undefined) return dropped('no account of this phone');
  const opened = await openBySharedKey(message, account.push.sharedKey);
  if (!opened.ok) return dropped(opened.reason);
  const read = parsePushClaims(opened.value);
  if (!read.ok) return dropped(read.reason);
  const push = read.value;
  const sentAt = push.createdAt ?? serverNow;
  if (sentAt > serverNow + DAY_MILLIS) return dropped('it comes from the future');
  const request: SignInRequest = {
    messageId,
    accountId: account.id,
    title: cleanText(titleOf(account)),
    name: cleanText(account.name),
    challenge: push.challenge,
    text: push.text ?? '',
    ask: askOf(push),
    demandsVerification: account.push.demandsVerification || push.pushType === 'BIOMETRIC',
    sentAt,
    expiresAt: sentAt + push.lifetimeSeconds * 1_000,
    context: push.context ?? {},
  };
  return { kind: serverNow >= request.expiresAt ? 'ran-out' : 'request', request };
};

/** What is no challenge, and so has neither choices nor digits, is answered by yes or no. */
const askOf = ({ digits, choices }: ReceivedPush): Ask => {
  if (digits !== undefined) return { kind: 'type', digits };
  return choices === undefined ? { kind: 'accept' } : { kind: 'choose', choices };
};

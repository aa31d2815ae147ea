import { type DeliveredMessage, parseProviderPayload } from '@assent/push/protocol';
import type { PhoneStore } from '../accounts/phone-store.ts';
import { openMessage } from '../server/sign-in-request.ts';

/** What was pushed here, once it was verified. */
export type Pushed =
  | { readonly kind: 'request'; readonly message: DeliveredMessage }
  /** Nothing that a person should see: not genuine, run out, or known already. */
  | { readonly kind: 'nothing' };

/** Verifies before anything is shown: whoever knows the address can push anything here. @see ux.md §3.4 */
export const readPushed = async (
  text: string | undefined,
  store: Pick<PhoneStore, 'accounts' | 'history'>,
  now: number,
): Promise<Pushed> => {
  const message = text === undefined ? undefined : parseProviderPayload(text);
  if (message?.ok !== true) return { kind: 'nothing' };
  const { messageId } = message.value;
  const [accounts, history] = await Promise.all([store.accounts(), store.history()]);
  if (history.some((entry) => entry.messageId === messageId)) return { kind: 'nothing' };
  const opened = await openMessage(message.value, accounts, now);
  return opened.kind === 'request' ? { kind: 'request', message: message.value } : { kind: 'nothing' };
};

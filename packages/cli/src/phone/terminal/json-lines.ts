import type { PhoneAccount } from '../account/account-store.ts';
import type { PushRequest } from '../messages/push-message.ts';

/** The account line of `register` and `list` (design.md 3.3). */
export function accountLine({ id, kind, issuer, name }: PhoneAccount): unknown {
  return { id, kind, issuer, name };
}

/** The request line of `watch` (design.md 3.3); `expiresAt` is milliseconds by the server's clock. */
export function requestLine(request: PushRequest): unknown {
  return {
    messageId: request.messageId,
    account: request.account.id,
    message: request.message,
    pushType: request.pushType,
    digits: request.digits ?? null,
    choices: request.choices ?? null,
    expiresAt: request.expiresAt,
    context: request.context ?? null,
  };
}

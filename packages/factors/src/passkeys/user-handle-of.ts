import { hash } from 'node:crypto';
import { encodeTextUrl } from '@assent/push/protocol';

/**
 * The text that authenticators keep as `user.id` for a user of ours: base64url of a token of 24 ASCII characters, made of the user's id. Where AM has
 * the user's name in the token's place, ours tells nobody who that is, and is the same for all passkeys of a user (WA-13, docs/adr/0120).
 * Mobile SDKs undo the base64url and put the token into the path of a request, which it therefore fits into.
 */
export const userHandleOf = (userId: string): string =>
  encodeTextUrl(hash('sha256', `user handle of ${userId}`, 'base64url').slice(0, TOKEN_LENGTH));

/** 144 bits in base64url. */
const TOKEN_LENGTH = 24;

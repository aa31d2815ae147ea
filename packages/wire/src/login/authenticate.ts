import { SUCCESS_MEMBERS } from '@assent/engine';
import type { SubmittedCallback } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';
import { MAX_AUTH_ID_LENGTH } from './auth-id.ts';
import { parseCallbacks } from './submitted-callbacks.ts';

/** The body of an authenticate request. */
export type AuthenticateBody =
  | { readonly kind: 'start' }
  | { readonly kind: 'continue'; readonly authId: string; readonly callbacks?: readonly SubmittedCallback[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** An empty body, or one without an authId, starts; unknown members are ignored (spec: journeys-rest §1.4, §1.5). */
export const parseAuthenticateBody = (body: unknown): AuthenticateBody => {
  if (body === undefined || body === null) return { kind: 'start' };
  if (!isJsonObject(body)) return { kind: 'unreadable', reason: 'The body is not a JSON object.' };
  const { authId } = body;
  if (authId === undefined || authId === null || authId === '') {
    return Array.isArray(body.callbacks) && body.callbacks.length > 0
      ? { kind: 'unreadable', reason: 'The body has callbacks but no authId.' }
      : { kind: 'start' };
  }
  if (typeof authId !== 'string') return { kind: 'unreadable', reason: 'authId is not a string.' };
  if (authId.length > MAX_AUTH_ID_LENGTH)
    return { kind: 'unreadable', reason: `authId is longer than ${MAX_AUTH_ID_LENGTH} characters.` };
  if (body.callbacks === undefined) return { kind: 'continue', authId };
  const callbacks = parseCallbacks(body.callbacks);
  return 'reason' in callbacks
    ? { kind: 'unreadable', reason: callbacks.reason }
    : { kind: 'continue', authId, callbacks };
};

/** Success; `tokenId` is absent where no session was made, and empty where the caller must not read it. */
export const formatSuccess = (
  tokenId: string | undefined,
  successUrl: string,
  realm: string,
  details?: Readonly<Record<string, unknown>>,
): JsonObject => {
  const success = tokenId === undefined ? { successUrl, realm } : { tokenId, successUrl, realm };
  if (details === undefined) return success;
  const others = Object.entries(details).filter(([name]) => !SUCCESS_MEMBERS.has(name));
  return { ...success, ...Object.fromEntries(others) };
};

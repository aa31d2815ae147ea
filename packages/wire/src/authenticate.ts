import { type Presentation, type SentCallback, SUCCESS_MEMBERS, type SubmittedCallback } from '@assent/engine';
import { LONGEST_AUTH_ID } from './auth-id.ts';
import { parseCallbacks, writeCallback } from './callbacks.ts';
import { isJsonObject, type JsonObject, JsonText } from './json.ts';

/** The body of an authenticate request. */
export type AuthenticateBody =
  | { readonly kind: 'start' }
  | { readonly kind: 'continue'; readonly authId: string; readonly callbacks?: readonly SubmittedCallback[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/** An empty body, or one without an authId, starts; unknown members are ignored (spec: journeys-rest §1.4, §1.5). */
export const parseAuthenticateBody = (body: unknown): AuthenticateBody => {
  if (body === undefined || body === null) return { kind: 'start' };
  if (!isJsonObject(body)) return { kind: 'unreadable', why: 'The body is not a JSON object.' };
  const { authId } = body;
  if (authId === undefined || authId === null || authId === '') {
    return Array.isArray(body.callbacks) && body.callbacks.length > 0
      ? { kind: 'unreadable', why: 'The body has callbacks but no authId.' }
      : { kind: 'start' };
  }
  if (typeof authId !== 'string') return { kind: 'unreadable', why: 'authId is not a string.' };
  if (authId.length > LONGEST_AUTH_ID)
    return { kind: 'unreadable', why: `authId is longer than ${LONGEST_AUTH_ID} characters.` };
  if (body.callbacks === undefined) return { kind: 'continue', authId };
  const callbacks = parseCallbacks(body.callbacks);
  return 'why' in callbacks ? { kind: 'unreadable', why: callbacks.why } : { kind: 'continue', authId, callbacks };
};

/** Of steps that are still shown somewhere: the engine gives the same step, and not a copy, as long as it knows it. */
const writtenCallbacks = new WeakMap<readonly SentCallback[], string>();

const writeCallbacks = (callbacks: readonly SentCallback[]): string => {
  let text = writtenCallbacks.get(callbacks);
  if (text === undefined) {
    text = `[${callbacks.map(writeCallback).join(',')}]`;
    writtenCallbacks.set(callbacks, text);
  }
  return text;
};

/**
 * A step; `stage`, `header` and `description` only where they say something (spec: journeys-rest §1.5). `assent` is what
 * our own pages get besides.
 *
 * @param authId - a compact JWS, which needs no escapes
 */
export const formatStep = (
  authId: string,
  callbacks: readonly SentCallback[],
  { stage, header, description }: Presentation,
  assent?: object,
): JsonText => {
  const step = `{"authId":"${authId}","callbacks":${writeCallbacks(callbacks)}`;
  if (!stage && !header && !description && assent === undefined) return new JsonText(`${step}}`);
  const others = JSON.stringify({
    stage: stage || undefined,
    header: header || undefined,
    description: description || undefined,
    assent,
  });
  return new JsonText(`${step},${others.slice(1)}`);
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

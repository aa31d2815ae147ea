import { type Presentation, type SentCallback, SUCCESS_MEMBERS, type SubmittedCallback } from '@assent/engine';
import { LONGEST_AUTH_ID } from './auth-id.ts';
import { parseCallbacks, writeCallbacks } from './callbacks.ts';
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

export interface StepToFormat {
  /** A compact JWS, which needs no escapes. */
  readonly authId: string;
  readonly callbacks: readonly SentCallback[];
  readonly presentation: Presentation;
  /** Whether the engine will give the same callbacks, and not a copy, when the step is shown again. */
  readonly isStored: boolean;
}

/** Of steps that are still shown somewhere. */
const writtenCallbacks = new WeakMap<readonly SentCallback[], string>();

const writeStoredCallbacks = (callbacks: readonly SentCallback[]): string => {
  let text = writtenCallbacks.get(callbacks);
  if (text === undefined) {
    text = writeCallbacks(callbacks);
    writtenCallbacks.set(callbacks, text);
  }
  return text;
};

/**
 * A step; `stage`, `header` and `description` only where they say something (spec: journeys-rest §1.5). `assent` is what
 * our own pages get besides.
 */
export const formatStep = ({ authId, callbacks, presentation, isStored }: StepToFormat, assent?: object): JsonText => {
  const { stage, header, description } = presentation;
  const text = isStored ? writeStoredCallbacks(callbacks) : writeCallbacks(callbacks);
  const step = `{"authId":"${authId}","callbacks":${text}`;
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

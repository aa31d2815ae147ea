import {
  cleanText,
  cutText,
  isObject,
  type JsonLimits,
  type Parsed,
  parsed,
  readStrictJson,
  refused,
  utf8Bytes,
} from '@assent/push/protocol';
import { canonicalCredentialId, readByteList } from './credential-bytes.ts';
import { DOM_EXCEPTION_NAMES } from './dom-exception-names.ts';

/** Longer values of `webAuthnOutcome` are no answers (spec: webauthn §4). In UTF-16 units, of which real answers need one a byte. */
const MAX_CLIENT_ANSWER_LENGTH = 48 * 1_024;
const MAX_DEVICE_NAME = 64;
const MAX_ERROR_MESSAGE = 256;
/** A handle has at most 64 bytes (WebAuthn Level 3 §5.4.3), and may come as base64 twice over. */
const MAX_USER_HANDLE = 256;

export type AuthenticatorAttachment = 'platform' | 'cross-platform';

/** What a browser or an app has answered to `create()`, before anybody has verified it. */
export interface RegistrationAnswer {
  /** The very bytes that were signed. */
  readonly clientDataJson: Uint8Array;
  readonly attestationObject: Uint8Array;
  /** As the client says; base64url without padding. */
  readonly credentialId: string;
  /** Cleaned, 1 to 64 units; absent where the client has named nothing. */
  readonly deviceName?: string;
  /** As the client says, which proves nothing (WA-33). */
  readonly attachment?: AuthenticatorAttachment;
}

/** What a browser or an app has answered to `get()`, before anybody has verified it. */
export interface AuthenticationAnswer {
  /** The very bytes that were signed over. */
  readonly clientDataJson: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
  /** As the client says; base64url without padding. */
  readonly credentialId: string;
  /** As it came; compare by `isSameUserHandle`. Absent where the client has sent none, or an empty one. */
  readonly userHandle?: string;
  /** As the client says, which proves nothing (WA-33). */
  readonly attachment?: AuthenticatorAttachment;
}

/** Why a text is no answer: for logs, and never for whoever has sent it. */
export type AnswerProblem = 'length' | 'json' | 'form' | 'bytes' | 'credentialId' | 'userHandle';

/** What stands in `webAuthnOutcome`. */
export type ClientAnswer<Credential> =
  | { readonly kind: 'credential'; readonly credential: Credential }
  /** The client has not come to it yet: the same step again, with the same challenge. */
  | { readonly kind: 'pending' }
  /** The client has no WebAuthn. */
  | { readonly kind: 'unsupported' }
  /** `name` is one of the DOM's, `message` clean text for one line. */
  | { readonly kind: 'clientError'; readonly name: string; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: AnswerProblem };

/** Reads the value of `webAuthnOutcome` after a registration. Never throws. @see spec: webauthn §4 */
export const parseRegistrationAnswer = (text: string): ClientAnswer<RegistrationAnswer> =>
  parseAnswer(text, readRegistration);

/** Reads the value of `webAuthnOutcome` after an authentication. Never throws. @see spec: webauthn §4 */
export const parseAuthenticationAnswer = (text: string): ClientAnswer<AuthenticationAnswer> =>
  parseAnswer(text, readAuthentication);

/** A text in its parts: the client data up to its closing brace, and what follows it. */
interface LegacyParts {
  readonly clientDataJson: Uint8Array;
  readonly rest: string;
}

type ReadLegacy<Credential> = (parts: LegacyParts, beside: Beside) => Parsed<Credential, AnswerProblem>;

/** What the JSON form says beside the legacy text. */
interface Beside {
  readonly attachment?: AuthenticatorAttachment;
  readonly deviceName?: string;
}

const NOTHING_YET = new Set(['', 'false', 'webAuthnOutcome']);
const UNSUPPORTED = 'unsupported';

function parseAnswer<Credential>(untrimmed: string, read: ReadLegacy<Credential>): ClientAnswer<Credential> {
  if (untrimmed.length > MAX_CLIENT_ANSWER_LENGTH) return { kind: 'refused', reason: 'length' };
  const text = untrimmed.trim();
  const json = text.startsWith('{') ? splitAfterObject(text) : undefined;
  if (json === undefined) return parseLegacy(text, {}, read);
  const envelope = readEnvelope(json.object);
  // The client data of a legacy answer begins with a brace, too.
  if (envelope === undefined) return parseLegacy(text, {}, read);
  if (json.rest !== '' && !json.rest.startsWith('::')) return { kind: 'refused', reason: 'form' };
  if (envelope.error !== undefined) return clientError(envelope.error);
  const deviceName = cleanedName(json.rest.slice(2));
  const attachment = attachmentOf(envelope.authenticatorAttachment);
  const beside = { ...(attachment !== undefined && { attachment }), ...(deviceName !== undefined && { deviceName }) };
  return parseLegacy((envelope.legacyData ?? '').trim(), beside, read);
}

function parseLegacy<Credential>(text: string, beside: Beside, read: ReadLegacy<Credential>): ClientAnswer<Credential> {
  if (NOTHING_YET.has(text)) return { kind: 'pending' };
  if (text === UNSUPPORTED) return { kind: 'unsupported' };
  const error = /^ERROR(?:$|::)/.exec(text);
  if (error !== null) return clientError(text.slice(error[0].length));
  // The client data may hold the separator, as on a page at `http://[::1]`, so it ends where its object does.
  const split = splitAfterObject(text);
  if (!split?.rest.startsWith('::')) return { kind: 'refused', reason: 'form' };
  const credential = read({ clientDataJson: utf8Bytes(split.object), rest: split.rest.slice(2) }, beside);
  return credential.ok
    ? { kind: 'credential', credential: credential.value }
    : { kind: 'refused', reason: credential.reason };
}

const readRegistration: ReadLegacy<RegistrationAnswer> = ({ clientDataJson, rest }, { attachment, deviceName }) => {
  const [list = '', id, ...nameParts] = rest.split('::');
  if (id === undefined) return refused('form');
  const attestationObject = readByteList(list);
  if (attestationObject === undefined) return refused('bytes');
  const credentialId = canonicalCredentialId(id.trim());
  if (credentialId === undefined) return refused('credentialId');
  const name = cleanedName(nameParts.join('::')) ?? deviceName;
  return parsed({
    clientDataJson,
    attestationObject,
    credentialId,
    ...(name !== undefined && { deviceName: name }),
    ...(attachment !== undefined && { attachment }),
  });
};

const readAuthentication: ReadLegacy<AuthenticationAnswer> = ({ clientDataJson, rest }, { attachment }) => {
  const [data = '', signed, id, handle = '', ...more] = rest.split('::');
  if (signed === undefined || id === undefined || more.length > 0) return refused('form');
  const authenticatorData = readByteList(data);
  const signature = readByteList(signed);
  if (authenticatorData === undefined || signature === undefined) return refused('bytes');
  const credentialId = canonicalCredentialId(id.trim());
  if (credentialId === undefined) return refused('credentialId');
  const userHandle = handle.trim();
  if (userHandle.length > MAX_USER_HANDLE) return refused('userHandle');
  return parsed({
    clientDataJson,
    authenticatorData,
    signature,
    credentialId,
    ...(userHandle !== '' && { userHandle }),
    ...(attachment !== undefined && { attachment }),
  });
};

/** `Name:message`, with or without a blank. A name that is none of the DOM's is kept as part of the message. */
function clientError(text: string): { readonly kind: 'unsupported' } | ClientError {
  const [, name = '', message = ''] = /^\s*(\w*)\s*:?(.*)$/s.exec(text) ?? [];
  // Some SDKs have no other word for a device without WebAuthn.
  if (name === 'NotSupportedError') return { kind: 'unsupported' };
  const isKnown = DOM_EXCEPTION_NAMES.has(name);
  return {
    kind: 'clientError',
    name: isKnown ? name : 'UnknownError',
    message: cutText(cleanText(isKnown ? message : text), MAX_ERROR_MESSAGE).trim(),
  };
}

type ClientError = Extract<ClientAnswer<never>, { readonly kind: 'clientError' }>;

/** The JSON form has four short members, and no object in it. */
const ENVELOPE: JsonLimits = { maxDepth: 2, maxMembers: 16, forbiddenNames: new Set(['__proto__']) };

interface Envelope {
  readonly legacyData?: string;
  readonly error?: string;
  readonly authenticatorAttachment?: unknown;
}

/** The JSON form of an answer; undefined for any other object, such as client data. */
function readEnvelope(text: string): Envelope | undefined {
  const read = readStrictJson(text, ENVELOPE);
  if (read.problem !== undefined || !isObject(read.value)) return undefined;
  const { legacyData, error, authenticatorAttachment } = read.value;
  if (typeof error === 'string') return { error };
  return typeof legacyData === 'string' ? { legacyData, authenticatorAttachment } : undefined;
}

/** A text that begins with a JSON object, cut behind its matching brace; undefined where there is none. */
function splitAfterObject(text: string): { readonly object: string; readonly rest: string } | undefined {
  if (!text.startsWith('{')) return undefined;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isInString) {
      if (sign === '\\') at += 1;
      else if (sign === '"') isInString = false;
    } else if (sign === '"') isInString = true;
    else if (sign === '{') depth += 1;
    else if (sign === '}') {
      depth -= 1;
      if (depth === 0) return { object: text.slice(0, at + 1), rest: text.slice(at + 1) };
    }
  }
  return undefined;
}

const attachmentOf = (value: unknown): AuthenticatorAttachment | undefined =>
  value === 'platform' || value === 'cross-platform' ? value : undefined;

const cleanedName = (text: string): string | undefined => cutText(cleanText(text), MAX_DEVICE_NAME).trim() || undefined;

import {
  isObject,
  type JsonLimits,
  type Parsed,
  parsed,
  readStrictJson,
  refused,
  utf8Text,
} from '@assent/push/protocol';

/** What a browser says about the page that a ceremony ran on (WebAuthn Level 3 §5.8.1). */
export interface ClientData {
  readonly type: string;
  /** base64url, as the client has it. */
  readonly challenge: string;
  readonly origin: string;
  /** Whether the page is in a frame of another origin, as far as the browser says; a top origin says so, too. */
  readonly isCrossOrigin: boolean;
}

/** Members may be added, and browsers do so to find servers that expect none. */
const CLIENT_DATA: JsonLimits = { maxDepth: 8, maxMembers: 64, forbiddenNames: new Set(['__proto__']) };

/** Reads the bytes of `clientDataJSON`. Of two members of one name, readers could take either: such texts are refused. Never throws. */
export function readClientData(bytes: Uint8Array): Parsed<ClientData, 'clientData'> {
  const text = utf8Text(bytes);
  const json = text === undefined ? undefined : readStrictJson(text, CLIENT_DATA);
  if (json === undefined || json.problem !== undefined || !isObject(json.value)) return refused('clientData');
  const { type, challenge, origin, crossOrigin = false, topOrigin } = json.value;
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string')
    return refused('clientData');
  if (typeof crossOrigin !== 'boolean') return refused('clientData');
  return parsed({ type, challenge, origin, isCrossOrigin: crossOrigin || topOrigin !== undefined });
}

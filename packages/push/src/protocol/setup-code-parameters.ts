import { decodeBase64, decodeText } from './base64.ts';
import { type AlphabetRule, refuseCode, type SetupCodeRules } from './setup-code-rules.ts';

/** The kinds of setup code: push, both, and one-time passwords. */
export type SetupCodeScheme = 'pushauth' | 'mfauth' | 'otpauth';

/** A code taken apart: everything is percent-decoded, and no parameter occurs twice. */
export interface SplitSetupCode {
  readonly scheme: SetupCodeScheme;
  /** `push`, or how one-time passwords are made. */
  readonly host: 'push' | 'totp' | 'hotp';
  /** The label of the path; without a colon it has an account alone, and some servers write nothing before the colon. */
  readonly label: { readonly issuer: string | undefined; readonly account: string };
  readonly parameters: ReadonlyMap<string, string>;
}

/** A server of ours stays below 858 characters, and no QR code holds more than these. */
const MAX_LENGTH = 4_296;
const SCHEME = /^(pushauth|mfauth|otpauth):\/\//i;
const PARTS = /^[^:]+:\/\/([^/?#]*)\/([^?#]*)\?([^#]*)$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x20\x7f]/;
const STRAY: Readonly<Record<SetupCodeRules['characters'], RegExp>> = {
  'visible-ascii': /[^\x21-\x7e]/,
  rfc2396: /[^\x21-\x7e]|["<>{}|\\^`]/,
  'no-controls': CONTROL,
};

/** Takes a setup code apart (spec/push-protocol.md §1.1). */
export function splitSetupCode(text: string, rules: SetupCodeRules): SplitSetupCode {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase() as SetupCodeScheme | undefined;
  if (scheme === undefined) return refuseCode({ reason: 'other-scheme' });
  if (text.length > MAX_LENGTH) return refuseCode({ reason: 'too-long' });
  const [, authority = '', path = '', query = ''] = PARTS.exec(text) ?? [];
  const host = hostOf(scheme, authority.toLowerCase());
  if (STRAY[rules.characters].test(text)) return refuseCode({ reason: 'stray-character' });
  const parameters = readQuery(query);
  const version = parameters.get('version');
  if (rules.readsVersion && version !== undefined && Number(version) !== 1) return refuseCode({ reason: 'version' });
  return { scheme, host, label: readLabel(path), parameters };
}

function hostOf(scheme: SetupCodeScheme, host: string): SplitSetupCode['host'] {
  const isPush = host === 'push';
  if ((isPush || host === 'totp' || host === 'hotp') && isPush === (scheme === 'pushauth')) return host;
  return refuseCode({ reason: 'not-complete' });
}

function readQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = percentDecoded(equals < 0 ? pair : pair.slice(0, equals));
    if (parameters.has(name)) refuseCode({ reason: 'twice', parameter: name });
    parameters.set(name, equals < 0 ? '' : percentDecoded(pair.slice(equals + 1)));
  }
  return parameters;
}

/** Phones split the decoded path at its first colon (spec/push-protocol.md §1.4). */
function readLabel(path: string): SplitSetupCode['label'] {
  const label = percentDecoded(path);
  const colon = label.indexOf(':');
  const issuer = colon < 0 ? undefined : label.slice(0, colon).trim();
  const account = label.slice(colon + 1).trim();
  return account === '' ? refuseCode({ reason: 'no-account' }) : { issuer, account };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuseCode({ reason: 'percent-escape' });
  }
}

/** A parameter that must be there and say something. */
export function requiredParameter(parameters: ReadonlyMap<string, string>, name: string): string {
  return parameters.get(name) || refuseCode({ reason: 'missing', parameter: name });
}

const isReadable = (value: string, { accepts }: AlphabetRule): boolean =>
  accepts === 'both' || !(accepts === 'url-safe' ? /[+/]/ : /[-_]/).test(value);

/** The bytes in a parameter that must be there. */
export function bytesIn(parameters: ReadonlyMap<string, string>, name: string, rule: AlphabetRule): Uint8Array {
  const value = requiredParameter(parameters, name);
  const bytes = isReadable(value, rule) ? decodeBase64(value) : undefined;
  return bytes ?? refuseCode({ reason: 'unreadable', parameter: name });
}

/** The text in a parameter, where there is one. */
export function textIn(parameters: ReadonlyMap<string, string>, name: string, rule: AlphabetRule): string | undefined {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  const text = isReadable(value, rule) ? decodeText(value) : undefined;
  if (text === undefined && rule.otherwise === 'refuse') return refuseCode({ reason: 'unreadable', parameter: name });
  return text;
}

/** The whole number in a parameter; one that is empty is as good as missing. */
export function numberIn(parameters: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : refuseCode({ reason: 'not-a-number', parameter: name });
}

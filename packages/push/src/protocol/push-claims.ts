import { decodeBase64, decodeText, encodeBase64, utf8Bytes } from './base64.ts';
import { cleanText, cutText } from './display-text.ts';
import { isMessageId } from './message-id.ts';
import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';

/** How the phone lets its user approve: tap, match a number, or pass the phone's own check. */
export type PushType = 'DEFAULT' | 'CHALLENGE' | 'BIOMETRIC';

/** Where a login comes from, as shown on the phone. */
export interface PushContext {
  readonly remoteIp?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly location?: { readonly latitude: number; readonly longitude: number } | undefined;
}

/** What a push message says to a phone. */
export interface PushContent {
  readonly mechanismUid: string;
  readonly challenge: Uint8Array;
  readonly loadBalancerCookie: string;
  readonly text: string;
  readonly pushType: PushType;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds, as the sender node has it. */
  readonly messageTimeout: number;
  /** For apps that tell it again when their address changes. Ours and a server before AM 8 do without, so it is only sent where a realm wants it. */
  readonly userId?: string | undefined;
  readonly customAttributes?: Readonly<Record<string, unknown>>;
  readonly context?: PushContext | undefined;
  /** For an official app: the numbers to tap. */
  readonly choices?: readonly number[] | undefined;
  /** For our own phone: how many digits to type. It must not learn which (SEC-22). */
  readonly digits?: number | undefined;
}

/** The claims of a push JWT: text throughout, since some phones crash on or drop anything else (spec/push-protocol.md §3.1). */
export type PushClaims = Readonly<Record<string, string>>;

const MAX_TEXT = 1024;
const kinds: Readonly<Record<PushType, string>> = {
  DEFAULT: 'default',
  CHALLENGE: 'challenge',
  BIOMETRIC: 'biometric',
};

/** The claims of the push JWT for one device. */
export function pushClaims(content: PushContent): PushClaims {
  const { pushType, choices, digits, context } = content;
  if (content.challenge.length !== 32) throw new RangeError('a challenge is 32 bytes');
  if (content.loadBalancerCookie === '') throw new RangeError('some phones drop a push without a load balancer cookie');
  const text = messageLine(content.text);
  const challenged = pushType === 'CHALLENGE';
  if (challenged && choices === undefined && digits === undefined)
    throw new RangeError('a challenge needs choices or digits');
  return {
    u: content.mechanismUid,
    l: encodeBase64(utf8Bytes(content.loadBalancerCookie)),
    c: encodeBase64(content.challenge),
    ...(text !== '' && { m: text }),
    k: kinds[pushType],
    i: String(Math.trunc(content.createdAt)),
    t: String(Math.trunc(content.messageTimeout / 1000)),
    ...(content.userId !== undefined && { d: content.userId }),
    p: JSON.stringify(content.customAttributes ?? {}),
    ...(context !== undefined && { x: JSON.stringify(context) }),
    ...(challenged && choices !== undefined && { n: choices.join(',') }),
    ...(challenged && choices === undefined && { x_len: String(digits) }),
  };
}

/** One SDK reads text that looks like a number, a boolean or null as such, and then loses it (§10 row 19). */
function messageLine(text: string): string {
  const line = cutText(cleanText(text), MAX_TEXT);
  const looksLikeValue = /^(?:true|false|null)$/i.test(line) || (line !== '' && Number.isFinite(Number(line)));
  return looksLikeValue ? `“${line}”` : line;
}

/** Fills in a message template, taking the values as they are: no `$&`, no second round over what was filled in. */
export function messageText(template: string, values: { readonly user: string; readonly issuer: string }): string {
  let text = '';
  let taken = 0;
  for (let at = template.indexOf('{{'); at >= 0; at = template.indexOf('{{', Math.max(taken, at + 1))) {
    const name = template.startsWith('user}}', at + 2)
      ? 'user'
      : template.startsWith('issuer}}', at + 2)
        ? 'issuer'
        : '';
    if (name === '') continue;
    text += template.slice(taken, at) + values[name];
    taken = at + name.length + 4;
  }
  return text + template.slice(taken);
}

/** What `fitPushClaims` may take away, in this order. */
export type DroppedFromPush = 'customAttributes' | 'context' | 'text';

/** Claims that fit, and what had to go. */
export interface FittedPushClaims {
  readonly claims: PushClaims;
  readonly dropped: readonly DroppedFromPush[];
}

/**
 * Takes from the claims what keeps `sizeOf` them within the limit: custom attributes, then context, then the end of the
 * text (spec/push-protocol.md §3.1). The caller audits what was dropped.
 */
export function fitPushClaims(
  claims: PushClaims,
  sizeOf: (claims: PushClaims) => number,
  limit: number,
): FittedPushClaims {
  const fits = (candidate: PushClaims) => sizeOf(candidate) <= limit;
  const dropped: DroppedFromPush[] = [];
  if (fits(claims)) return { claims, dropped };

  const { p, ...withoutAttributes } = claims;
  if (p !== undefined) dropped.push('customAttributes');
  if (fits(withoutAttributes)) return { claims: withoutAttributes, dropped };
  const { x, ...bare } = withoutAttributes;
  if (x !== undefined) dropped.push('context');
  if (fits(bare)) return { claims: bare, dropped };

  const text = bare.m ?? '';
  const cutTo = (units: number): PushClaims => ({ ...bare, m: `${cutText(text, units).trimEnd()}…` });
  if (text === '' || !fits(cutTo(0))) throw new RangeError('a push message does not fit, even without its text');
  let fitting = 0;
  for (let tooLong = text.length; tooLong - fitting > 1; ) {
    const middle = (fitting + tooLong) >> 1;
    if (fits(cutTo(middle))) fitting = middle;
    else tooLong = middle;
  }
  return { claims: cutTo(fitting), dropped: [...dropped, 'text'] };
}

/** What a phone reads in a push message. */
export interface ReceivedPush {
  readonly mechanismUid: string;
  readonly challenge: Uint8Array;
  readonly loadBalancerCookie?: string;
  readonly text?: string;
  readonly pushType: PushType;
  readonly createdAt?: number;
  readonly lifetimeSeconds: number;
  readonly userId?: string;
  /** JSON text, as the server's journey made it. */
  readonly customAttributes?: string;
  readonly context?: PushContext;
  readonly choices?: readonly number[];
  readonly digits?: number;
}

/** Everything in which one reader of push messages differs from another (spec/push-protocol.md §3, §10). */
export interface PushRules {
  /** Whether a claim that is not text makes the message unreadable. */
  readonly claimsMustBeText: boolean;
  readonly needsCookie: boolean;
  readonly typeIgnoresCase: boolean;
  readonly unknownType: 'plain' | 'refuse';
  /** Whether the phone can have a number typed; the others offer choices alone. */
  readonly canType: boolean;
  /** Whether a challenge without a number is refused. A phone that takes it can only deny. */
  readonly challengeNeedsNumber: boolean;
}

/**
 * A careful phone of ours, which is the default.
 * @internal Exported so that a test can change one rule at a time.
 */
export const STRICT_PUSH_RULES: PushRules = {
  claimsMustBeText: false,
  needsCookie: false,
  typeIgnoresCase: true,
  unknownType: 'plain',
  canType: true,
  challengeNeedsNumber: true,
};

/** Why a phone does not take a push message. */
export type PushProblem =
  | 'not-claims'
  | 'not-text'
  | 'no-mechanism'
  | 'lifetime'
  | 'time'
  | 'challenge'
  | 'no-cookie'
  | 'type'
  | 'digits'
  | 'choices'
  | 'no-number';

const DEFAULT_LIFETIME_SECONDS = 120;
const DAY_SECONDS = 86_400;
const MAX_CHOICES = 20;
/** One digit would be no check, and an answer carries no more than eight (design.md §3.3). */
const isLength = (digits: number): boolean => digits >= 2 && digits <= 8;

/** Reads the claims of a push JWT whose signature was verified (SEC-28), as a phone with these rules does. */
export function parsePushClaims(
  claims: unknown,
  rules: PushRules = STRICT_PUSH_RULES,
): Parsed<ReceivedPush, PushProblem> {
  if (!isObject(claims)) return refused('not-claims');
  if (rules.claimsMustBeText && Object.values(claims).some((value) => typeof value !== 'string'))
    return refused('not-text');
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
  };
  const whole = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  };

  const mechanismUid = text('u');
  if (mechanismUid === undefined) return refused('no-mechanism');
  const lifetimeSeconds = whole('t') ?? DEFAULT_LIFETIME_SECONDS;
  if (!(lifetimeSeconds >= 1 && lifetimeSeconds <= DAY_SECONDS)) return refused('lifetime');
  const createdAt = whole('i');
  if (Number.isNaN(createdAt)) return refused('time');
  const challenge = decodeBase64(text('c') ?? '');
  if (challenge?.length !== 32) return refused('challenge');
  const cookie = decodeText(text('l') ?? '');
  if (rules.needsCookie && !cookie) return refused('no-cookie');
  const pushType = readPushType(text('k'), rules);
  if (pushType === undefined) return refused('type');
  const number = pushType === 'CHALLENGE' ? readNumber(text('n'), whole('x_len'), rules) : parsed({});
  if (!number.ok) return number;
  const message = cleanText(text('m') ?? '');
  const userId = text('d');
  const customAttributes = text('p');
  const context = readContext(text('x'));
  return parsed({
    mechanismUid,
    challenge,
    ...(cookie && { loadBalancerCookie: cookie }),
    ...(message !== '' && { text: message }),
    pushType,
    ...(createdAt !== undefined && { createdAt }),
    lifetimeSeconds,
    ...(userId !== undefined && { userId }),
    ...(customAttributes !== undefined && { customAttributes }),
    ...(context !== undefined && { context }),
    ...number.value,
  });
}

/** Absent is the plain kind; unknown is so for most phones. */
function readPushType(kind: string | undefined, rules: PushRules): PushType | undefined {
  const given = rules.typeIgnoresCase ? kind?.toLowerCase() : kind;
  const known = (['DEFAULT', 'CHALLENGE', 'BIOMETRIC'] as const).find((type) => kinds[type] === given);
  return known ?? (kind === undefined || rules.unknownType === 'plain' ? 'DEFAULT' : undefined);
}

/** The numbers to choose from, or how many digits to type. */
function readNumber(
  list: string | undefined,
  digits: number | undefined,
  rules: PushRules,
): Parsed<Pick<ReceivedPush, 'choices' | 'digits'>, PushProblem> {
  if (list !== undefined) {
    const choices = list.split(',').map((choice) => choice.trim());
    const areNumbers = choices.length <= MAX_CHOICES && choices.every((choice) => /^\d{1,8}$/.test(choice));
    return areNumbers ? parsed({ choices: choices.map(Number) }) : refused('choices');
  }
  if (rules.canType && digits !== undefined) return isLength(digits) ? parsed({ digits }) : refused('digits');
  return rules.challengeNeedsNumber ? refused('no-number') : parsed({});
}

/** The context is for display: what cannot be read is left out, not refused. */
function readContext(text: string | undefined): PushContext | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { remoteIp, userAgent, location } = value;
  const place = isObject(location) ? location : {};
  const { latitude, longitude } = place;
  return {
    ...(typeof remoteIp === 'string' && { remoteIp: cleanText(remoteIp) }),
    ...(typeof userAgent === 'string' && { userAgent: cleanText(userAgent) }),
    ...(typeof latitude === 'number' && typeof longitude === 'number' && { location: { latitude, longitude } }),
  };
}

/** What our own phone is told when a request that it was rung for needs no answer any more. Ours alone, and text like all that phones read. */
export interface WithdrawalClaims {
  readonly mechanismUid: string;
  readonly messageId: string;
}

/** The claims of a withdrawal. There is no challenge in them, so that no phone can take it for a request, and none of ours that is older shows one. */
export const withdrawalClaims = ({ mechanismUid, messageId }: WithdrawalClaims): Claims => ({
  u: mechanismUid,
  x_withdrawn: messageId,
});

/** Reads the claims of a withdrawal whose signature was verified; anything else is none. */
export function parseWithdrawalClaims(claims: unknown): Parsed<WithdrawalClaims> {
  if (!isObject(claims)) return refused('claims are not an object');
  const { u: mechanismUid, x_withdrawn: messageId } = claims;
  if (typeof mechanismUid !== 'string' || !isMessageId(messageId)) return refused('no withdrawal');
  return parsed({ mechanismUid, messageId });
}

import type { OutboxEntry } from '../model/outbox.ts';
import { LOGOUT_WEBHOOKS, type Session } from '../model/sessions.ts';

/** The kind of what tells of the end of a session by a webhook of its realm, in the outbox. */
export const WEBHOOK = 'webhook';

/** How a session has ended, in AM's words: somebody has signed out, it was ended, or one of its times was over. */
export type WebhookEvent = 'LOGOUT' | 'DESTROY' | 'MAX_TIMEOUT' | 'IDLE_TIMEOUT';

/** What a webhook of alerts tells of, in the words of the audit trail. */
export type WebhookAlert = 'PUSH_ALERT' | 'PUSH_PAUSED';

/** What a webhook may say: how the session ended, and what the session was; or what the alert is about. */
export interface WebhookEntry {
  readonly event: WebhookEvent | WebhookAlert;
  readonly userId: string;
  readonly username: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** Characters of properties, as JSON, that are kept; one that has no room is left out, since a session ends whatever it has. */
const MAX_PROPERTIES = 6_000;

const SEPARATOR = '|';

/** The webhooks of a session, by name. */
export const webhooksOf = ({ properties }: Pick<Session, 'properties'>): readonly string[] =>
  (properties[LOGOUT_WEBHOOKS] ?? '').split(SEPARATOR).filter((name) => name !== '');

/** The property that names webhooks; none of them has a `|` in its name. */
export const webhooksText = (names: readonly string[]): string => [...new Set(names)].join(SEPARATOR);

/** Why a session has run out by then. */
export const timeoutOf = ({ maxExpiresAt }: Pick<Session, 'maxExpiresAt'>, now: number): WebhookEvent =>
  maxExpiresAt <= now ? 'MAX_TIMEOUT' : 'IDLE_TIMEOUT';

/**
 * What is written with the end of a session for each of its webhooks. A session has one end, so that each is called once. The notice is made once:
 * its webhooks are told the same.
 */
export const webhookEntries = (session: Session, event: WebhookEvent): readonly OutboxEntry[] => {
  const names = webhooksOf(session);
  if (names.length === 0) return [];
  const payload = JSON.stringify(noticeOf(session, event));
  const { handle, realm } = session;
  return names.map((name) => ({ id: `${handle}.${name}`, kind: WEBHOOK, realm, recipient: name, payload }));
};

const noticeOf = ({ userId, username, properties }: Session, event: WebhookEvent): WebhookEntry => {
  let room = MAX_PROPERTIES;
  const kept = Object.entries(properties).filter(([name, value]) => {
    if (name === LOGOUT_WEBHOOKS) return false;
    const size = sizeOfProperty(name, value, room);
    if (size > room) return false;
    room -= size;
    return true;
  });
  return { event, userId, username, properties: Object.fromEntries(kept) };
};

/** Characters of `{"":""}` without those of the name and the value. */
const AROUND_PROPERTY = 7;

/** Characters of a property as JSON, or some number above `most` where it has more: of a long one little is read. */
const sizeOfProperty = (name: string, value: string, most: number): number => {
  let size = AROUND_PROPERTY + name.length + value.length;
  for (const text of [name, value]) {
    for (let at = 0; at < text.length && size <= most; at += 1) size += sizeInJson(text, at) - 1;
  }
  return size;
};

const TWO_CHARACTERS = new Set(['"', '\\', '\b', '\t', '\n', '\f', '\r'].map((char) => char.charCodeAt(0)));
const ESCAPED = '\\u0000'.length;

const isHigh = (unit: number): boolean => unit >= 0xd8_00 && unit < 0xdc_00;
const isLow = (unit: number): boolean => unit >= 0xdc_00 && unit < 0xe0_00;

/** How many characters a code unit has in JSON: half of a surrogate pair is escaped, as are control characters. */
const sizeInJson = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  if (TWO_CHARACTERS.has(unit)) return 2;
  if (unit < 0x20) return ESCAPED;
  const isHalf = (isHigh(unit) && !isLow(text.charCodeAt(at + 1))) || (isLow(unit) && !isHigh(text.charCodeAt(at - 1)));
  return isHalf ? ESCAPED : 1;
};

/** What such an entry says. */
export const readWebhookEntry = ({ payload }: OutboxEntry): WebhookEntry => JSON.parse(payload) as WebhookEntry;

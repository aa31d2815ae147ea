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

/** What is written with the end of a session for each of its webhooks. A session has one end, so that each is called once. */
export const webhookEntries = (session: Session, event: WebhookEvent): readonly OutboxEntry[] =>
  webhooksOf(session).map((name) => ({
    id: `${session.handle}.${name}`,
    kind: WEBHOOK,
    realm: session.realm,
    recipient: name,
    payload: JSON.stringify(noticeOf(session, event)),
  }));

const noticeOf = ({ userId, username, properties }: Session, event: WebhookEvent): WebhookEntry => {
  let room = MAX_PROPERTIES;
  const kept = Object.entries(properties).filter(([name, value]) => {
    if (name === LOGOUT_WEBHOOKS) return false;
    const size = JSON.stringify({ [name]: value }).length;
    if (size > room) return false;
    room -= size;
    return true;
  });
  return { event, userId, username, properties: Object.fromEntries(kept) };
};

/** What such an entry says. */
export const readWebhookEntry = ({ payload }: OutboxEntry): WebhookEntry => JSON.parse(payload) as WebhookEntry;

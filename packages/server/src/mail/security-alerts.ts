import { createHash } from 'node:crypto';
import type { Configuration, Identity } from '@assent/engine';
import {
  type AuditEvent,
  auditChange,
  type Change,
  type Committer,
  type IdentityDirectory,
  type OutboxEntry,
  WEBHOOK,
  type WebhookEntry,
} from '@assent/engine/host';
import { type OutboxSender, type Sent, triedFor } from '../outbox/outbox-worker.ts';
import { alertTexts } from './alert-texts.ts';
import { deliverMail, MAIL_MILLIS, MAIL_RECIPIENT, type MailDelivery } from './mail-delivery.ts';
import { languageOf, timeText } from './notice-texts.ts';

/** The kind of mails to those who look after a realm, in the outbox. */
export const SECURITY_ALERT = 'alert';

/** Of what they are told at once, by the event of the audit trail (SEC-26). */
const ALERTING = ['PUSH_ALERT', 'PUSH_PAUSED'] as const;
type AlertingEvent = (typeof ALERTING)[number];

const isAlerting = (event: string): event is AlertingEvent => (ALERTING as readonly string[]).includes(event);

interface Kept {
  readonly at: number;
  readonly transactionId: string;
  readonly event: AlertingEvent;
  readonly outcome: string;
  readonly username: string;
  readonly to: string;
}

const read = ({ payload }: OutboxEntry): Kept => JSON.parse(payload) as Kept;

interface Alerted {
  readonly configuration: Pick<Configuration, 'realm'>;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
}

/**
 * Wraps a committer, so that who looks after a realm is told when a user says that somebody else has asked for a sign-in: the commit that
 * says so puts a mail for each address of the realm, and a call of each webhook, into the outbox (SEC-26, OPS-43). No other commit costs more.
 */
export const withSecurityAlerts = (committer: Committer, { configuration, identities }: Alerted): Committer => ({
  async commit(changes) {
    const events = changes.flatMap((change) => {
      if (change.type !== 'audit.append') return [];
      const event = change.event as AuditEvent;
      return isAlerting(event.event) ? [event] : [];
    });
    if (events.length === 0) return committer.commit(changes);
    const entries: OutboxEntry[] = [];
    for (const event of events) {
      const realm = configuration.realm(event.realm);
      if (realm === undefined || event.userId === undefined) continue;
      if (realm.alertMail.length + realm.alertWebhooks.length === 0) continue;
      const identity = await identities.findById(event.userId);
      if (identity === undefined) continue;
      entries.push(...realm.alertMail.map((to) => mailEntry(event, identity, to)));
      entries.push(...realm.alertWebhooks.map((name) => webhookEntry(event, identity, name)));
    }
    return committer.commit([...changes, ...entries.map((entry): Change => ({ type: 'outbox.put', entry }))]);
  },
});

/** A realm, and each webhook, keeps ten times as many: reports of one user, however many, leave place for those of others. */
const MAX_OF_USER = 500;

const idOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

const mailEntry = ({ at, transactionId, event, outcome = '', realm }: AuditEvent, identity: Identity, to: string) => {
  const { id: userId, username } = identity;
  const kept = { at, transactionId, event: event as AlertingEvent, outcome, username, to } satisfies Kept;
  const payload = JSON.stringify(kept);
  return {
    id: idOf(SECURITY_ALERT, realm, userId, payload),
    kind: SECURITY_ALERT,
    realm,
    recipient: MAIL_RECIPIENT,
    userId,
    payload,
    mostOfUser: MAX_OF_USER,
  };
};

const webhookEntry = (
  { at, transactionId, event, outcome = '', realm }: AuditEvent,
  { id: userId, username }: Identity,
  recipient: string,
): OutboxEntry => {
  const said: WebhookEntry = {
    event: event as AlertingEvent,
    userId,
    username,
    properties: { Outcome: outcome, TransactionId: transactionId, Time: new Date(at).toISOString() },
  };
  const payload = JSON.stringify(said);
  const id = idOf(WEBHOOK, realm, recipient, userId, payload);
  return { id, kind: WEBHOOK, realm, recipient, userId, payload, mostOfUser: MAX_OF_USER };
};

export interface SecurityAlertDependencies extends MailDelivery {
  readonly configuration: Pick<Configuration, 'service' | 'realm'>;
}

/** Sends such mails, in the language of their realm. */
export const securityAlertSender = (dependencies: SecurityAlertDependencies): OutboxSender => ({
  triedUntil: triedFor(MAIL_MILLIS),
  keepsGivenUp: true,
  async send(row): Promise<Sent> {
    const { at, event, outcome, username, to } = read(row);
    const texts = alertTexts[languageOf([dependencies.configuration.realm(row.realm)?.locale])];
    const happened = event === 'PUSH_PAUSED' ? texts.paused : outcome === 'too-late' ? texts.tooLate : texts.notMe;
    const values: Readonly<Record<string, string>> = { user: username, realm: row.realm, time: timeText(at) };
    // In one go and by function: a name may hold what the texts, or replacing, give a meaning to.
    const text = `${texts.about}\n\n${happened}\n\n${texts.whatToDo}\n`.replace(
      /\{(\w+)\}/g,
      (_whole, name: string) => values[name] ?? '',
    );
    return deliverMail(dependencies, row.realm, { subject: texts.subject, text, to, id: row.id });
  },
  audit(row, at, outcome) {
    const { transactionId, event } = read(row);
    const said = { outcome, detail: { alert: event }, ...(row.userId !== undefined && { userId: row.userId }) };
    return auditChange({ at, realm: row.realm, transactionId }, 'MAIL', said);
  },
});

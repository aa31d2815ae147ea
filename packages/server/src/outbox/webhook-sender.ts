import { createHash } from 'node:crypto';
import { type Clock, type Configuration, madeOnce } from '@assent/engine';
import { auditChange, type OutboxEntry, readWebhookEntry } from '@assent/engine/host';
import { type RealmSenders, retryAfterOf } from '@assent/push';
import { type OutboxSender, type Sent, triedFor } from './outbox-worker.ts';
import { filledWebhook, signingKeyOf, WEBHOOKS_SERVICE, webhook, webhookKey } from './webhook.ts';
import { signatureOf } from './webhook-signature.ts';

/** For how long a webhook is tried (OPS-44). */
const WEBHOOK_MILLIS = 72 * 3_600_000;
/** One call, however far it has got (SEC-69). */
const CALL_MILLIS = 5_000;
/** A webhook belongs to no call of a user. */
const TRANSACTION = 'webhook';

export interface WebhookSenderDependencies {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly requests: RealmSenders;
  readonly clock: Clock;
}

const readWebhook = madeOnce((stored: Readonly<Record<string, unknown>>) => webhook.safeParse(stored));

/** What the places of a webhook are filled with: the properties of the session under AM's names. */
const valuesOf = (entry: OutboxEntry): ReadonlyMap<string, string> => {
  const { event, username, properties } = readWebhookEntry(entry);
  const ours = { UserId: username, UserToken: username, Organization: entry.realm, WebhookEventType: event };
  return new Map(Object.entries({ ...properties, ...ours }));
};

/** Of all tries the same, so that a receiver can tell what comes twice; nobody can tell a session by it. */
const idOf = ({ id }: OutboxEntry): string => `msg_${createHash('sha256').update(id).digest('base64url')}`;

/**
 * Calls webhooks of realms, as they are configured by then (OPS-46). Whatever fails may be mended, at the receiver or in the
 * settings, so it is tried again until its time is over.
 */
export const webhookSender = ({ configuration, requests, clock }: WebhookSenderDependencies): OutboxSender => ({
  triedUntil: triedFor(WEBHOOK_MILLIS),
  keepsGivenUp: true,
  async send(row): Promise<Sent> {
    const { realm, recipient: name } = row;
    const stored = configuration.service(realm, webhookKey(name));
    if (stored === undefined) return failed(`The realm has no webhook "${name}".`);
    const key = signingKeyOf(configuration.service(realm, WEBHOOKS_SERVICE)?.config);
    if (key === undefined) return failed(`The realm has no service "${WEBHOOKS_SERVICE}" with a key to sign with.`);
    const read = readWebhook(stored.config);
    if (!read.success) return failed(`The webhook "${name}" has no usable ${read.error.issues[0]?.path.join('/')}.`);
    try {
      const { url, headers, body } = filledWebhook(read.data, valuesOf(row));
      const now = clock.now();
      const signed = signatureOf(idOf(row), now, body, key);
      const signal = AbortSignal.timeout(CALL_MILLIS);
      const length = { 'content-length': body.length };
      const answer = await requests.of(realm).send(url, {
        method: 'POST',
        headers: { ...headers, ...length, ...signed },
        body,
        signal,
      });
      if (answer.status >= 200 && answer.status < 300) return { status: 'settled', outcome: 'sent' };
      const retryAfterMillis = retryAfterOf(answer.headers['retry-after'], now);
      return { ...failed(`status ${answer.status}`), retryAfterMillis };
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  },
  audit(row, at, outcome) {
    const { event, userId } = readWebhookEntry(row);
    const said = { userId, outcome, detail: { webhook: row.recipient, event } };
    return auditChange({ at, realm: row.realm, transactionId: TRANSACTION }, 'WEBHOOK', said);
  },
});

const failed = (cause: string) => ({ status: 'failed', cause }) as const;

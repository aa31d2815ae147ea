import { createHash } from 'node:crypto';
import type { Clock } from '@assent/engine';
import type { RealmRequests } from '@assent/push';
import { signatureOf } from '../outbox/webhook-signature.ts';
import { type AuditBatch, textOf } from './audit-line.ts';
import { type AuditSink, UNOPENED } from './audit-sink.ts';

export interface WebhookSinkOptions {
  readonly url: URL;
  readonly key: Buffer;
  readonly requests: Pick<RealmRequests, 'send'>;
  readonly clock: Clock;
}

/** Of the same rows the same. */
const idOf = (batch: AuditBatch): string =>
  `msg_${createHash('sha256')
    .update(batch.map(({ row }) => row.id).join(' '))
    .digest('base64url')}`;

/** A POST with a line for each row, signed as the webhooks of realms are (Standard Webhooks); an answer of 2xx takes all of them. */
export const webhookSink = ({ url, key, requests, clock }: WebhookSinkOptions): AuditSink => ({
  ...UNOPENED,
  name: url.origin,
  /** Whatever it answers to that, it is there. */
  async look(signal) {
    await requests.send(url, { method: 'GET', headers: { 'user-agent': 'Assent' }, signal });
  },
  async send(batch, signal) {
    const body = Buffer.from(textOf(batch));
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-length': body.length,
      'user-agent': 'Assent',
      ...signatureOf(idOf(batch), clock.now(), body, key),
    };
    const { status } = await requests.send(url, { method: 'POST', headers, body, signal });
    if (status < 200 || status >= 300) throw new Error(`The receiver answered with status ${status}.`);
  },
});

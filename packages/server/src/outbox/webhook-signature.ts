import { createHmac } from 'node:crypto';

/** As Standard Webhooks has it: over id, time and body, so that none of them can be exchanged. */
export const signatureOf = (id: string, now: number, body: Buffer, key: Buffer) => {
  const seconds = String(Math.floor(now / 1_000));
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${mac}` };
};

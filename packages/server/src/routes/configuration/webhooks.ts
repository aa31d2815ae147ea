import type { ServiceDocument } from '@assent/engine/host';
import type { JsonObject } from '@assent/wire';
import type { Routes } from '../../http/call.ts';
import { type Webhook, webhook, webhookKey } from '../../outbox/webhook.ts';
import { type NamedDocumentsOptions, namedDocumentRoutes } from './named-documents.ts';
import { refusedAttribute, refusedDocument } from './refused-attribute.ts';
import { headersWithoutValues, withStoredValues } from './webhook-headers.ts';

export const WEBHOOK_NAME = {
  pattern: /^[A-Za-z0-9][\w .-]{0,63}$/,
  rule: 'The name of a webhook is up to 64 letters, digits, spaces, _, . and -, with no space first.',
};

const TYPE = { _id: 'webhooks', name: 'Webhook Service', collection: true };

/** `realm-config/webhooks`: what is called when something happens to a session, as AM has it. */
export const webhooksRoutes = (options: NamedDocumentsOptions): Routes =>
  namedDocumentRoutes(options, {
    path: 'realm-config/webhooks',
    noun: 'webhook',
    kind: 'webhook',
    name: WEBHOOK_NAME,
    keyOf: webhookKey,
    said({ type, config }: ServiceDocument): JsonObject {
      const { headers, ...rest } = config as Webhook;
      return { _id: type.slice(webhookKey('').length), ...rest, headers: headersWithoutValues(headers), _type: TYPE };
    },
    known: new Set(Object.keys(webhook.shape)),
    check(body, before) {
      const set = Object.entries(body).filter(([name, value]) => !name.startsWith('_') && value !== null);
      const whole = withStoredValues(Object.fromEntries(set), before?.config as Webhook | undefined);
      if ('reason' in whole) return refusedAttribute(`headers/${whole.header}`, whole.reason);
      const parsed = webhook.safeParse(whole.given);
      return parsed.success ? { config: parsed.data } : refusedDocument(parsed.error, whole.given);
    },
  });

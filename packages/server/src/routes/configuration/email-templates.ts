import type { ServiceDocument } from '@assent/engine/host';
import { emailTemplate, emailTemplateKey } from '@assent/nodes';
import { givenMembers, type JsonObject, unknownMembers } from '@assent/wire';
import type { Routes } from '../../http/call.ts';
import type { Logger } from '../../platform/log.ts';
import { type NamedDocumentsOptions, namedDocumentRoutes } from './named-documents.ts';
import { refusedDocument } from './refused-attribute.ts';

export const EMAIL_TEMPLATE_NAME = {
  pattern: /^[A-Za-z0-9][\w-]{0,63}$/,
  rule: 'The name of a template is up to 64 letters, digits, _ and -.',
};

const KNOWN: ReadonlySet<string> = new Set(Object.keys(emailTemplate.shape));

/** `realm-config/email-templates`: what mails of journeys say, in the form that identity management exports. */
export const emailTemplatesRoutes = (options: NamedDocumentsOptions & { readonly log: Logger }): Routes =>
  namedDocumentRoutes(options, {
    path: 'realm-config/email-templates',
    noun: 'template',
    kind: 'email-template',
    name: EMAIL_TEMPLATE_NAME,
    keyOf: emailTemplateKey,
    // As exports of identity management have it, whose `_id` has the kind before the name.
    said: ({ type, config }: ServiceDocument): JsonObject => ({ _id: type, ...(config as JsonObject) }),
    known: KNOWN,
    check(body) {
      const given = givenMembers(body, KNOWN);
      const parsed = emailTemplate.safeParse(given);
      return parsed.success ? { config: parsed.data } : refusedDocument(parsed.error, given);
    },
    warn({ realmPath: realm, names, transactionId }, { config }) {
      const unknown = unknownMembers(config as JsonObject, KNOWN);
      if (unknown.length === 0) return;
      const fields = { realm, template: names.id, unknown, transactionId };
      options.log.warn(fields, 'A mail template has members without use here. They are kept.');
    },
  });

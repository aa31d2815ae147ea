import { type Clock, type Configuration, madeOnce, type Random, TextTooLong } from '@assent/engine';
import {
  type Adapter,
  auditChange,
  MAX_OUTBOX_PAYLOAD,
  type OutboxEntry,
  timeOrderedUuid,
  type UnitOfWork,
} from '@assent/engine/host';
import {
  emailTemplate,
  emailTemplateKey,
  MAIL_SERVICE,
  membersIn,
  renderTemplate,
  type TemplateMail,
  type TemplateMailer,
} from '@assent/nodes';
import { type OutboxSender, type Sent, triedFor } from '../outbox/outbox-worker.ts';
import type { Logger } from '../platform/log.ts';
import { deliverMail, failed, MAIL_MILLIS, MAIL_RECIPIENT, type MailDelivery } from './mail-delivery.ts';

/** The kind of mails out of templates, in the outbox. */
export const TEMPLATE_MAIL = 'mail';

export interface RealmMailDependencies {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface Kept extends Omit<TemplateMail, 'userId'> {
  readonly locales: readonly string[];
  readonly transactionId: string;
}

const read = ({ payload }: OutboxEntry): Kept => JSON.parse(payload) as Kept;

const readTemplate = madeOnce((stored: Readonly<Record<string, unknown>>) => emailTemplate.parse(stored));

const templateOf = (configuration: Pick<Configuration, 'service'>, realm: string, name: string) => {
  const document = configuration.service(realm, emailTemplateKey(name));
  return document && readTemplate(document.config);
};

/** Puts mails out of the templates of a realm into the outbox, with the commit of the unit of work that wants them (OPS-43). */
export const realmMailAdapter = (dependencies: RealmMailDependencies): Adapter<TemplateMailer> => {
  const { clock, random, log } = dependencies;
  return (unit) => ({
    sendLater(mail) {
      const { request, realm } = unit;
      const kept = keptOf(dependencies, unit, mail);
      if (typeof kept === 'string') {
        const fields = { realm: realm.realm, template: mail.template, transactionId: request.transactionId };
        unit.afterCommit(() => log.error({ ...fields, cause: kept }, 'A mail could not be sent.'));
        return;
      }
      const entry: OutboxEntry = {
        id: timeOrderedUuid(random, clock.now()),
        kind: TEMPLATE_MAIL,
        realm: realm.realm,
        recipient: MAIL_RECIPIENT,
        ...(mail.userId !== undefined && { userId: mail.userId }),
        payload: JSON.stringify(kept),
      };
      unit.stage({ type: 'outbox.put', entry });
    },
  });
};

/** What is kept of a mail until it is sent: of its object no more than the template names. Or why it can never be sent. */
const keptOf = (
  { configuration }: RealmMailDependencies,
  { realm: { realm }, request }: Pick<UnitOfWork, 'realm' | 'request'>,
  { template: name, to, object }: TemplateMail,
): Kept | string => {
  if (configuration.service(realm, MAIL_SERVICE) === undefined) {
    return `The realm has no service "${MAIL_SERVICE}" that says by which server.`;
  }
  const template = templateOf(configuration, realm, name);
  if (template === undefined) return 'The realm has no such email template.';
  const members = membersIn(template);
  const kept: Kept = {
    template: name,
    to,
    object: Object.fromEntries(Object.entries(object).filter(([member]) => members.has(member))),
    locales: request.locales,
    transactionId: request.transactionId,
  };
  return JSON.stringify(kept).length > MAX_OUTBOX_PAYLOAD ? 'What the template names of the user is too long.' : kept;
};

/** Sends such mails, as the realm is configured by then. */
export const templateMailSender = (delivery: MailDelivery): OutboxSender => ({
  triedUntil: triedFor(MAIL_MILLIS),
  keepsGivenUp: true,
  async send(row): Promise<Sent> {
    const { template: name, to, object, locales } = read(row);
    const template = templateOf(delivery.configuration, row.realm, name);
    if (template === undefined) return failed(`The realm has no email template "${name}" any more.`);
    let content: ReturnType<typeof renderTemplate>;
    try {
      content = renderTemplate(template, object, locales);
    } catch (error) {
      if (!(error instanceof TextTooLong)) throw error;
      return failed(`The email template "${name}" cannot be sent. ${error.message}`);
    }
    if (content === undefined) return failed(`The email template "${name}" is off, or has no subject or message.`);
    const from = template.from === '' ? undefined : template.from;
    return deliverMail(delivery, row.realm, { ...content, to, from, id: row.id });
  },
  audit(row, at, outcome) {
    const { template, transactionId } = read(row);
    const said = { outcome, detail: { template }, ...(row.userId !== undefined && { userId: row.userId }) };
    return auditChange({ at, realm: row.realm, transactionId }, 'MAIL', said);
  },
});

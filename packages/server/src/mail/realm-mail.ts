import type { Configuration } from '@assent/engine';
import type { Adapter, UnitOfWork } from '@assent/engine/host';
import {
  emailTemplate,
  emailTemplateKey,
  MAIL_SERVICE,
  type Mailer,
  readMailService,
  realmMailServer,
  renderTemplate,
  type TemplateMail,
  type TemplateMailer,
} from '@assent/nodes';
import type { Logger } from '../platform/log.ts';

export interface RealmMailDependencies {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly mailer: Mailer;
  readonly log: Logger;
}

/** Mails out of the templates of a realm, by its mail service, once the unit of work that staged them is committed. */
export class RealmMail {
  readonly #with: RealmMailDependencies;
  readonly #underWay = new Set<Promise<void>>();

  constructor(dependencies: RealmMailDependencies) {
    this.#with = dependencies;
  }

  readonly bind: Adapter<TemplateMailer> = (unit) => ({
    sendLater: (mail) =>
      unit.afterCommit(() => {
        const sending = this.#send(unit, mail).finally(() => this.#underWay.delete(sending));
        this.#underWay.add(sending);
      }),
  });

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Nobody waits for it: that a mail cannot be sent is for the log alone. */
  async #send({ realm, request }: UnitOfWork, mail: TemplateMail): Promise<void> {
    const fields = { realm: realm.realm, template: mail.template, transactionId: request.transactionId };
    try {
      const problem = await this.#problemOf(realm.realm, mail, request.locales);
      if (problem !== undefined) this.#with.log.error({ ...fields, cause: problem }, 'A mail could not be sent.');
    } catch (error) {
      this.#with.log.error({ ...fields, err: error }, 'A mail could not be sent.');
    }
  }

  async #problemOf(realm: string, { template: name, to, object }: TemplateMail, locales: readonly string[]) {
    const service = this.#with.configuration.service(realm, MAIL_SERVICE);
    if (service === undefined) return `The realm has no service "${MAIL_SERVICE}" that says by which server.`;
    const document = this.#with.configuration.service(realm, emailTemplateKey(name));
    if (document === undefined) return 'The realm has no such email template.';
    const read = readMailService(service.config);
    if ('problem' in read) return read.problem;
    const server = read.service;
    const template = emailTemplate.parse(document.config);
    const content = renderTemplate(template, object, locales);
    if (content === undefined) return 'The template is switched off, or has no subject or message.';
    const from = template.from === '' ? server.from : template.from;
    const result = await this.#with.mailer.send({ server: realmMailServer(server), from, to, ...content });
    return result.status === 'refused' ? result.cause : undefined;
  }
}

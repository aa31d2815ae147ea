import type { Configuration } from '@assent/engine';
import { MAIL_SERVICE, type Mail, type RealmMailer, readMailService, realmMailServer } from '@assent/nodes';
import type { Sent } from '../outbox/outbox-worker.ts';

/** For how long a mail is tried (OPS-44): whoever waits for it looks no more after that. */
export const MAIL_MILLIS = 24 * 3_600_000;

/** All mail of a realm goes to one server; so it is one recipient of the outbox, which hangs alone where the server does. */
export const MAIL_RECIPIENT = 'mail server';

export interface MailDelivery {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly mailer: RealmMailer;
}

/** Sends a mail by the service of a realm, as it is configured now: a cause that lies there can be mended until the last try. */
export const deliverMail = async (
  { configuration, mailer }: MailDelivery,
  realm: string,
  { from, ...mail }: Omit<Mail, 'server' | 'from'> & { readonly from?: string | undefined },
): Promise<Sent> => {
  const service = configuration.service(realm, MAIL_SERVICE);
  if (service === undefined) return failed(`The realm has no service "${MAIL_SERVICE}" that says by which server.`);
  const read = readMailService(service.config);
  if ('problem' in read) return failed(read.problem);
  const { service: settings } = read;
  const result = await mailer.send({ ...mail, server: realmMailServer(settings), from: from ?? settings.from }, realm);
  if (result.status === 'accepted') return { status: 'settled', outcome: 'sent' };
  return result.isFinal === true ? { status: 'refused', cause: result.cause } : failed(result.cause);
};

export const failed = (cause: string): Sent => ({ status: 'failed', cause });

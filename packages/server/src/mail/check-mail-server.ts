import { readMailService, realmMailServer } from '@assent/nodes';
import { checkSmtp, type SmtpMailerOptions } from './smtp-mailer.ts';

/** Whether the mail server of a service greets us, encrypts and knows us. Undefined where it does; else the cause, without a password. */
export const checkMailServer = async (
  config: Readonly<Record<string, unknown>>,
  options: SmtpMailerOptions = {},
): Promise<string | undefined> => {
  const read = readMailService(config);
  return 'problem' in read ? read.problem : checkSmtp(realmMailServer(read.service), options);
};

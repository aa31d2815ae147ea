import { readMailService, realmMailServer } from '@assent/nodes';
import { outboundGuard } from '../platform/outbound-guard.ts';
import type { Settings } from '../settings/settings.ts';
import { checkSmtp } from './smtp-mailer.ts';

/**
 * Whether the mail server of a service greets a server with these settings, encrypts and knows us. Undefined where it does; else the cause,
 * without a password.
 */
export const checkMailServer = async (
  config: Readonly<Record<string, unknown>>,
  settings: Pick<Settings, 'insecure' | 'privateHosts'>,
): Promise<string | undefined> => {
  const read = readMailService(config);
  return 'problem' in read
    ? read.problem
    : checkSmtp(realmMailServer(read.service), { guard: outboundGuard(settings) });
};

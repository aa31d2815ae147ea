import { checkDirectory as check } from '@assent/ldap';
import { OF_OPERATOR } from '@assent/push';
import { outboundGuard } from '../platform/outbound-guard.ts';
import { systemRandom } from '../platform/system-ports.ts';
import type { Settings } from '../settings/settings.ts';

/** Whether the directory of a service can be asked, by a server with these settings: undefined where it can, else what stands in the way (OPS-51). */
export const checkDirectory = (
  config: Readonly<Record<string, unknown>>,
  settings: Pick<Settings, 'insecure' | 'privateHosts'>,
  now: () => number,
): Promise<string | undefined> =>
  check(config, { clock: { now }, random: systemRandom, lookUp: outboundGuard(settings).of(OF_OPERATOR).lookupOf });

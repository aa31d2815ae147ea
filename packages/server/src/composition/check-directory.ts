import { checkDirectory as check } from '@assent/ldap';
import { systemRandom } from '../platform/system-ports.ts';

/** Whether the directory of a service can be asked: undefined where it can, else what stands in the way (OPS-51). */
export const checkDirectory = (
  config: Readonly<Record<string, unknown>>,
  now: () => number,
): Promise<string | undefined> => check(config, { clock: { now }, random: systemRandom });

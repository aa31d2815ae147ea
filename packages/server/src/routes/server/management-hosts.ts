import { isIP } from 'node:net';
import { isLoopback } from '../../settings/loopback.ts';

/** Below these nobody can register a name that leads here (RFC 6761, RFC 6762, RFC 8375, and what clusters use). */
const PRIVATE_ENDINGS = ['.localhost', '.local', '.internal', '.home.arpa', '.svc'];

/**
 * Whether a request by that `Host` is answered at the management port: by an address, by a name without a dot or of this network, and by those
 * that are listed. A page of another site can have a name of its own lead here, and would read what this port tells if it were
 * answered by that (DNS rebinding).
 */
export const isManagementHost = (host: string, listed: readonly string[]): boolean => {
  const name = host.toLowerCase().replace(/:\d*$/, '');
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || isLoopback(name)) return true;
  return (
    !name.includes('.') ||
    PRIVATE_ENDINGS.some((ending) => name.endsWith(ending)) ||
    listed.some((it) => it.toLowerCase() === name)
  );
};

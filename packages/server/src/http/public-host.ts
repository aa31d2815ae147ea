import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../settings/loopback.ts';

/**
 * Which host names this server answers to: loopback names are one host for it, any other must be the public one, or that of a
 * realm (SEC-08, A062).
 */
export class PublicHost {
  readonly #public: string;
  readonly #isPublicLoopback: boolean;
  readonly #takesAny: boolean;
  readonly #isOfRealm: (host: string) => boolean;

  constructor(
    { publicUrl, insecure }: { readonly publicUrl: string; readonly insecure: boolean },
    isOfRealm: (host: string) => boolean = () => false,
  ) {
    const { host, hostname } = new URL(publicUrl);
    this.#public = host;
    this.#isPublicLoopback = isLoopback(hostname);
    this.#takesAny = insecure;
    this.#isOfRealm = isOfRealm;
  }

  isNamedBy({ headers: { host = '' }, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): boolean {
    // Of two, a proxy may have gone by the one that Node does not look at (RFC 9112 §3.2).
    if (hasSecondHost(rawHeaders)) return false;
    if (this.#takesAny || host === this.#public) return true;
    return (this.#isPublicLoopback && isLoopback(host.replace(/:\d+$/, ''))) || this.#isOfRealm(host);
  }
}

/** Names and values in turn. */
const hasSecondHost = (rawHeaders: readonly string[]): boolean => {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
};

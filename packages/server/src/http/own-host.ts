import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './origin-rules.ts';

/** Which host names this server answers to: loopback names are one host for it, any other must be the public one (SEC-08, A062). */
export class OwnHost {
  readonly #public: string;
  readonly #isPublicLoopback: boolean;
  readonly #takesAny: boolean;

  constructor({ publicUrl, insecure }: { readonly publicUrl: string; readonly insecure: boolean }) {
    const { host, hostname } = new URL(publicUrl);
    this.#public = host;
    this.#isPublicLoopback = isLoopback(hostname);
    this.#takesAny = insecure;
  }

  isNamedBy({ headers: { host = '' } }: { readonly headers: IncomingHttpHeaders }): boolean {
    if (this.#takesAny || host === this.#public) return true;
    return this.#isPublicLoopback && isLoopback(host.replace(/:\d+$/, ''));
  }
}

import type { Session } from '../model/sessions.ts';
import type { BrowserKnownBy, BrowserOwner } from '../model/throttle.ts';
import type { JourneyRequest, PageCapability } from './journey-request.ts';

/** A request whose session another function gives; everything else is that of the request behind it. */
export class ForwardedRequest implements JourneyRequest {
  readonly #request: JourneyRequest;
  readonly #session: () => Session | undefined;

  constructor(request: JourneyRequest, session: () => Session | undefined) {
    this.#request = request;
    this.#session = session;
  }

  get session(): Session | undefined {
    return this.#session();
  }

  header(name: string): string | undefined {
    return this.#request.header(name);
  }

  headerCount(name: string): number {
    return this.#request.headerCount(name);
  }

  get headers() {
    return this.#request.headers ?? {};
  }

  get signInHeaders() {
    return this.#request.signInHeaders ?? {};
  }

  get parameters() {
    return this.#request.parameters ?? {};
  }

  get cookies() {
    return this.#request.cookies ?? {};
  }

  get locales() {
    return this.#request.locales;
  }

  get clientAddress() {
    return this.#request.clientAddress;
  }

  browserKnownTo(owner: BrowserOwner, by: BrowserKnownBy): string | undefined {
    return this.#request.browserKnownTo?.(owner, by);
  }

  get canBecomeKnown(): boolean {
    return this.#request.canBecomeKnown === true;
  }

  pageCan(capability: PageCapability): boolean {
    return this.#request.pageCan?.(capability) === true;
  }

  get transactionId() {
    return this.#request.transactionId;
  }
}

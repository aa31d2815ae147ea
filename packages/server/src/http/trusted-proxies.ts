import type { IncomingMessage } from 'node:http';
import { all as addressesOf, compile } from '@fastify/proxy-addr';

type IsTrusted = (address: string, hop: number) => boolean;

/** Proxies whose headers are believed; which these are may change while requests are served (OPS-59). */
export class TrustedProxies {
  readonly #ranges: () => readonly string[];
  #compiled: { readonly ranges: readonly string[]; readonly isTrusted: IsTrusted | undefined };

  constructor(ranges: () => readonly string[]) {
    this.#ranges = ranges;
    this.#compiled = compiled(ranges());
  }

  get #isTrusted(): IsTrusted | undefined {
    const ranges = this.#ranges();
    if (this.#compiled.ranges !== ranges) this.#compiled = compiled(ranges);
    return this.#compiled.isTrusted;
  }

  /** Whether it is one of them, so many hops away. */
  trusts(address: string, hop: number): boolean {
    return this.#isTrusted?.(address, hop) === true;
  }

  /** Whether one of them has sent that request. */
  haveSent({ socket }: IncomingMessage): boolean {
    return this.trusts(socket.remoteAddress ?? '', 0);
  }

  /** The address of the caller, as far as they tell. */
  clientOf(request: IncomingMessage): string {
    const own = request.socket.remoteAddress ?? '';
    const isTrusted = this.#isTrusted;
    return isTrusted === undefined ? own : (addressesOf(request, isTrusted).at(-1) ?? own);
  }
}

const compiled = (ranges: readonly string[]) => ({
  ranges,
  isTrusted: ranges.length === 0 ? undefined : compile([...ranges]),
});

import type { PageCall, PageReply } from '@assent/wire';
import { parseAddress } from '../http/address.ts';
import { type Call, realmOfCall } from '../http/call.ts';
import { errorAnswer } from '../http/error-answer.ts';
import type { HttpCall } from '../http/http-call.ts';
import type { RouteTable } from '../http/route-table.ts';
import { parseStrictJson } from '../http/strict-json.ts';
import { textOf } from '../http/write-answer.ts';
import type { Logger } from '../platform/log.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';

export interface PageCallsOptions {
  readonly publicUrl: string;
  readonly routes: RouteTable;
  readonly configuration: Pick<LiveConfiguration, 'realm' | 'realmPathOf'>;
  readonly log: Logger;
}

/** Calls that a page makes to our own API while the server renders it, for one visitor. */
export interface PageCalls {
  call(call: PageCall): Promise<PageReply | undefined>;
  /** What the answers set; the page sets it instead of them. */
  readonly cookies: readonly string[];
}

/** Answers such calls by the handlers of the API itself, with the headers and cookies of whoever asks for the page. */
export const pageCalls = (
  { publicUrl, routes, configuration, log }: PageCallsOptions,
  visit: HttpCall,
  renderMode: NonNullable<Call['renderMode']>,
): PageCalls => {
  const cookies: string[] = [];
  const { request, response, transactionId, clientAddress, isFromTrustedProxy } = visit;
  const prefix = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/json/`;
  return {
    cookies,
    async call({ url, body }) {
      const { pathname, search } = new URL(url);
      const address = parseAddress(prefix, `${pathname}${search}`);
      const match = address && routes.find('POST', address.resource);
      if (address === undefined || match === undefined || 'allowed' in match) {
        throw new TypeError(`A page calls ${pathname}, which the API does not have.`);
      }
      const realmPath = configuration.realmPathOf(address.realmPath);
      const told = { 'x-transaction-id': transactionId };
      try {
        const answer = await match.handler({
          request,
          response,
          clientAddress,
          isFromTrustedProxy,
          realmPath,
          realm: realmOfCall(configuration, realmPath),
          names: match.names,
          query: address.query,
          body: parseStrictJson(body),
          transactionId,
          isFromListedOrigin: false,
          renderMode,
        });
        if (answer === undefined) return undefined;
        cookies.push(...[answer.headers?.['set-cookie'] ?? []].flat());
        return { status: answer.status, headers: told, body: textOf(answer.body) };
      } catch (error) {
        const { status, headers, body: refusal } = errorAnswer(error, transactionId, log);
        return { status, headers: { ...told, ...headers }, body: textOf(refusal) };
      }
    },
  };
};

import { JourneyError, type Journeys } from '@assent/engine';
import { pushMessageId } from '@assent/nodes';
import { type RequestWatchDependencies, watchRequest } from '@assent/push';
import { errorBody } from '@assent/wire';
import type { AuthIdSigner } from '../auth-id-signer.ts';
import { type Answer, type Call, header, type Routes } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import { JSON_HEADERS } from '../http/security-headers.ts';
import type { Logger } from '../log.ts';
import { presentedAuthId } from './presented-auth-id.ts';

export interface WaitStreamRoutesOptions {
  readonly journeys: Pick<Journeys, 'standing'>;
  readonly signer: AuthIdSigner;
  readonly cookies: Cookies;
  readonly watch: RequestWatchDependencies;
  /** Calls `action` every so many milliseconds; the result ends that. */
  every(millis: number, action: () => void): () => void;
  readonly log: Logger;
  /** Functions that end the open streams; the server calls them when it stops. */
  readonly streams: Set<() => void>;
  /** How many streams one server holds. Above it a page polls, as every other client does. */
  readonly most?: number;
}

const MOST_STREAMS = 10_000;
/** A journey waits in one tab. A second one may be open by a slip; more are no person. */
const MOST_PER_JOURNEY = 4;
/** A comment this often keeps proxies from closing a quiet stream, and finds what a lost hint hid. */
const KEEP_ALIVE_MILLIS = 15_000;
/** Seconds until a page may try again what the cap refused. */
const RETRY_AFTER = '30';

const refused = (status: number, message: string, headers?: Answer['headers']): Answer => ({
  status,
  body: errorBody(status, message),
  ...(headers && { headers }),
});

/**
 * Where our login page waits for the phone, instead of polling (design.md §3 decision 4, docs/adr/0015). The event says
 * only that it is time to submit the step: `ready`, `expired` or `withdrawn`, without data.
 */
export const waitStreamRoutes = (options: WaitStreamRoutesOptions): Routes => {
  const { journeys, signer, cookies, watch, every, log, streams, most = MOST_STREAMS } = options;
  const openByJourney = new Map<string, number>();
  let open = 0;

  return {
    'GET authenticate/wait': async (call) => {
      const { request } = call;
      if (header(request, 'x-assent-page') === undefined) return refused(404, 'Not Found');
      const site = header(request, 'sec-fetch-site');
      if (site !== undefined && site !== 'same-origin') return refused(403, 'Only our own pages wait here.');
      const authId = header(request, 'x-assent-authid');
      if (authId === undefined || authId === '') {
        throw new JourneyError('REQUEST_INVALID', {
          why: 'The header X-Assent-AuthId with the authId of a step is missing.',
        });
      }
      const reference = presentedAuthId(call, authId, { signer, cookies });
      const standing = await journeys.standing({ realm: call.realmPath, reference });
      const awaited = standing?.shared[pushMessageId.keyName];
      if (standing === undefined || typeof awaited !== 'string') return refused(404, 'This step waits for no phone.');
      const { journeyId } = standing;
      if (open >= most) return refused(503, 'Very busy. Poll the step instead.', { 'retry-after': RETRY_AFTER });
      if ((openByJourney.get(journeyId) ?? 0) >= MOST_PER_JOURNEY) {
        return refused(429, 'This sign-in waits in too many places. Poll the step instead.', {
          'retry-after': RETRY_AFTER,
        });
      }
      stream(call, journeyId, awaited);
      return undefined;
    },
  };

  /** Server-sent events (WHATWG HTML §9.2): one, and then the end. */
  function stream({ response, transactionId }: Call, journeyId: string, awaited: string): void {
    // A connection that was lost meanwhile does not say so again: its stream would never end.
    if (response.destroyed) return;
    response.writeHead(200, {
      ...JSON_HEADERS,
      'x-transaction-id': transactionId,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    open += 1;
    openByJourney.set(journeyId, (openByJourney.get(journeyId) ?? 0) + 1);
    let isOpen = true;
    const end = (last: string) => {
      if (!isOpen) return;
      isOpen = false;
      open -= 1;
      const left = (openByJourney.get(journeyId) ?? 1) - 1;
      if (left === 0) openByJourney.delete(journeyId);
      else openByJourney.set(journeyId, left);
      endKeepAlive();
      watching.close();
      streams.delete(stop);
      response.end(last);
    };
    // A page that comes back finds another server, or this one after its start.
    const stop = () => end('retry: 1000\n\n');
    streams.add(stop);
    response.on('close', stop);
    response.write(': open\n\n');
    const watching = watchRequest(watch, awaited, {
      onNews: (news) => end(`event: ${news}\ndata: {}\n\n`),
      onError: (cause) => log.warn({ transactionId, err: cause }, 'A request that a page waits for could not be read.'),
    });
    const endKeepAlive = every(KEEP_ALIVE_MILLIS, () => {
      response.write(': still here\n\n');
      watching.refresh();
    });
  }
};

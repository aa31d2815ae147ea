import { JourneyError, type Journeys } from '@assent/engine';
import { pushMessageId } from '@assent/nodes';
import { errorBody } from '@assent/wire';
import type { AuthIdSigner } from '../auth-id-signer.ts';
import { type Answer, header, type Routes } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import { JSON_HEADERS } from '../http/security-headers.ts';
import type { PhoneWaits } from './phone-waits.ts';
import { presentedAuthId } from './presented-auth-id.ts';

export interface WaitStreamRoutesOptions {
  readonly journeys: Pick<Journeys, 'standing'>;
  readonly signer: AuthIdSigner;
  readonly cookies: Cookies;
  readonly waits: PhoneWaits;
}

/** Seconds until a page may try again what was refused. */
const RETRY_AFTER = '30';
const NO_PLACE = {
  full: [503, 'Very busy. Poll the step instead.'],
  'too-many-of-journey': [429, 'This sign-in waits in too many places. Poll the step instead.'],
} as const;

const refused = (status: number, message: string, headers?: Answer['headers']): Answer => ({
  status,
  body: errorBody(status, message),
  ...(headers && { headers }),
});

/**
 * Where our login page waits for the phone, instead of polling (design.md §3 decision 4, docs/adr/0015). The event says
 * only that it is time to submit the step: `ready`, `expired` or `withdrawn`, without data.
 */
export const waitStreamRoutes = ({ journeys, signer, cookies, waits }: WaitStreamRoutesOptions): Routes => ({
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
    const refusal = waits.refusal(journeyId);
    if (refusal !== undefined) {
      const [status, message] = NO_PLACE[refusal];
      return refused(status, message, { 'retry-after': RETRY_AFTER });
    }
    // Server-sent events (WHATWG HTML §9.2): one, and then the end.
    waits.hold({
      response: call.response,
      headers: {
        ...JSON_HEADERS,
        'x-transaction-id': call.transactionId,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
      transactionId: call.transactionId,
      journeyId,
      awaited,
      begin: ': open\n\n',
      comment: ': still here\n\n',
      // A page that comes back finds another server, or this one after its start.
      last: (news) => (news === undefined ? 'retry: 1000\n\n' : `event: ${news}\ndata: {}\n\n`),
    });
    return undefined;
  },
});

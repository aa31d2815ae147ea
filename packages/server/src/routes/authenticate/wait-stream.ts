import type { Random } from '@assent/engine';
import { comeBackSoon } from '../../bounds/come-back.ts';
import { header, type Routes, refuse } from '../../http/call.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { PhoneWaits } from '../../journeys/phone-waits.ts';
import { type AwaitedStepOptions, awaitedStep } from './awaited-step.ts';

export interface WaitStreamRoutesOptions extends AwaitedStepOptions {
  readonly waits: PhoneWaits;
  readonly random: Pick<Random, 'int'>;
}

/** Seconds until a page may try again what was refused. */
const RETRY_AFTER = '30';
const NO_PLACE = {
  full: [503, 'Very busy. Poll the step instead.'],
  'too-many-of-source': [429, 'Too many sign-ins wait at this address. Poll the step instead.'],
  'too-many-of-owner': [429, 'This sign-in waits in too many places. Poll the step instead.'],
} as const;

/**
 * Where our login page waits for the phone, instead of polling (design.md §3 decision 4, docs/adr/0015). The event says
 * only that it is time to submit the step: `ready`, `expired`, `withdrawn` or `unreachable`, without data. A page that shows already that
 * no phone is rung says so, and hears of the others (OPS-49).
 */
export const waitStreamRoutes = ({ waits, random, ...options }: WaitStreamRoutesOptions): Routes => ({
  'GET authenticate/wait': async (call) => {
    const authId = header(call.request, 'x-assent-authid');
    const step = await awaitedStep(call, { authId, from: 'header X-Assent-AuthId' }, options);
    if ('refusal' in step) return step.refusal;
    const { journeyId, request: awaited, identifiedUser } = step;
    const refusal = waits.refusal(journeyId, call.clientAddress);
    if (refusal !== undefined) {
      const [status, message] = NO_PLACE[refusal];
      return { ...refuse(status, message), headers: { 'retry-after': RETRY_AFTER } };
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
      realm: call.realmPath,
      journeyId,
      clientAddress: call.clientAddress,
      awaited,
      identifiedUser,
      hearsOfDeadAddresses: header(call.request, 'x-assent-told') !== 'unreachable',
      begin: ': open\n\n',
      comment: ': still here\n\n',
      // A page that comes back finds another server, or this one after its start.
      last: (news) => (news === undefined ? comeBackSoon(random) : `event: ${news}\ndata: {}\n\n`),
    });
    return undefined;
  },
});

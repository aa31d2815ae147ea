import { JourneyError } from '@assent/engine';
import type { Journeys } from '@assent/engine/host';
import { pushMessageId } from '@assent/nodes';
import type { AuthIdSigner } from '../../authentication/auth-id-signer.ts';
import { presentedAuthId } from '../../authentication/presented-auth-id.ts';
import { type Answer, type Call, fetchSiteOf, header, refuse } from '../../http/call.ts';
import type { Cookies } from '../../http/cookies.ts';

export interface AwaitedStepOptions {
  readonly journeys: Pick<Journeys, 'status'>;
  readonly signer: AuthIdSigner;
  readonly cookies: Cookies;
}

/** The request to a phone that a step waits for. */
export interface AwaitedRequest {
  readonly journeyId: string;
  readonly request: string;
  readonly identifiedUser: string | undefined;
}

/**
 * What only our login page may ask about (docs/adr/0015): the request of a step that waits, from our own origin and with an authId
 * that would not be refused if the step was answered; `from` says where that stands. Changes nothing.
 */
export const awaitedStep = async (
  call: Call,
  { authId, from }: { readonly authId: unknown; readonly from: string },
  { journeys, signer, cookies }: AwaitedStepOptions,
): Promise<AwaitedRequest | { readonly refusal: Answer }> => {
  const { request } = call;
  if (header(request, 'x-assent-page') === undefined) return { refusal: refuse(404, 'Not Found') };
  const site = fetchSiteOf(request.headers);
  if (site !== undefined && site !== 'same-origin') return { refusal: refuse(403, 'Only our own pages wait here.') };
  if (typeof authId !== 'string' || authId === '') {
    throw new JourneyError('REQUEST_INVALID', { reason: `The ${from} with the authId of a step is missing.` });
  }
  const presented = presentedAuthId(call, authId, { signer, cookies });
  const reference = presented instanceof Promise ? await presented : presented;
  const journeyStatus = await journeys.status({ realm: call.realmPath, reference });
  const awaited = journeyStatus?.shared[pushMessageId.keyName];
  if (journeyStatus === undefined || typeof awaited !== 'string') {
    return { refusal: refuse(404, 'This step waits for no phone.') };
  }
  const { journeyId, identifiedUser } = journeyStatus;
  return { journeyId, request: awaited, identifiedUser };
};

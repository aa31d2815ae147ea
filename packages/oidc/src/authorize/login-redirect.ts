import type { CheckedRequest } from '../checks/checked-request.ts';
import { SINCE } from '../checks/freshness.ts';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import type { LoginRequest, ProviderPorts } from '../provider-ports.ts';
import { sourceMark } from '../token/source-digest.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';
import { park } from './park.ts';
import type { SignInVerdict } from './sign-in.ts';

export interface LoginRedirectContext {
  readonly ports: ProviderPorts;
  readonly provider: ProviderSettings;
  readonly marks: RequestMarks;
  readonly http: OAuthRequest;
}

/** More than that would not come back: addresses that lead on from a login have an end. */
const MAX_REQUEST_LENGTH = 1_500;

const queryOf = (parameters: Parameters): string =>
  new URLSearchParams(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();

/** How long somebody may take to sign in. */
const MAX_LOGIN_MILLIS = 3_600_000;

/** A request that is too long to lead back by itself waits as one that was pushed. Anybody can make one, so it counts by where it comes from. */
const shortened = async (request: CheckedRequest, { ports, http }: LoginRedirectContext): Promise<Parameters> => {
  const { address, parkedIdHash, prompts } = request;
  if (queryOf(address).length <= MAX_REQUEST_LENGTH) return address;
  // One that was pushed waits already, for its own time and for one code: nothing else of its address counts (RFC 9126 §4).
  if (parkedIdHash !== undefined) {
    const { client_id, request_uri } = address;
    return { client_id, request_uri, ...(prompts.size > 0 && { prompt: [...prompts].join(' ') }) };
  }
  const source = sourceMark(ports, http);
  const uri = await park(request.client, request.parameters, { ports, lifetime: MAX_LOGIN_MILLIS, source });
  return { client_id: request.client.id, request_uri: uri };
};

/** The login page that stands in the place of ours, if there is one. */
export const templateOf = (
  client: OAuthClient | undefined,
  provider: ProviderSettings,
): Pick<LoginRequest, 'template'> => {
  const template = client?.loginTemplate ?? provider.loginTemplate;
  return template === undefined ? {} : { template };
};

/** Sends the browser to the login page, which leads back to this very request, marked with the time (OIDC-10). */
export const loginRedirect = async (
  request: CheckedRequest,
  { isForced, tree }: Extract<SignInVerdict, { kind: 'login' }>,
  context: LoginRedirectContext,
): Promise<OAuthAnswer> => {
  const { ports, provider, marks } = context;
  const address = await shortened(request, context);
  const mark = marks.since(provider.realm, address, ports.clock.now());
  const location = ports.loginAddress({
    realm: provider.realm,
    goto: `${provider.issuer}/authorize?${queryOf({ ...address, [SINCE]: mark })}`,
    isForced,
    isPopup: request.isPopup,
    ...(tree !== undefined && { tree }),
    ...(request.locale !== undefined && { locale: request.locale }),
    ...(request.loginHint !== undefined && { loginHint: request.loginHint }),
    ...(request.acrValues.length > 0 && { acrValues: request.acrValues.join(' ') }),
    ...templateOf(request.client, provider),
  });
  return { kind: 'redirect', location };
};

import { isPast } from '@assent/engine/host';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import { type Check, type CheckContext, type Prompt, wordsOf } from './checked-request.ts';

const PROMPTS: ReadonlyMap<string, Prompt> = new Map([
  ['none', 'none'],
  ['login', 'login'],
  ['consent', 'consent'],
  // Whom one is, is for the login page to ask.
  ['select_account', 'login'],
]);

/** `prompt`: `none` stands alone (OpenID Connect Core §3.1.2.1). */
export const prompt: Check = ({ parameters }) => {
  const prompts = new Set<Prompt>();
  for (const word of wordsOf(parameters.prompt)) {
    const known = PROMPTS.get(word);
    if (known === undefined) throw new OAuthError('invalid_request', { description: 'The prompt is not supported.' });
    prompts.add(known);
  }
  if (prompts.has('none') && prompts.size > 1) {
    throw new OAuthError('invalid_request', { description: 'prompt=none goes with no other.' });
  }
  return { prompts };
};

/** `max_age`: seconds; what the client always wants where the request says none. */
export const maxAge: Check = ({ client, parameters }) => {
  const { max_age: asked } = parameters;
  if (asked === undefined) return client.defaultMaxAge === undefined ? {} : { maxAge: client.defaultMaxAge };
  if (!/^\d{1,9}$/.test(asked)) {
    throw new OAuthError('invalid_request', { description: 'The max_age must be a number of seconds.' });
  }
  return { maxAge: Number(asked) };
};

/** How long somebody may take to sign in: a mark that is older says nothing of who is there now. */
const MAX_SINCE_MILLIS = 3_600_000;

/** The parameter that the way back from the login page carries. */
export const SINCE = 'x_since';

/** Since when a browser was away to sign in for this very request, by the mark that it brings back; undefined without a good one. */
export const sinceOf = (
  { marks, ports }: Pick<CheckContext, 'marks'> & { readonly ports: Pick<CheckContext['ports'], 'clock'> },
  realm: string,
  request: Parameters,
  mark: string,
): number | undefined => {
  const at = marks.readSince(realm, request, mark);
  const now = ports.clock.now();
  return at !== undefined && isPast(at, now) && now - at < MAX_SINCE_MILLIS ? at : undefined;
};

/** Whether the browser comes back from signing in for this very request, as it was, and since when it was away (OIDC-10). */
export const since: Check = ({ client, parameters }, context) => {
  const { [SINCE]: mark, ...request } = parameters;
  if (mark === undefined) return {};
  const at = sinceOf(context, client.realm, request, mark);
  return { parameters: request, address: request, ...(at !== undefined && { since: at }) };
};

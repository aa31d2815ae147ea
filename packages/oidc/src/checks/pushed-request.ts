import { createHash } from 'node:crypto';
import { OAuthError } from '../protocol/errors.ts';
import { type Check, wordsOf } from './checked-request.ts';

/** RFC 9126 §2.2; the part after it is the secret that the row is found by. */
export const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:';

export const parkedIdHashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/**
 * `request_uri`: the request is the one that the same client has pushed, as it was checked then; what else the address says does not
 * count (RFC 9126 §4). Only `prompt` does where the pushed one has none, since an official client asks for a silent answer
 * that way (spec: oidc §4.1).
 */
export const pushedRequest: Check = async ({ client, parameters }, { ports }) => {
  const { request_uri: uri } = parameters;
  // One that is none of ours stays where it is, and is refused as soon as it is known where that can be told.
  if (uri?.startsWith(REQUEST_URI_PREFIX) !== true) return {};
  const idHash = parkedIdHashOf(uri.slice(REQUEST_URI_PREFIX.length));
  const parked = await ports.parkedRequests.get(idHash);
  const isTheirs = parked?.realm === client.realm && parked.clientId === client.id;
  if (parked === undefined || !isTheirs || parked.expiresAt <= ports.clock.now()) return {};
  const pushed: Readonly<Record<string, string>> = JSON.parse(parked.request);
  const { prompt } = parameters;
  const isSilent = wordsOf(pushed.prompt).length === 0 && prompt !== undefined;
  return { parkedIdHash: idHash, parameters: isSilent ? { ...pushed, prompt } : pushed };
};

/** Refuses what was not pushed where the client, or the provider, takes nothing else (RFC 9126 §5, §6). */
export const onlyPushed: Check = ({ client, parkedIdHash }, { provider }) => {
  const isNeeded = client.requiresPar || provider.requiresPar;
  if (!isNeeded || parkedIdHash !== undefined) return {};
  throw new OAuthError('invalid_request', { description: 'The client must push its requests to /par first.' });
};

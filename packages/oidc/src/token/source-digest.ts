import { sourceOf } from '@assent/engine/host';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';

/** What is kept of where a request comes from: addresses are few enough to try them all, so a key of the server stands behind it. */
export const sourceMark = (
  { digestOfSecret }: Pick<ProviderPorts, 'digestOfSecret'>,
  { clientAddress }: Pick<OAuthRequest, 'clientAddress'>,
): string => Buffer.from(digestOfSecret(`source\n${sourceOf(clientAddress)}`)).toString('base64url');

import { AddressRefused } from '../../outbound/address-guard.ts';
import type { DeliveryFailed } from '../push-transport.ts';
import { asCause } from './provider-answer.ts';
import type { FailedTry } from './tries.ts';

/** A provider's no, judged by whoever knows its words. */
export class ProviderSaidNo extends Error {
  override readonly name = 'ProviderSaidNo';
  readonly judged: FailedTry;

  constructor(judged: FailedTry) {
    super(judged.failure.cause);
    this.judged = judged;
  }
}

/** Only the phone can mend it, by a new token (REL-09). */
export const deadAddress = (cause: string): FailedTry => ({
  failure: { status: 'failed', permanent: true, cause, blame: 'address' },
  mayPass: false,
});

/** Only whoever administers the realm can mend it. */
export const wrongSettings = (cause: string): FailedTry => ({
  failure: { status: 'failed', permanent: false, cause, blame: 'credentials' },
  mayPass: false,
});

/** The provider cannot now, and may soon. */
export const providerDown = (cause: string, retryAfterMillis?: number): FailedTry => ({
  failure: {
    status: 'failed',
    permanent: false,
    cause,
    blame: 'provider',
    ...(retryAfterMillis !== undefined && { retryAfterMillis }),
  },
  mayPass: true,
});

/** What is refused is this one message: nothing else is wrong, and to send it again would be no use. */
export const refusedMessage = (cause: string): FailedTry => ({
  failure: { status: 'failed', permanent: false, cause },
  mayPass: false,
});

/** How a call that had no answer is judged, and one that a provider has refused. */
export const judgeFailure = (error: unknown): FailedTry => {
  if (error instanceof ProviderSaidNo) return error.judged;
  if (error instanceof AddressRefused) return wrongSettings('EndpointNotAllowed');
  const cause = causeOf(error);
  // A mistake of ours does not pass by itself.
  return error instanceof TypeError || error instanceof RangeError ? refusedMessage(cause) : providerDown(cause);
};

/** Of a broken connection only the code says what it was. */
const causeOf = (error: unknown): DeliveryFailed['cause'] => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return asCause(typeof code === 'string' ? code : error instanceof Error ? error.name : 'Unknown');
};

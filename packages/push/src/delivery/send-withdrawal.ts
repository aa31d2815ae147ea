import type { Clock } from '@assent/engine';
import { signHs256 } from '../jose/index.ts';
import type { DeviceReader } from '../model/devices.ts';
import type { Withdrawal } from '../model/withdrawals.ts';
import { withdrawalClaims } from '../protocol/index.ts';
import type { ProviderCalls } from './provider-calls.ts';
import type { PushTransports, SendResult } from './push-transport.ts';

export interface WithdrawalDependencies {
  readonly devices: Pick<DeviceReader, 'get'>;
  readonly transports: Pick<PushTransports, 'find'>;
  /** Shared with the dispatcher: a push service that takes no messages is asked to take no withdrawals either (OPS-45). */
  readonly calls: Pick<ProviderCalls, 'send'>;
  readonly clock: Clock;
}

/** What came of a try to take a notification back; `needless` says why nothing was sent, and nothing is to be. */
export type WithdrawalResult = SendResult | { readonly status: 'needless'; readonly cause: string };

/**
 * Tells a phone that it was rung for nothing (OPS-43). It goes the way of the request, to the address that the phone has by now, signed by
 * its key, and under the id of the request: so a push service that still holds the request delivers the withdrawal in its place
 * (RFC 8030 §5.4), and a phone finds the notification by it.
 */
export const sendWithdrawal = async (
  { devices, transports, calls, clock }: WithdrawalDependencies,
  { messageId, deviceUuid, expiresAt }: Withdrawal,
): Promise<WithdrawalResult> => {
  if (expiresAt <= clock.now()) return { status: 'needless', cause: 'RunOut' };
  const device = await devices.get(deviceUuid);
  if (device === undefined) return { status: 'needless', cause: 'PhoneGone' };
  const { realm, communicationType, communicationId, mechanismUid, secret } = device;
  const transport = transports.find(realm, communicationType, communicationId);
  // Its user may have turned notifications off meanwhile: then it listens to the relay, which has told it.
  if (communicationType !== 'webpush' || transport === undefined) return { status: 'needless', cause: 'NotRung' };
  return calls.send(transport, realm, {
    communicationType,
    communicationId,
    messageId,
    jwt: signHs256(withdrawalClaims({ mechanismUid, messageId }), secret),
    text: '',
    pushType: 'DEFAULT',
    expiresAt,
  });
};

import { requestHint } from '../delivery/hints.ts';
import { answerChallenge, checkEcPublicKey, openHs256, sameBytes } from '../jose/index.ts';
import type { MessageChange, PushMessage, RegistrationClaims } from '../model/messages.ts';
import { parseMessageBody, parseRegistrationClaims, type RegistrationAccepted } from '../protocol/index.ts';
import type { PhoneCall, PhoneReply } from './phone-call.ts';
import {
  ACCEPTED,
  answerHash,
  auditRepeat,
  type CeremonyDependencies,
  countBadProof,
  isRepeat,
  messageAudit,
  refusal,
  untilCommitted,
  verifyInVain,
} from './phone-ceremony.ts';

/** A phone that scanned a code (spec/push-protocol.md §2.2, in that order). */
export async function answerRegistration(ceremony: CeremonyDependencies, call: PhoneCall): Promise<PhoneReply> {
  const body = parseMessageBody(call.body);
  if (!body.ok) return refusal(body.reason);
  const { messageId, type, jwt } = body.value;
  if (type !== 'REGISTER') return refusal('the message is of another type');
  return untilCommitted(() => decide(ceremony, call, messageId, jwt));
}

async function decide(
  ceremony: CeremonyDependencies,
  call: PhoneCall,
  messageId: string,
  jwt: string,
): Promise<PhoneReply | 'lost the race'> {
  const { messages, transports, clock } = ceremony;
  const now = clock.now();
  const row = await messages.get(messageId);
  const hash = answerHash(jwt);
  const secret = row?.kind === 'REGISTER' && row.realm === call.realm && now < row.expiresAt ? row.secret : undefined;
  if (row === undefined || secret === undefined) {
    verifyInVain(ceremony, jwt, now);
    return refusal(row === undefined ? 'no such message' : 'the message is expired, or of another realm');
  }
  if (isRepeat(row, hash, now)) {
    await auditRepeat(ceremony, call, row, now, 'PUSH_DUPLICATE', 'register');
    return ACCEPTED;
  }

  const opened = openHs256(jwt, secret, { now });
  if (!opened.ok) return countBadProof(ceremony, row, now, opened.reason);
  const answer = parseRegistrationClaims(opened.claims, transports.served(call.realm));
  // Signed by whoever scanned the code: no guess, so it is not counted, and the code stays good for a better phone.
  if (!answer.ok)
    return refusal(withMissingSetting(ceremony, call.realm, opened.claims.communicationType, answer.reason));
  if (!sameBytes(answer.value.response, answerChallenge(secret, row.challenge))) {
    return countBadProof(ceremony, row, now, 'response is wrong');
  }
  if (row.state !== 'pending') {
    await auditRepeat(ceremony, call, row, now, 'REG_REPLAY', row.state);
    return refusal(`the message is ${row.state}`);
  }
  if (answer.value.deny) return settle(ceremony, call, row, hash, { state: 'denied', reason: 'denied' });
  const { xKey } = answer.value;
  const point = xKey && checkEcPublicKey(xKey);
  if (point?.ok === false) return refusal(point.reason);
  return claim(ceremony, call, row, hash, answer.value);
}

/** The provider comes last: nobody makes it work without a right answer. Its no leaves the code scannable. */
async function claim(
  ceremony: CeremonyDependencies,
  call: PhoneCall,
  row: PushMessage,
  hash: string,
  { mechanismUid, deviceId, deviceName, deviceType, communicationType, xKey }: RegistrationAccepted,
): Promise<PhoneReply | 'lost the race'> {
  const transport = ceremony.transports.find(call.realm, communicationType);
  if (transport === undefined) return refusal(ceremony.transports.missing(call.realm, communicationType));
  const address = await transport.register(deviceId, communicationType);
  if (address.status === 'failed') return refusal(`the provider refused the phone: ${address.cause}`);
  const claims: RegistrationClaims = {
    mechanismUid,
    deviceId,
    ...(deviceName !== undefined && { deviceName }),
    deviceType,
    communicationType,
    communicationId: address.communicationId,
    ...(xKey !== undefined && { xKey }),
  };
  return settle(ceremony, call, row, hash, { state: 'approved', claims });
}

async function settle(
  { committer, hints, clock }: CeremonyDependencies,
  call: PhoneCall,
  row: PushMessage,
  hash: string,
  outcome: Pick<Extract<MessageChange, { type: 'push.answer' }>, 'state' | 'reason' | 'claims'>,
): Promise<PhoneReply | 'lost the race'> {
  // A provider may have taken its time.
  const at = clock.now();
  const answer: MessageChange = { type: 'push.answer', id: row.id, at, answerHash: hash, ...outcome };
  const result = await committer.commit([answer, messageAudit(call, row, at, 'REG_CLAIM', outcome.state)]);
  if (!result.committed) return 'lost the race';
  hints.publish(requestHint(row.request));
  return ACCEPTED;
}

/** Says which setting is missing where a phone of an official app meets a realm without its provider. */
function withMissingSetting(
  { transports }: CeremonyDependencies,
  realm: string,
  communicationType: unknown,
  reason: string,
): string {
  if (communicationType !== 'gcm' && communicationType !== 'apns') return reason;
  return transports.find(realm, communicationType) === undefined
    ? transports.missing(realm, communicationType)
    : reason;
}

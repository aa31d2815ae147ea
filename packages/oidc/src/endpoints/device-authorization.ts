import { unchecked } from '../checks/checked-request.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { OAuthChange } from '../model/changes.ts';
import type { PendingApproval } from '../model/pending-approvals.ts';
import { type Endpoint, json, type OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import { asProvenClient, type ProvenClient } from '../token/client-proof.ts';
import { DEVICE_CODE, deviceCodeHash } from '../token/device-code.ts';
import type { TokenContext } from '../token/token-context.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';
import { newUserCode, shownUserCode, userCodeDigest } from './user-code.ts';

export interface DeviceContext extends TokenContext {
  readonly marks: RequestMarks;
}

const SECRET_BYTES = 32;
/** The code that somebody types may be another's by chance. */
const MAX_ROUNDS = 5;

/** A device that shows no login asks for codes: one for itself, and one for its user to type elsewhere (RFC 8628 §3.1). */
export const deviceAuthorizationEndpoint =
  (context: DeviceContext): Endpoint =>
  (http) =>
    asProvenClient(context.ports, http, (proven) => codesFor(context, http, proven));

const codesFor = async (
  context: DeviceContext,
  http: OAuthRequest,
  { client, proof, source }: ProvenClient,
): Promise<OAuthAnswer> => {
  const { ports } = context;
  const provider = ports.settings(http.realm);
  const isOn = provider.grantTypes.includes(DEVICE_CODE) && client.grantTypes.includes(DEVICE_CODE);
  if (!isOn) throw new OAuthError('unauthorized_client');
  const { scopes, acrValues } = await runChecks('device', unchecked(client, http.parameters), { ...context, provider });
  const { lifetime, interval, userCode: form } = provider.device;
  const at = ports.clock.now();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const deviceCode = Buffer.from(ports.random.bytes(SECRET_BYTES)).toString('base64url');
    const userCode = newUserCode(ports.random, form);
    const row: PendingApproval = {
      idHash: deviceCodeHash(deviceCode),
      kind: 'device',
      realm: client.realm,
      clientId: client.id,
      userCodeDigest: userCodeDigest(ports, client.realm, userCode),
      scopes,
      acrValues,
      status: 'pending',
      ...(source !== undefined && { source }),
      createdAt: at,
      nextPollAt: at,
      interval,
      expiresAt: at + lifetime,
    };
    // The trail tells of the decision: that a device has asked, anybody could write into it without end.
    const result = await proof.commit([{ type: 'pendingApproval.open', row, now: at } satisfies OAuthChange]);
    if (!result.committed) continue;
    const shown = shownUserCode(userCode);
    const address = `${provider.issuer}/device/user`;
    return json({
      device_code: deviceCode,
      user_code: shown,
      verification_uri: address,
      verification_uri_complete: `${address}?${new URLSearchParams({ user_code: shown })}`,
      expires_in: Math.floor(lifetime / 1_000),
      interval,
    });
  }
  throw new OAuthError('temporarily_unavailable', { detail: 'no user code was free' });
};

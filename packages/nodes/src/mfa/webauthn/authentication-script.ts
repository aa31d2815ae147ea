import { type AuthenticationRequest, challengeBytes, credentialsAsScript } from '@assent/factors';
import { byteArray, ceremonyScript, jsonValue, literal } from './ceremony-script.ts';

/** The sign-in with a passkey as a script, for a node that sends no metadata. @see spec: webauthn §3.3 */
export const authenticationScript = (request: AuthenticationRequest): string => {
  const allowed = credentialsAsScript(request.allowed);
  const mediation = request.mediation === undefined ? '' : `mediation: "${request.mediation}", `;
  return ceremonyScript({
    answer: [
      'legacyData = text(response.clientDataJSON) + "::" + decimals(response.authenticatorData);',
      'legacyData += "::" + decimals(response.signature) + "::" + credential.id;',
      'if (response.userHandle) legacyData += "::" + text(response.userHandle);',
    ],
    members: [
      `challenge: ${byteArray(challengeBytes(request.challenge))}`,
      `timeout: ${request.timeoutMillis}`,
      `userVerification: "${request.userVerification}"`,
      `rpId: ${literal(request.relyingPartyId)}`,
      `extensions: ${jsonValue(request.extensions)}`,
      ...(allowed === '' ? [] : [`allowCredentials: [${allowed}]`]),
    ],
    call: `navigator.credentials.get({ ${mediation}publicKey: publicKey })`,
  });
};

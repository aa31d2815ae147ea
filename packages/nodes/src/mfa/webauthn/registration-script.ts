import { challengeBytes, credentialsAsScript, parametersText, type RegistrationRequest } from '@assent/factors';
import { byteArray, ceremonyScript, jsonValue, literal } from './ceremony-script.ts';

/** The registration of a passkey as a script, for a node that sends no metadata. @see spec: webauthn §3.3 */
export const registrationScript = (request: RegistrationRequest): string => {
  const { relyingParty, user, selection, excluded } = request;
  const attachment = selection.attachment === undefined ? '' : `, authenticatorAttachment: "${selection.attachment}"`;
  const criteria = [
    `userVerification: "${selection.userVerification}"`,
    `requireResidentKey: ${selection.isResident}`,
    `residentKey: "${selection.isResident ? 'required' : 'discouraged'}"${attachment}`,
  ];
  const mediation = request.mediation === undefined ? '' : `mediation: "${request.mediation}", `;
  const exclusions = credentialsAsScript(excluded);
  return ceremonyScript({
    answer: [
      'legacyData = text(response.clientDataJSON) + "::" + decimals(response.attestationObject) + "::" + credential.id;',
    ],
    members: [
      `challenge: ${byteArray(challengeBytes(request.challenge))}`,
      `timeout: ${request.timeoutMillis}`,
      `attestation: "${request.attestation}"`,
      `authenticatorSelection: { ${criteria.join(', ')} }`,
      `rp: { id: ${literal(relyingParty.id)}, name: ${literal(relyingParty.name)} }`,
      `user: { id: Uint8Array.from(${literal(user.handle)}, function (sign) { return sign.charCodeAt(0); }), name: ${literal(
        user.name,
      )}, displayName: ${literal(user.displayName ?? user.name)} }`,
      `extensions: ${jsonValue(request.extensions)}`,
      `pubKeyCredParams: ${parametersText(request.algorithms)}`,
      ...(exclusions === '' ? [] : [`excludeCredentials: [${exclusions}]`]),
    ],
    call: `navigator.credentials.create({ ${mediation}publicKey: publicKey })`,
  });
};

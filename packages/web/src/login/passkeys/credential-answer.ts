/** What a browser gives for both ceremonies, as far as an answer needs it. */
export interface GivenCredential {
  readonly rawId: ArrayBuffer;
  readonly authenticatorAttachment?: string | null;
  readonly response: {
    readonly clientDataJSON: ArrayBuffer;
    readonly attestationObject?: ArrayBuffer;
    readonly authenticatorData?: ArrayBuffer;
    readonly signature?: ArrayBuffer;
    readonly userHandle?: ArrayBuffer | null;
  };
}

const NOTHING = new ArrayBuffer();

const signedBytes = (buffer: ArrayBuffer = NOTHING): string => new Int8Array(buffer).join(',');
const base64Url = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** The value of `webAuthnOutcome` in its JSON form. `name` is what a new passkey is called until its user says otherwise. @see spec: webauthn §4 */
export const credentialAnswer = (
  { rawId, response, authenticatorAttachment }: GivenCredential,
  name: string | undefined,
): string => {
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
  const parts =
    attestationObject === undefined
      ? [
          signedBytes(authenticatorData),
          signedBytes(signature),
          base64Url(rawId),
          ...(userHandle ? [base64Url(userHandle)] : []),
        ]
      : [signedBytes(attestationObject), base64Url(rawId), ...(name === undefined ? [] : [name])];
  return JSON.stringify({
    legacyData: [new TextDecoder().decode(clientDataJSON), ...parts].join('::'),
    ...(authenticatorAttachment && { authenticatorAttachment }),
  });
};

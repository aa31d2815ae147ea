/** What the server goes by when it offers a passkey; the names are the standard's. @see WebAuthn Level 3 §5.8.7 */
const ASKED_FOR = ['userVerifyingPlatformAuthenticator', 'conditionalCreate'] as const;

/** Which of them this browser says that it has. Never throws. */
export const pageCapabilities = async (): Promise<readonly string[]> => {
  try {
    const known: Readonly<Record<string, boolean>> =
      typeof PublicKeyCredential.getClientCapabilities === 'function'
        ? await PublicKeyCredential.getClientCapabilities()
        : { [ASKED_FOR[0]]: await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable() };
    return ASKED_FOR.filter((capability) => known[capability]);
  } catch {
    return [];
  }
};

import type { Device } from './account-client.ts';

/** Known to newer browsers alone (WebAuthn Level 3 §5.1.10.2). */
interface Signals {
  signalUnknownCredential?(credential: { readonly rpId: string; readonly credentialId: string }): Promise<void>;
}

/** Tells the browser that a passkey leads nowhere now, so that it offers it no more. Where that is not heard, nothing is lost. */
export const forgetPasskey = ({ credentialId, assent }: Pick<Device, 'credentialId' | 'assent'>): void => {
  if (typeof PublicKeyCredential === 'undefined' || credentialId === undefined || assent?.rpId === undefined) return;
  const signals: Signals = PublicKeyCredential;
  signals.signalUnknownCredential?.({ rpId: assent.rpId, credentialId }).catch(() => undefined);
};

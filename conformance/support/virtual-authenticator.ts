import type { CDPSession, Page } from 'playwright-core';

/** A passkey with its private key, as the browser hands it to tests. */
export interface VirtualCredential {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly privateKey: string;
  readonly rpId?: string;
  readonly userHandle?: string;
  readonly signCount: number;
}

/** An authenticator of the browser's own, as tests have it (Chrome DevTools Protocol, domain WebAuthn). */
export interface VirtualAuthenticator {
  /** Its user is there and touches it, or does not. */
  present(isPresent: boolean): Promise<void>;
  /** Its user proves to be that, by whatever the authenticator has for it, or fails to. */
  verified(isVerified: boolean): Promise<void>;
  credentials(): Promise<readonly VirtualCredential[]>;
  forget(credentialId: string): Promise<void>;
  /** Takes a passkey of another one. */
  take(credential: VirtualCredential): Promise<void>;
}

export interface AuthenticatorOptions {
  /** `internal` is part of the device, `usb` a key. */
  readonly transport?: 'internal' | 'usb';
  readonly protocol?: 'ctap2' | 'u2f';
  /** Whether it can keep a passkey, and prove who its user is. */
  readonly isPlain?: boolean;
}

/** Gives a page an authenticator whose user is there and is verified, until a test says otherwise. */
export const addAuthenticator = async (
  page: Page,
  { transport = 'internal', protocol = 'ctap2', isPlain = false }: AuthenticatorOptions = {},
): Promise<VirtualAuthenticator> => {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol,
      transport,
      hasResidentKey: !isPlain,
      hasUserVerification: !isPlain,
      isUserVerified: !isPlain,
      automaticPresenceSimulation: true,
    },
  });
  return {
    present: async (enabled) => {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    verified: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    forget: async (credentialId) => {
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
    },
    take: async (credential) => {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential });
    },
  };
};

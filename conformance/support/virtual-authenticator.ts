import type { CDPSession, Page } from 'playwright-core';

/** A passkey with its private key, as the browser hands it to tests. */
export interface VirtualCredential {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly privateKey: string;
  readonly rpId?: string;
  readonly userHandle?: string;
  readonly signCount: number;
  readonly backupEligibility?: boolean;
  readonly backupState?: boolean;
}

/** What an authenticator that is broken, or was taken over, answers. */
export interface BrokenAnswers {
  readonly isBogusSignature?: boolean;
  /** It does not say that it has verified its user, whatever it did. */
  readonly isBadUV?: boolean;
  /** It does not say that anybody was there. */
  readonly isBadUP?: boolean;
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
  /** It answers so from now on; rightly where nothing is given. */
  breaks(answers: BrokenAnswers): Promise<void>;
  /** It says from now on that a passkey may be copied, and that it was. */
  says(credentialId: string, backup: Pick<VirtualCredential, 'backupEligibility' | 'backupState'>): Promise<void>;
}

export interface AuthenticatorOptions {
  /** `internal` is part of the device, `usb` a key. */
  readonly transport?: 'internal' | 'usb';
  readonly protocol?: 'ctap2' | 'u2f';
  /** Whether it can keep a passkey that knows its user. */
  readonly keepsPasskeys?: boolean;
  /** Whether it can prove who its user is. */
  readonly verifiesUsers?: boolean;
}

/** The authenticators of a page are of one session: of another one's nobody is asked. */
const sessions = new WeakMap<Page, Promise<CDPSession>>();
const openSession = async (page: Page): Promise<CDPSession> => {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  return session;
};
const sessionOf = (page: Page): Promise<CDPSession> => {
  const session = sessions.get(page) ?? openSession(page);
  sessions.set(page, session);
  return session;
};

/** Gives a page an authenticator whose user is there and is verified, until a test says otherwise. */
export const addAuthenticator = async (
  page: Page,
  { transport = 'internal', protocol = 'ctap2', keepsPasskeys = true, verifiesUsers = true }: AuthenticatorOptions = {},
): Promise<VirtualAuthenticator> => {
  const session = await sessionOf(page);
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol,
      transport,
      hasResidentKey: keepsPasskeys,
      hasUserVerification: verifiesUsers,
      isUserVerified: verifiesUsers,
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
    breaks: async ({ isBogusSignature = false, isBadUV = false, isBadUP = false }) => {
      const bits = { isBogusSignature, isBadUV, isBadUP };
      await session.send('WebAuthn.setResponseOverrideBits', { authenticatorId, ...bits });
    },
    says: async (credentialId, backup) => {
      await session.send('WebAuthn.setCredentialProperties', { authenticatorId, credentialId, ...backup });
    },
  };
};

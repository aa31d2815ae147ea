/** How one account's server reaches this phone, and with what the phone answers. @see design.md §3.1 */
export interface PushPart {
  /** Our own id for the account, as the server repeats it in every message. */
  readonly mechanismUid: string;
  readonly deviceName: string;
  /** K: verifies messages and answers challenges. Cannot be read back. */
  readonly sharedKey: CryptoKey;
  /** The key that speaks for this phone. Its private half cannot be read back. */
  readonly deviceKey: CryptoKey;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly relayUrl: string;
  readonly userId: string | undefined;
  readonly channel: Channel;
  /** Whether its owner wants this account to ring here; it rings only where the browser can be rung at all. */
  readonly wantsRing: boolean;
  /** The issuer asked that the phone checks who holds it before each approval. */
  readonly demandsVerification: boolean;
  readonly lastAnswerAt: number | undefined;
}

/** Where the server sends messages: a relay that we ask, or a push subscription of this browser. */
export interface Channel {
  readonly type: 'relay' | 'webpush';
  /** A random id, or the JSON text of the subscription. */
  readonly deviceId: string;
}

/** How one-time codes are made. @see push-protocol.md §1.4 */
export type CodePart = {
  /** Cannot be read back. */
  readonly key: CryptoKey;
  readonly digits: 6 | 8;
} & (
  | { readonly type: 'totp'; readonly periodSeconds: number }
  | {
      readonly type: 'hotp';
      /** Of the next code. */
      readonly counter: number;
      readonly checksumDigit: boolean;
      readonly truncationOffset: number;
    }
);

/** One account of this phone: it answers sign-ins, makes codes, or does both. */
export interface Account {
  readonly id: string;
  readonly issuer: string;
  /** The user's name at the issuer. */
  readonly name: string;
  /** What its owner calls it here. */
  readonly label: string | undefined;
  /** `#rrggbb` of the issuer. */
  readonly colour: string | undefined;
  readonly addedAt: number;
  /** Accounts are listed by it, smallest first. */
  readonly position: number;
  readonly push: PushPart | undefined;
  readonly codes: CodePart | undefined;
}

/** An account that answers sign-ins. */
export type PushAccount = Account & { readonly push: PushPart };

/** Whether the account answers sign-ins. */
export const answersSignIns = (account: Account): account is PushAccount => account.push !== undefined;

/** What its owner calls an account: the own name, else the issuer's. */
export const titleOf = ({ label, issuer }: Pick<Account, 'label' | 'issuer'>): string => label ?? issuer;

import { createHash } from 'node:crypto';

/** As the server stores a token. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Shorter ones are found in any text. */
const MIN_SECRET = 8;

interface SignedIn {
  readonly transaction: string;
  readonly message: string | undefined;
  readonly code: string | undefined;
}

/** What the attackers of a run know to have happened: against it the invariants hold what is stored. */
export class Witness {
  readonly #legal = new Set<string>();
  readonly #signedIn: SignedIn[] = [];
  readonly #connected = new Map<string, number>();
  readonly #denied = new Set<string>();
  readonly #secrets = new Set<string>();
  readonly #decisions: { readonly transaction: string; readonly event: string }[] = [];

  /** Hashes of all sessions that somebody may have (I1). */
  get legalSessions(): ReadonlySet<string> {
    return this.#legal;
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** How many phones each person was told to have connected. */
  get connectedPhones(): ReadonlyMap<string, number> {
    return this.#connected;
  }

  /** Messages that a phone was told to have denied. */
  get deniedMessages(): ReadonlySet<string> {
    return this.#denied;
  }

  legal(token: string): void {
    this.#legal.add(hashOf(token));
    this.keep(token);
  }

  signedIn(token: string, transaction: string, by: { readonly message?: string; readonly code?: string }): void {
    this.legal(token);
    this.#signedIn.push({ transaction, message: by.message, code: by.code });
    this.decided(transaction, 'SESSION_CREATE');
  }

  connected(user: string): void {
    this.#connected.set(user, (this.#connected.get(user) ?? 0) + 1);
  }

  denied(messageId: string): void {
    this.#denied.add(messageId);
  }

  /** Notes what may be written nowhere. */
  keep(secret: string): string {
    if (secret.length >= MIN_SECRET) this.#secrets.add(secret);
    return secret;
  }

  /** Of this transaction the trail has this event, and once (I6). */
  decided(transaction: string, event: string): void {
    this.#decisions.push({ transaction, event });
  }

  /** What was decided since this was asked last. */
  takeDecisions(): readonly { readonly transaction: string; readonly event: string }[] {
    return this.#decisions.splice(0);
  }

  /** What let somebody in twice, of all messages and codes (I2). */
  get usedTwice(): readonly string[] {
    const seen = new Set<string>();
    return this.#signedIn
      .flatMap(({ message, code }) => [message, code])
      .filter((it): it is string => {
        if (it === undefined) return false;
        const isSecond = seen.has(it);
        seen.add(it);
        return isSecond;
      });
  }
}

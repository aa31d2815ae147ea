/** What somebody was told, or could see; `login` is the transaction id that all requests of one login carry. */
export type Told =
  /** A session, by what was shown for it. */
  | {
      readonly kind: 'signed in';
      readonly login: string;
      readonly user: string;
      readonly token: string;
      readonly message?: string;
      readonly code?: string;
    }
  /** The phone was told that its answer to a request is kept. */
  | {
      readonly kind: 'answered';
      readonly login: string;
      readonly user: string;
      readonly message: string;
      readonly decision: 'approved' | 'denied';
    }
  /** A phone was told that it is connected, and its user was shown codes. */
  | {
      readonly kind: 'connected';
      readonly login: string;
      readonly user: string;
      readonly phone: string;
      readonly registration: string;
      readonly codes: number;
    }
  /** A code was sent, and what became of it nobody was told: it may be used up. */
  | { readonly kind: 'code sent'; readonly user: string; readonly code: string }
  /** An application was given tokens for a code. */
  | { readonly kind: 'tokens'; readonly user: string; readonly grant: string }
  /** A session was ended by who had it. */
  | { readonly kind: 'ended'; readonly user: string; readonly token: string }
  /** Somebody was led nowhere though nothing was broken that could excuse it, or was told what cannot be true. */
  | { readonly kind: 'stuck'; readonly login: string; readonly user: string; readonly where: string };

/** All that was told, in the order in which it was heard. */
export class History {
  readonly #told: Told[] = [];

  get told(): readonly Told[] {
    return this.#told;
  }

  tell(told: Told): void {
    this.#told.push(told);
  }

  /** Of what was told from there to there, keeps what that says is to be kept. */
  keep(from: number, to: number, isKept: (told: Told) => boolean): void {
    this.#told.splice(from, to - from, ...this.#told.slice(from, to).filter(isKept));
  }
}

/** The address at which a user gets mail. */
export const addressOf = (user: string): string => `${user}@example.com`;

export interface StoredMessage {
  readonly state: string;
  readonly reason: string | null;
}

/** What the database has, whoever was told of it. */
export interface Stored {
  /** By the hash of the token, whose it is. */
  readonly sessions: ReadonlyMap<string, string>;
  /** By id; one that is long over is there no more. */
  readonly messages: ReadonlyMap<string, StoredMessage>;
  readonly devices: readonly { readonly user: string; readonly phone: string }[];
  /** How many codes each user has left. */
  readonly codes: ReadonlyMap<string, number>;
  /** The addresses at which mail has arrived. */
  readonly mails: ReadonlySet<string>;
  /** How often the trail has an event, by transaction and event: `${transaction} ${event}`. */
  readonly trail: ReadonlyMap<string, number>;
}

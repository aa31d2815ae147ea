import type { KeyKind, KeyStatus, SealingKind, SigningKind } from './key-kinds.ts';

/** A key as people are shown it: never what it is made of. */
export interface KeyState {
  readonly kind: KeyKind;
  /** Counted from 1 within a kind that signs, and over all that seal. What was made with a key names it by that. */
  readonly id: number;
  readonly status: KeyStatus;
  /** Milliseconds; absent for keys from before they were replaced at all. */
  readonly createdAt?: number;
  /** Since when it has that status. */
  readonly since?: number;
  /** Until when what it has signed is good, where it is `retiring`. */
  readonly goodUntil?: number;
  /** For how long what the keys before have signed stays good once it is used, where somebody has said so: milliseconds. */
  readonly goodFor?: number;
}

/** The keys of a kind as they are at this moment: whoever keeps it has the new ones, too. */
export interface KeyRing {
  /** The one that signs. */
  active(): { readonly id: string; readonly bytes: Uint8Array };
  /** The one of that name, where what it has signed is still good (SEC-76). */
  find(id: string): Uint8Array | undefined;
  /** All that `find` gives, the one that signs first: for what does not say by which it was made. */
  good(): readonly Uint8Array[];
}

/** Who asked for something that is done to a key, as the trail has it. */
export interface KeyOrder {
  readonly at: number;
  readonly transactionId: string;
  /** In the place of a user: somebody at the machine itself; absent where a server does by itself what is due. */
  readonly by?: 'command line';
}

export interface Announcement extends KeyOrder {
  /** For how long what the keys before have signed is to stay good, milliseconds. */
  readonly goodFor?: number;
}

export interface Activation extends KeyOrder {
  /**
   * For how long what the keys before have signed stays good where nothing was said as the key was announced, milliseconds; for those that seal it
   * is until no record is left.
   */
  readonly goodFor: number;
  /** Does not wait until every instance knows the key: for one that has leaked. */
  readonly atOnce?: boolean;
}

export interface Resealed {
  readonly rows: number;
  /** Whether all that is sealed was looked at since the last time that it said so. */
  readonly isPass: boolean;
}

/** The master key, by a name that tells nothing of it. */
export interface MasterKeyState {
  readonly id: string;
  readonly formerId?: string;
  readonly wrappedAt?: number;
}

/** The keys of the installation (SEC-74, SEC-75, SEC-76). What changes one is a commit of its own, with its row of the trail. */
export interface Keys {
  /** The keys of a kind; the first is made where there is none. */
  ring(kind: SigningKind): Promise<KeyRing>;
  /** Up to which change of keys this process knows, and could open what came. */
  version(): number;
  /** Reads the keys anew where somebody has changed them; what `version` says then. */
  refresh(): Promise<number>;
  list(): Promise<readonly KeyState[]>;
  /** How many records are sealed under a key. Reads all of them. */
  records(kind: SealingKind, id: number): Promise<number>;
  /** Makes the next key of a kind; one that is there already stays the next, with what was said last. */
  announce(kind: KeyKind, announcement: Announcement): Promise<KeyState>;
  /** Lets the next key be used; who has not heard of it yet, where somebody has not. False: there is no next key. */
  activate(kind: KeyKind, activation: Activation): Promise<true | false | { readonly waitsFor: readonly string[] }>;
  /** Ends a key that is not used for what is new: it verifies nothing any more. False where it is not `retiring`. */
  retire(kind: SigningKind, id: number, order: KeyOrder): Promise<boolean>;
  /** Deletes a key that is retired. False where it is not. */
  destroy(kind: KeyKind, id: number, order: KeyOrder): Promise<boolean>;
  /**
   * Seals at most `limit` records of those that lie under a key which is retiring under the one in use instead, and retires the key once none is
   * left. Undefined: another holder does it. What somebody else writes meanwhile stands.
   */
  reseal(order: KeyOrder & { readonly holder: string }, limit: number): Promise<Resealed | undefined>;
  /** Which master key it is. Where the store seals nothing there is none. */
  master(): Promise<MasterKeyState | undefined>;
  /**
   * Puts all data keys under another master key in the place of the one whose id is `from`, or none of them. True where they lie under it by now,
   * whoever did it; false where yet another has taken the place of `from`.
   */
  changeMaster(masterKey: Uint8Array, order: KeyOrder & { readonly from: string }): Promise<boolean>;
}

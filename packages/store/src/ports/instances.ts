/** A server process among those that share a database, as it tells of itself. */
export interface Instance {
  /** `ASSENT_INSTANCE`, or a name of that start alone. */
  readonly name: string;
  /** Of that one start of it, so that two that were given one name are told apart. */
  readonly processId: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Of the configuration that it serves. */
  readonly configurationVersion: number;
  /** Digests of what all instances should have alike, by what that is. */
  readonly facts: Readonly<Record<string, string>>;
  /** Up to which change of keys it knows them; absent for a program that knows of none. */
  readonly keysVersion?: number;
}

export interface Instances {
  /** Tells of an instance anew, over what it told before. */
  put(instance: Instance): Promise<void>;
  /** All that tell of themselves, or have not long ago; by name. */
  list(): Promise<readonly Instance[]>;
  /** One that ends: its row goes, and what it did for all is free for another at once. */
  leave(processId: string): Promise<void>;
}

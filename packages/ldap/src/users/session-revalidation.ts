import type { Clock, Session } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import { DirectoryBusy, DirectoryUnavailable } from '../connection/directory-errors.ts';
import type { Directories } from '../directory/directories.ts';

/** For so long the directory's word about a user counts; an instance asks for it once in that time, however many requests come. */
const VALID_MILLIS = 60_000;
/** How long a directory is left alone that could not be asked. */
const PAUSE_MILLIS = 30_000;
/** Questions that are under way to the directory of a realm, so that sessions leave room for those who sign in, and wait with few for one that hangs. */
const MAX_UNDER_WAY = 4;
/** Users whose last question is remembered; the one longest ago is forgotten first. */
const MAX_REMEMBERED = 50_000;

export interface SessionRevalidationPorts {
  /** Reads the entry, and ends the sessions of whoever has none any more, or has other credentials. */
  readonly users: Pick<IdentityDirectory, 'findById'>;
  readonly directories: Pick<Directories, 'areOf'>;
  readonly clock: Clock;
  /** Tells an operator that sessions of the realm go on without the directory's word. */
  readonly report: (realm: string, cause: DirectoryUnavailable) => void;
}

interface Asked {
  readonly at: number;
  /** Absent once the directory has answered. */
  underWay?: Promise<boolean>;
}

/**
 * Asks a directory about the user of a session that is used, once a minute: whoever has left it, was locked, or has another password there
 * loses the session then, and not with its idle time (OPS-76). A directory that cannot be asked ends no session.
 */
export class SessionRevalidation {
  readonly #ports: SessionRevalidationPorts;
  /** By user, the last one asked about at the end. */
  readonly #asked = new Map<string, Asked>();
  /** By realm. */
  readonly #pausedUntil = new Map<string, number>();
  readonly #underWay = new Map<string, number>();

  constructor(ports: SessionRevalidationPorts) {
    this.#ports = ports;
  }

  /**
   * Undefined where nothing is to be asked now, so that nobody waits (ADR 0027). Else whether the directory has answered: what is stored of the
   * session may have ended by that, and is to be read again.
   */
  revalidate({ realm, userId }: Pick<Session, 'realm' | 'userId'>): Promise<boolean> | undefined {
    if (!this.#ports.directories.areOf(realm)) return undefined;
    const now = this.#ports.clock.now();
    const last = this.#asked.get(userId);
    if (last?.underWay !== undefined) return last.underWay;
    if (last !== undefined && now - last.at < VALID_MILLIS) return undefined;
    const isFull = (this.#underWay.get(realm) ?? 0) >= MAX_UNDER_WAY;
    if (isFull || now < (this.#pausedUntil.get(realm) ?? 0)) return undefined;
    const asked: Asked = { at: now };
    const underWay = this.#ask(realm, userId).finally(() => {
      delete asked.underWay;
    });
    asked.underWay = underWay;
    this.#remember(userId, asked);
    return underWay;
  }

  async #ask(realm: string, userId: string): Promise<boolean> {
    this.#count(realm, 1);
    try {
      await this.#ports.users.findById(userId);
      return true;
    } catch (error) {
      this.#asked.delete(userId);
      if (!(error instanceof DirectoryUnavailable)) throw error;
      // Whoever floods a realm with names to sign in by would keep the sessions of its leavers alive.
      if (error instanceof DirectoryBusy) return false;
      this.#pausedUntil.set(realm, this.#ports.clock.now() + PAUSE_MILLIS);
      this.#ports.report(realm, error);
      return false;
    } finally {
      this.#count(realm, -1);
    }
  }

  #count(realm: string, change: number): void {
    const count = (this.#underWay.get(realm) ?? 0) + change;
    if (count === 0) this.#underWay.delete(realm);
    else this.#underWay.set(realm, count);
  }

  #remember(userId: string, asked: Asked): void {
    this.#asked.delete(userId);
    this.#asked.set(userId, asked);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_REMEMBERED && oldest !== undefined) this.#asked.delete(oldest);
  }
}

import type { Clock } from '@assent/engine';
import type { Client } from 'ldapts';
import type { LdapService } from '../settings/ldap-service.ts';
import type { AnswerSize } from './bounded-socket.ts';
import { Connection, type LookUp, resultCodeOf } from './connection.ts';
import { DirectoryBusy, DirectoryUnavailable } from './directory-errors.ts';

/** How long a server that could not be reached is asked after the others. */
const AVOIDED_MILLIS = 30_000;
/** How many calls may wait for a connection; each holds a request of ours. */
const MAX_WAITING = 256;

/** Lets so many work at once; the others wait in order, and one too many is refused. */
class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= MAX_WAITING) throw new DirectoryBusy('Too many calls wait for the directory.');
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

export interface ConnectionsPorts {
  readonly clock: Clock;
  readonly lookUp: LookUp;
}

/**
 * The connections of one realm to its directory: some that look up, bound by the DN of the service, which are kept; and one for each
 * bind of a user, which is not. The addresses are tried in order, those that failed lately last.
 */
export class Connections {
  readonly #service: LdapService;
  readonly #clock: Clock;
  readonly #lookUp: LookUp;
  readonly #avoidedUntil = new Map<string, number>();
  readonly #lookUps: Places;
  readonly #binds: Places;
  readonly #idle: Connection[] = [];
  #isClosed = false;

  constructor(service: LdapService, { clock, lookUp }: ConnectionsPorts) {
    this.#service = service;
    this.#clock = clock;
    this.#lookUp = lookUp;
    this.#lookUps = new Places(service.poolSize);
    this.#binds = new Places(service.poolSize);
  }

  /** Runs a call as the service. A connection that has broken while nobody used it is replaced once, in silence. */
  asService<T>(work: (client: Client) => Promise<T>, size?: AnswerSize): Promise<T> {
    return this.#lookUps.within(async () => {
      const kept = this.#takeIdle();
      if (kept !== undefined) {
        try {
          return await this.#use(kept, work, size);
        } catch (error) {
          if (!(error instanceof DirectoryUnavailable) || kept.isUsable) throw error;
        }
      }
      return this.#use(await this.#openAsService(), work, size);
    });
  }

  /** Runs calls on a connection that nobody has used and nobody will use (OPS-75). */
  alone<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#binds.within(() =>
      this.#atFirstThatAnswers(async (url) => {
        const connection = await Connection.open(url, this.#service, this.#lookUp);
        try {
          return await work(connection);
        } finally {
          connection.close();
        }
      }),
    );
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isUsable) return connection;
    }
    return undefined;
  }

  async #use<T>(connection: Connection, work: (client: Client) => Promise<T>, size?: AnswerSize): Promise<T> {
    try {
      return await connection.call(work, size);
    } finally {
      if (connection.isUsable && !this.#isClosed) this.#idle.push(connection);
      else connection.close();
    }
  }

  #openAsService(): Promise<Connection> {
    const { bindDn, bindPassword } = this.#service;
    return this.#atFirstThatAnswers(async (url) => {
      const connection = await Connection.open(url, this.#service, this.#lookUp);
      try {
        if (bindDn !== '') await connection.call((client) => client.bind(bindDn, bindPassword));
        return connection;
      } catch (error) {
        connection.close();
        const code = resultCodeOf(error);
        if (code === undefined) throw error;
        throw new DirectoryUnavailable(`${url} refuses bindDn and bindPassword of the service "ldap" (code ${code}).`);
      }
    });
  }

  async #atFirstThatAnswers<T>(work: (url: string) => Promise<T>): Promise<T> {
    const now = this.#clock.now();
    const isAvoided = (url: string) => (this.#avoidedUntil.get(url) ?? 0) > now;
    const { urls } = this.#service;
    let failure: unknown;
    for (const url of [...urls.filter((it) => !isAvoided(it)), ...urls.filter(isAvoided)]) {
      try {
        const result = await work(url);
        this.#avoidedUntil.delete(url);
        return result;
      } catch (error) {
        if (!(error instanceof DirectoryUnavailable)) throw error;
        this.#avoidedUntil.set(url, now + AVOIDED_MILLIS);
        failure = error;
      }
    }
    throw failure;
  }
}

import { connect, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import { Client, ResultCodeError } from 'ldapts';
import type { LdapService } from '../settings/ldap-service.ts';
import { Allowance, type AnswerSize, boundedSocket } from './bounded-socket.ts';
import { DirectoryUnavailable } from './directory-errors.ts';

/** Result codes that say that the server, or the way to it, is not as it has to be: not what was asked. */
const NOT_NOW: ReadonlySet<number> = new Set([1, 2, 3, 7, 8, 11, 13, 51, 52, 54, 80]);

/** What a directory says no with; `undefined` where nothing was said. */
export const resultCodeOf = (error: unknown): number | undefined =>
  error instanceof ResultCodeError && !NOT_NOW.has(error.code) ? error.code : undefined;

export type ConnectionSettings = Pick<LdapService, 'startTls' | 'caCertificates' | 'timeoutMillis'>;

/** How the name of a host is looked up that may be called; throws for one that may not (SEC-69). */
export type LookUp = (hostname: string, port: number, usualPorts: readonly number[]) => LookupFunction;

const USUAL_PORTS = [389, 636];

const secureContexts = new WeakMap<ConnectionSettings, SecureContext>();

/** Parsing certificates takes longer than shaking hands, so they are parsed once for the same settings. */
const secureContextOf = (settings: ConnectionSettings): SecureContext => {
  let context = secureContexts.get(settings);
  if (context === undefined) {
    context = createSecureContext(settings.caCertificates === '' ? {} : { ca: settings.caCertificates });
    secureContexts.set(settings, context);
  }
  return context;
};

/** One connection to one server. Every call of it has an end: in time, and in the bytes that its answer may have. */
export class Connection {
  readonly url: string;
  readonly #timeoutMillis: number;
  readonly #secure: ConnectionOptions;
  readonly #client: Client;
  readonly #allowance = new Allowance();
  #socket: Socket | undefined;
  #hasEnded = false;
  /** Why it has ended; absent where the server has hung up. */
  #fault: Error | undefined;
  /** Ends the call that is under way. */
  #endCall: (() => void) | undefined;

  private constructor(url: string, settings: ConnectionSettings, lookUp: LookUp) {
    this.url = url;
    this.#timeoutMillis = settings.timeoutMillis;
    const { hostname, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const secure = {
      secureContext: secureContextOf(settings),
      minVersion: 'TLSv1.2' as const,
      // Addresses have no name to be asked for (RFC 6066 §3).
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      host,
    };
    const whereTo = (port: number) => ({ host, port, lookup: lookUp(hostname, port, USUAL_PORTS) });
    const keep = <S extends Socket>(socket: S): S => {
      this.#socket = socket;
      socket.once('error', (error) => {
        this.#fault ??= error;
      });
      // The library does not notice that a connection has ended which it has encrypted by StartTLS.
      socket.once('close', () => {
        this.#hasEnded = true;
        this.#endCall?.();
      });
      return boundedSocket(socket, this.#allowance);
    };
    // The library connects anew where a connection has ended: as nobody, and in the clear where it was StartTLS that encrypted.
    const connectOnce = <S extends Socket>(open: () => S): S => {
      if (this.#socket !== undefined) throw new Error('The connection has ended.');
      return keep(open());
    };
    this.#client = new Client({
      url,
      ...(protocol === 'ldaps:' && { tlsOptions: secure }),
      createConnection: ((port: number) => connectOnce(() => connect(whereTo(port)))) as typeof connect,
      createSecureConnection: ((first: number | ConnectionOptions) =>
        typeof first === 'number'
          ? connectOnce(() => tlsConnect({ ...secure, ...whereTo(first) }))
          : keep(tlsConnect(first))) as typeof tlsConnect,
    });
    this.#secure = secure;
  }

  /** Connects, and encrypts where the settings want it. */
  static async open(url: string, settings: ConnectionSettings, lookUp: LookUp): Promise<Connection> {
    const connection = new Connection(url, settings, lookUp);
    try {
      // The library connects with the first call, which is the one that asks for encryption, or a bind as nobody.
      if (settings.startTls) await connection.call((client) => client.startTLS(connection.#secure));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get isUsable(): boolean {
    return !this.#hasEnded && this.#client.isConnected;
  }

  /** Runs one call, whose answers may have that size. A server that does not answer in time loses the connection. */
  async call<T>(work: (client: Client) => Promise<T>, size: AnswerSize = 'few'): Promise<T> {
    this.#allowance.renew(size);
    let timer: NodeJS.Timeout | undefined;
    let lastLook: NodeJS.Immediate | undefined;
    const over = new Promise<never>((_, reject) => {
      const tooLate = () => {
        reject(new DirectoryUnavailable(`${this.url} did not answer within ${this.#timeoutMillis} ms.`));
        this.close();
      };
      // Where this process was busy for so long, an answer may be here by now, and is read before.
      timer = setTimeout(() => {
        lastLook = setImmediate(tooLate);
      }, this.#timeoutMillis);
      this.#endCall = () =>
        reject(
          this.#fault === undefined
            ? new DirectoryUnavailable(`${this.url} has ended the connection.`)
            : this.#cannotBeAsked(this.#fault),
        );
    });
    try {
      const working = work(this.#client);
      // Whoever loses against the clock fails later, and nobody waits for it.
      working.catch(() => undefined);
      return await Promise.race([working, over]);
    } catch (error) {
      if (resultCodeOf(error) !== undefined || error instanceof DirectoryUnavailable) throw error;
      this.close();
      throw this.#cannotBeAsked(error);
    } finally {
      clearTimeout(timer);
      clearImmediate(lastLook);
      this.#endCall = undefined;
    }
  }

  #cannotBeAsked(cause: unknown): DirectoryUnavailable {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new DirectoryUnavailable(`${this.url} cannot be asked: ${why}`, { cause });
  }

  close(): void {
    this.#socket?.destroy();
  }
}

import type { Socket } from 'node:net';
import { type Adapter, fairQueue, type Timer } from '@assent/engine/host';
import type { Mail, Mailer, MailResult, MailServer, RealmMailer } from '@assent/nodes';
import { type AddressGuard, OF_OPERATOR } from '@assent/push';
import type { Transporter } from 'nodemailer';
import { after } from '../platform/system-ports.ts';
import { readAddress } from './mail-address.ts';
import { connectSmtp } from './smtp-socket.ts';

/** As long as AM waits for a mail server. */
const PATIENCE_MILLIS = 10_000;
const USUAL_PORT = { tls: 465, starttls: 587, none: 25 } as const;

export interface SmtpMailerOptions {
  /** Which servers may be called: whoever configures a realm, or writes a journey, names them (SEC-69). */
  readonly guard: AddressGuard;
  /** How long each phase of a delivery may take, and all of it. */
  readonly patienceMillis?: number;
  /** Certificates to trust beside the machine's own, PEM. */
  readonly ca?: string;
}

const refused = (cause: string, isFinal = false): MailResult => ({
  status: 'refused',
  cause,
  ...(isFinal && { isFinal }),
});

const portOf = ({ port, security }: MailServer): number => (port === 0 ? USUAL_PORT[security] : port);

type Connected = (error: Error | null, made?: { readonly connection: Socket; readonly secured: boolean }) => void;

/** The library would look a name up by itself, connect wherever that leads, and take any number of lines. */
const socketTo =
  (server: MailServer, realm: string, { guard, patienceMillis = PATIENCE_MILLIS, ca }: SmtpMailerOptions) =>
  (_options: unknown, done: Connected): void => {
    const { host, security } = server;
    const port = portOf(server);
    const open = async () => {
      const lookup = guard.of(realm).lookupOf(host, port, Object.values(USUAL_PORT));
      return connectSmtp({ host, port, security, lookup, ca }, patienceMillis);
    };
    open().then(
      (connection) => done(null, { connection, secured: security !== 'none' }),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };

/** How to speak to a server, for a connection or a pool of them. */
const connectionTo = (server: MailServer, realm: string, options: SmtpMailerOptions) => {
  const { patienceMillis = PATIENCE_MILLIS } = options;
  return {
    host: server.host,
    port: portOf(server),
    getSocket: socketTo(server, realm, options),
    // A connection that is not encrypted as the settings require never reaches the library, so it carries neither password nor mail.
    secure: server.security !== 'none',
    ignoreTLS: server.security === 'none',
    ...(server.credentials && { auth: { user: server.credentials.username, pass: server.credentials.password } }),
    connectionTimeout: patienceMillis,
    greetingTimeout: patienceMillis,
    dnsTimeout: patienceMillis,
    socketTimeout: patienceMillis,
    // A text is a text: nothing in it is a path or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
};

type Transport = Pick<Transporter<unknown>, 'sendMail'>;

/** Most servers start without a mail to send, and need not wait for what speaks SMTP. */
const library = () => import('nodemailer');

/** Hands one mail to a server; never throws, and takes no longer than that. `isLate` says that the connection may still be busy with it. */
const deliver = async (
  transport: () => Promise<Transport>,
  { from, to, subject, text, html, id }: Mail,
  withinMillis: number,
): Promise<{ readonly result: MailResult; readonly isLate: boolean }> => {
  const sender = readAddress(from);
  const reader = readAddress(to);
  if (sender === undefined) return { result: refused('The address of the sender is not valid.'), isLate: false };
  if (reader === undefined) return { result: refused('The address of the user is not valid.', true), isLate: false };
  let isLate = false;
  let overdue: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      overdue = setTimeout(() => {
        isLate = true;
        reject(new Error('The mail server took too long.'));
      }, withinMillis);
    });
    const mail = {
      from: sender,
      to: reader,
      subject: subject.replace(/[\p{Cc}]+/gu, ' '),
      text,
      ...(html !== undefined && { html }),
      ...(id !== undefined && { messageId: `<${id}@${sender.address.split('@')[1]}>` }),
    };
    const sending = transport().then((it) => it.sendMail(mail));
    sending.catch(() => undefined);
    await Promise.race([sending, late]);
    return { result: { status: 'accepted' }, isLate };
  } catch (error) {
    return { result: refused(causeOf(error), isFinal(error)), isLate };
  } finally {
    clearTimeout(overdue);
  }
};

/** Speaks SMTP to the server that the mail names, over a connection of its own. */
export const smtpMailer = (options: SmtpMailerOptions): RealmMailer => ({
  async send(mail, realm) {
    let transport: Transporter<unknown> | undefined;
    const open = async () => {
      const { createTransport } = await library();
      transport = createTransport(connectionTo(mail.server, realm, options));
      return transport;
    };
    const { result } = await deliver(open, mail, options.patienceMillis ?? PATIENCE_MILLIS);
    transport?.close();
    return result;
  },
});

/** Greets a server, encrypts and signs in as a delivery would, and sends nothing, for an operator (OPS-51). Undefined where it agrees; else the cause. */
export const checkSmtp = async (server: MailServer, options: SmtpMailerOptions): Promise<string | undefined> => {
  const { createTransport } = await library();
  const transport = createTransport(connectionTo(server, OF_OPERATOR, options));
  try {
    await transport.verify();
    return undefined;
  } catch (error) {
    return causeOf(error);
  } finally {
    transport.close();
  }
};

/** Realms whose connections are kept open; another one takes the place of the one that was used least lately. */
const MAX_POOLS = 32;
const MAX_CONNECTIONS = 8;
/** Few enough that an honest server stays within the bytes and lines of one connection. */
const MAX_MAILS_OF_CONNECTION = 50;

/** Speaks SMTP over connections that are kept open between mails, a few for each server (OPS-46). */
export class PooledMailer implements RealmMailer {
  readonly #options: SmtpMailerOptions;
  readonly #pools = new Map<string, Transporter<unknown>>();

  constructor(options: SmtpMailerOptions) {
    this.#options = options;
  }

  async send(mail: Mail, realm: string): Promise<MailResult> {
    // Connections are made in turns of their realm, so realms with the same server share none.
    const key = JSON.stringify([realm, mail.server]);
    // Twice as long as one mail may take: it may have to wait for one of the connections.
    const within = 2 * (this.#options.patienceMillis ?? PATIENCE_MILLIS);
    const { result, isLate } = await deliver(() => this.#poolFor(key, mail.server, realm), mail, within);
    // Whatever still happens on that connection must not happen after the mail is tried again.
    if (isLate) this.#drop(key);
    return result;
  }

  close(): void {
    for (const key of [...this.#pools.keys()]) this.#drop(key);
  }

  async #poolFor(key: string, server: MailServer, realm: string): Promise<Transporter<unknown>> {
    const { createTransport } = await library();
    const pool =
      this.#pools.get(key) ??
      createTransport({
        ...connectionTo(server, realm, this.#options),
        pool: true,
        maxConnections: MAX_CONNECTIONS,
        maxMessages: MAX_MAILS_OF_CONNECTION,
      });
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) this.#drop(oldest);
    return pool;
  }

  #drop(key: string): void {
    this.#pools.get(key)?.close();
    this.#pools.delete(key);
  }
}

/** Of the realm’s settings and not of the mail (RFC 4954 §6): once they are mended, the mail is taken. */
const OF_CREDENTIALS = new Set([530, 534, 535, 538]);

/** Whether the server has said no to this very mail, for good. */
const isFinal = (error: unknown): boolean => {
  const { responseCode, command } = error as { readonly responseCode?: unknown; readonly command?: unknown };
  return (
    typeof responseCode === 'number' &&
    responseCode >= 500 &&
    !OF_CREDENTIALS.has(responseCode) &&
    /^(MAIL|RCPT|DATA)/.test(String(command))
  );
};

/** What the server said, without what we said: an answer may quote a command, and a command may hold a password. */
const causeOf = (error: unknown): string => {
  const { code, responseCode, command, message } = error as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
    readonly command?: unknown;
    readonly message?: unknown;
  };
  if (typeof responseCode !== 'number') return `${String(code ?? 'error')}: ${String(message).slice(0, 200)}`;
  return `The mail server answered ${responseCode} to ${String(command).split(' ', 1)[0]}.`;
};

/** Mails of nodes, each with a connection and a journey that waits for it. A realm whose mail server hangs leaves most of them to others (SEC-93). */
const BOUNDS = { concurrency: 64, concurrencyOfRealm: 16, most: 256, mostOfRealm: 64, deadlineMillis: 5_000 };

/**
 * The port for nodes: the same mail goes out once in a unit of work, whose nodes may be executed again after a lost commit. Where too many mails of
 * the realm are on their way, the step is refused with 503.
 */
export const mailerAdapter = (mailer: RealmMailer, timer: Timer = after): Adapter<Mailer> => {
  const queue = fairQueue({ ...BOUNDS, timer });
  const sentIn = new WeakMap<object, Map<string, Promise<MailResult>>>();
  return (unit) => {
    const { realm } = unit.realm;
    const sent = sentIn.get(unit) ?? new Map<string, Promise<MailResult>>();
    sentIn.set(unit, sent);
    return {
      send(mail) {
        const key = JSON.stringify(mail);
        const result = sent.get(key) ?? queue({ realm }, () => mailer.send(mail, realm));
        sent.set(key, result);
        return result;
      },
    };
  };
};

import type { Adapter } from '@assent/engine/host';
import type { Mail, Mailer, MailResult } from '@assent/nodes';
import { createTransport } from 'nodemailer';
import { readAddress } from './mail-address.ts';

/** As long as AM waits for a mail server. */
const PATIENCE_MILLIS = 10_000;
const USUAL_PORT = { tls: 465, starttls: 587, none: 25 } as const;

export interface SmtpMailerOptions {
  /** How long each phase of a delivery may take, and all of it. */
  readonly patienceMillis?: number;
  /** Certificates to trust beside the machine's own, PEM. */
  readonly ca?: string;
}

const refused = (cause: string): MailResult => ({ status: 'refused', cause });

/** Speaks SMTP to the server that the mail names, over a connection of its own. */
export const smtpMailer = ({ patienceMillis = PATIENCE_MILLIS, ca }: SmtpMailerOptions = {}): Mailer => ({
  async send({ server, from, to, subject, text, html }: Mail) {
    const sender = readAddress(from);
    const reader = readAddress(to);
    if (sender === undefined) return refused('The address of the sender is not valid.');
    if (reader === undefined) return refused('The address of the user is not valid.');
    const transport = createTransport({
      host: server.host,
      port: server.port === 0 ? USUAL_PORT[server.security] : server.port,
      secure: server.security === 'tls',
      // A server that cannot encrypt, or a man in between who says so, gets nothing: neither password nor mail.
      requireTLS: server.security === 'starttls',
      ignoreTLS: server.security === 'none',
      ...(ca !== undefined && { tls: { ca } }),
      ...(server.credentials && { auth: { user: server.credentials.username, pass: server.credentials.password } }),
      connectionTimeout: patienceMillis,
      greetingTimeout: patienceMillis,
      dnsTimeout: patienceMillis,
      socketTimeout: patienceMillis,
      // A text is a text: nothing in it is a path or an address to fetch.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    let overdue: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        overdue = setTimeout(() => reject(new Error('The mail server took too long.')), patienceMillis);
      });
      const sending = transport.sendMail({
        from: sender,
        to: reader,
        subject: subject.replace(/[\p{Cc}]+/gu, ' '),
        text,
        ...(html !== undefined && { html }),
      });
      sending.catch(() => undefined);
      await Promise.race([sending, late]);
      return { status: 'accepted' };
    } catch (error) {
      return refused(causeOf(error));
    } finally {
      clearTimeout(overdue);
      transport.close();
    }
  },
});

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

/** The port for nodes: the same mail goes out once in a unit of work, whose nodes may be executed again after a lost commit. */
export const mailerAdapter = (mailer: Mailer): Adapter<Mailer> => {
  const sentIn = new WeakMap<object, Map<string, Promise<MailResult>>>();
  return (unit) => {
    const sent = sentIn.get(unit) ?? new Map<string, Promise<MailResult>>();
    sentIn.set(unit, sent);
    return {
      send(mail) {
        const key = JSON.stringify(mail);
        const result = sent.get(key) ?? mailer.send(mail);
        sent.set(key, result);
        return result;
      },
    };
  };
};

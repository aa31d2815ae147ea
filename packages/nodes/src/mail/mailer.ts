import { port } from '@assent/engine';

/** The mail server that an author named, and how to speak to it. */
export interface MailServer {
  readonly host: string;
  /** 0 stands for the usual port of that security. */
  readonly port: number;
  /** `tls`: from the first byte on; `starttls`: before anything else is said, or not at all; `none`: in clear. */
  readonly security: 'tls' | 'starttls' | 'none';
  /** Absent where the server asks nobody for a name. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** One mail to one person. */
export interface Mail {
  readonly server: MailServer;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The body for readers who see HTML. */
  readonly html?: string;
  /** Makes its Message-ID, so that a mailbox can tell where one that may be sent twice was. Letters, digits, dashes, underscores. */
  readonly id?: string;
}

/** What became of it; `cause` is for the log, and holds neither the text nor a password. */
export type MailResult =
  | { readonly status: 'accepted' }
  /** `isFinal`: the server will not take this mail, however often it is sent (RFC 5321 §4.2.1). */
  | { readonly status: 'refused'; readonly cause: string; readonly isFinal?: boolean };

/** Hands mail to a server. Within one unit of work the same mail goes out once, however often it has to be executed. */
export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
}

/** Hands mail to a server for the host: it says which realm the mail is of, since no node and no setting may choose another one. */
export interface RealmMailer {
  send(mail: Mail, realm: string): Promise<MailResult>;
}

export const mailer = port<Mailer>()('mailer', 'acts');

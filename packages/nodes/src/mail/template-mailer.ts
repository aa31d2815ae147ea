import { port } from '@assent/engine';

/** A mail out of a template of the realm. */
export interface TemplateMail {
  readonly template: string;
  readonly to: string;
  /** What the template may say, as `object`. */
  readonly object: Readonly<Record<string, unknown>>;
  /**
   * The user whom the mail is about, also where it goes to an address that is not yet theirs: the mail is deleted with the user. Absent where the journey has
   * no user yet.
   */
  readonly userId?: string | undefined;
}

/**
 * Mails what a template says. It is committed with the unit of work and sent after it (OPS-43), and nothing waits for it: whether it
 * could be sent is for operators alone, so that nobody learns by the time it takes who has an account (SEC-59, REL-15).
 */
export interface TemplateMailer {
  sendLater(mail: TemplateMail): void;
}

export const templateMailer = port<TemplateMailer>()('templateMailer', 'stages');

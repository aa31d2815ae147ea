import { port } from '@assent/engine';

/** A mail out of a template of the realm. */
export interface TemplateMail {
  readonly template: string;
  readonly to: string;
  /** What the template may say, as `object`. */
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * Mails what a template says. It goes out once the commit stands, and nothing waits for it: whether it could be sent is for
 * the log alone, so that nobody learns by the time it takes who has an account (SEC-59, REL-15).
 */
export interface TemplateMailer {
  sendLater(mail: TemplateMail): void;
}

export const templateMailer = port<TemplateMailer>()('templateMailer', 'stages');

import { port } from '@assent/engine';

/** A mail out of a template of the realm. */
export interface TemplateMail {
  readonly template: string;
  readonly to: string;
  /** What the template may say, as `object`. */
  readonly object: Readonly<Record<string, unknown>>;
  /** Whom it tells of: where that user is deleted before it is sent, it is not. Absent where there is none yet. */
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

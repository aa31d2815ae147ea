import type { SentCallback } from '../callbacks/callback.ts';

/** What a step shows around its callbacks. */
export interface Presentation {
  readonly stage?: string;
  readonly header?: string;
  readonly description?: string;
}

/** Facts for the audit trail; never a secret, a code or a number. */
export type AuditDetail = Readonly<Record<string, string | number | boolean>>;

export type Action<Outcome extends string = string> =
  | { readonly kind: 'goTo'; readonly outcome: Outcome; readonly detail?: AuditDetail }
  | { readonly kind: 'send'; readonly callbacks: readonly SentCallback[]; readonly presentation?: Presentation };

/** What an inner tree came to. */
export type InnerTreeEnd =
  | { readonly kind: 'step'; readonly callbacks: readonly SentCallback[]; readonly presentation: Presentation }
  | { readonly kind: 'success' }
  | { readonly kind: 'failure' }
  /** There is no such tree, or it is switched off. */
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'error';
      readonly node: { readonly id: string; readonly displayName: string; readonly type: string };
      /** The documented text, as the log has it. */
      readonly message: string;
    };

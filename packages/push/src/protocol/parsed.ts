/** What a parser of foreign input answers: the typed value, or why not. The reason is for logs, never for the sender (SEC-34). */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** The claims of a JWT before anybody looked at their types. */
export type Claims = Readonly<Record<string, unknown>>;

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const refused = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

/** True for what a JSON object parses to, false for arrays and null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

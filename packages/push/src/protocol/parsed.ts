/**
 * What a parser of foreign input answers: the typed value, or why not. The reason is for logs, never for the sender (SEC-34); where a
 * person is to be told, it comes out of a closed list.
 */
export type Parsed<T, Reason extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Reason };

/** The claims of a JWT before anybody looked at their types. */
export type Claims = Readonly<Record<string, unknown>>;

export const parsed = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refused = <Reason extends string>(reason: Reason): { readonly ok: false; readonly reason: Reason } => ({
  ok: false,
  reason,
});

/** True for what a JSON object parses to, false for arrays and null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

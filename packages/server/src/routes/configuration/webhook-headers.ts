import { isJsonObject, type JsonObject } from '@assent/wire';
import type { Webhook } from '../../outbox/webhook.ts';

type Headers = Webhook['headers'];

/** They say what is sent and what may come back; no receiver takes them for a proof. */
const SHOWN = /^(?:accept|content-type)$/i;

/** Headers as they are read: a value is written and never read back, since by one a receiver may know us (SEC-72). */
export const headersWithoutValues = (headers: Headers): Readonly<Record<string, string | null>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, SHOWN.test(name) ? value : null]));

/** A header that is given as it was read, and has to be given with its value. */
export interface HeaderAskedAgain {
  readonly header: string;
  readonly reason: string;
}

/**
 * What is given, with the stored value of each header whose value is null. A stored value goes to the address that it was given for, and to no
 * other: else whoever may configure could have it sent to a host of their own (SEC-72).
 */
export const withStoredValues = (
  given: JsonObject,
  stored: Webhook | undefined,
): { readonly given: JsonObject } | HeaderAskedAgain => {
  if (!isJsonObject(given.headers)) return { given };
  const values = new Map(Object.entries(stored?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const headers: [name: string, value: unknown][] = [];
  for (const [header, value] of Object.entries(given.headers)) {
    const kept = value === null ? values.get(header.toLowerCase()) : value;
    if (kept === undefined) return { header, reason: 'It is not set.' };
    if (value === null && given.url !== stored?.url) {
      return { header, reason: 'Give it again, or leave it out: the stored one is kept only with the same url.' };
    }
    headers.push([header, kept]);
  }
  return { given: { ...given, headers: Object.fromEntries(headers) } };
};

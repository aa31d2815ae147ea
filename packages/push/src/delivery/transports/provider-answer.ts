import { type Claims, parseJsonObject } from '../../protocol/index.ts';

/** What a provider's answer says in JSON; nothing where it is none, as those of machines before the provider are. */
export const jsonOf = (body: Buffer): Claims => {
  const read = parseJsonObject(body.toString('utf8'));
  return read.ok ? read.value : {};
};

/** Words of the other side go into the log and the trail as long as they are words. */
export const asCause = (text: unknown): string =>
  typeof text === 'string' && /^\w{1,64}$/.test(text) ? text : 'Unknown';

/** What `Retry-After` says, in milliseconds from now: seconds, or a date (RFC 9110 §10.2.3). */
export const retryAfterOf = (header: unknown, now: number): number | undefined => {
  if (typeof header !== 'string') return undefined;
  const millis = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(millis) ? Math.max(0, millis) : undefined;
};

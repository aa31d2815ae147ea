import { readFileSync, statSync } from 'node:fs';
import { type HttpRoutes, notFound, routesFor } from '../../http/http-call.ts';
import { COMMON_HEADERS } from '../../http/security-headers.ts';
import { SettingsRefused } from '../../settings/load-settings.ts';
import { PROBES } from './health.ts';

/** Whom to tell of a weakness, and until when that holds. */
export interface SecurityTxt {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** At the root of the host, whatever the context path is (RFC 9116 §3). */
const SECURITY_TXT = '/.well-known/security.txt';

/** RFC 9116 §5.7 has readers look at no more than that. */
const MAX_BYTES = 32 * 1_024;

const refusal = (file: string, fault: string): SettingsRefused =>
  new SettingsRefused([
    `The file that ASSENT_SECURITY_TXT names, ${file}, ${fault}. It needs a line "Contact: mailto:…" or "Contact: https://…", and one line ` +
      '"Expires: 2027-06-30T00:00:00Z" (RFC 9116).',
  ]);

const contentsOf = (file: string): string => {
  try {
    if (!statSync(file).isFile()) throw refusal(file, 'is no plain file');
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SettingsRefused) throw error;
    throw refusal(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
};

/** What an operator has written (RFC 9116 §2.5). Throws `SettingsRefused` where it is none. One that has expired is read all the same: a date ends no server. */
export const readSecurityTxt = (file: string): SecurityTxt => {
  const text = contentsOf(file);
  if (Buffer.byteLength(text) > MAX_BYTES) throw refusal(file, `is larger than ${MAX_BYTES} bytes`);
  const valuesOf = (field: string) =>
    [...text.matchAll(new RegExp(`^${field}:[ \\t]*(\\S.*?)[ \\t]*\\r?$`, 'gim'))].map(([, value = '']) => value);
  if (!valuesOf('Contact').some((value) => /^(?:mailto|https|tel):\S+$/i.test(value)))
    throw refusal(file, 'has no Contact that is a mailto:, https: or tel: address');
  const expires = valuesOf('Expires');
  if (expires.length !== 1) throw refusal(file, expires.length === 0 ? 'has no Expires' : 'has more than one Expires');
  const [date = ''] = expires;
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(date);
  const expiresAt = isDate ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(expiresAt))
    throw refusal(file, `has an Expires that is no date of RFC 3339: ${JSON.stringify(date)}`);
  return { text, expiresAt };
};

/** The file that was read last, which a reload reads anew: it counts from when the result is called. */
export const heldSecurityTxt = (file: string) => {
  let held = readSecurityTxt(file);
  return {
    current: (): SecurityTxt => held,
    reread: () => {
      const next = readSecurityTxt(file);
      return () => {
        held = next;
      };
    },
  };
};

/** Serves it as it was written, until it expires: then there is none, as if nobody had set it. */
export const securityTxtRoutes = ({
  current,
  now,
}: {
  readonly current: () => SecurityTxt;
  readonly now: () => number;
}): HttpRoutes =>
  routesFor(PROBES, SECURITY_TXT, (call) => {
    const { text, expiresAt } = current();
    if (now() >= expiresAt) return notFound(call);
    return { status: 200, headers: { ...COMMON_HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body: text };
  });

import type { ClientFinding } from '@assent/server';
import { plainText } from '../command/plain-text.ts';

/** Lines of names and values, the values in one column. */
export const table = (rows: readonly (readonly [name: string, value: string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${plainText(value)}\n`).join('');
};

/** Where the issuer is the usual one and not that of a server, which clients compare letter by letter (OpenID Connect Discovery §4.3). */
export const issuerNote = (isIssuerGuessed: boolean, id: string): string =>
  isIssuerGuessed
    ? `No server runs on this database and ASSENT_PUBLIC_URL is not set, so the issuer may be another one. Start the server, then: assent client show ${plainText(id)}\n`
    : '';

export const sentenceOf = ({ field, problem }: ClientFinding): string => plainText(`${field} ${problem}.`);

/** What of a client does not work here, for people; empty where all of it does. */
export const obstacles = (findings: readonly ClientFinding[]): string =>
  findings.length === 0
    ? ''
    : `  What does not work here, and is kept:\n${findings.map((it) => `    - ${sentenceOf(it)}\n`).join('')}`;

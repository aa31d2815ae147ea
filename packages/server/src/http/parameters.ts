import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'node:querystring';
import { decodeStrictUtf8 } from './strict-json.ts';

/** What an address or a form says, by name: each at most once, so a value is one text and never a list. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** All that a form says, for whoever goes through it. */
export type Fields = Readonly<Record<string, string>>;

/** Far more than any address or form of ours has. */
const MAX_PARAMETERS = 200;

const NONE: Fields = Object.freeze(Object.create(null) as Record<string, string>);

const refused = (kind: 'parameter' | 'field', name: string, reason: string): SyntaxError =>
  new SyntaxError(`The ${kind} ${name.slice(0, 64)} ${reason}`);

const readPairs = (text: string, kind: 'parameter' | 'field'): Fields => {
  if (text === '') return NONE;
  // One more than may be there: what is beyond that is not read, and what is there is refused.
  const pairs = parse(text, '&', '=', { maxKeys: MAX_PARAMETERS + 1 });
  let count = 0;
  for (const name in pairs) {
    const value = pairs[name];
    count += Array.isArray(value) ? value.length : 1;
    if (count > MAX_PARAMETERS) {
      throw new SyntaxError(`There are more than ${MAX_PARAMETERS} ${kind}s; send fewer.`);
    }
    if (typeof value !== 'string') throw refused(kind, name, 'is there twice; send it once.');
    if (name.includes('\0') || value.includes('\0')) {
      throw refused(kind, name.replaceAll('\0', ''), 'holds a NUL character; leave that out.');
    }
  }
  return Object.freeze(pairs) as Fields;
};

/** The query of an address, as it was sent: all after the first question mark, since one may stand in a value, too. */
export const queryOf = (url: string): string => {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
};

/**
 * The parameters of an address; every route reads them here. Throws a `SyntaxError`, with a text for the client, for a
 * parameter that is there twice: parsers disagree on which one counts (design.md §3.3 "a parameter given twice").
 */
export const parametersOf = (url: string): Parameters => readPairs(queryOf(url), 'parameter');

export const FORM = 'application/x-www-form-urlencoded';

/** Whether a request says that its body is a {@link FORM}. */
export const isForm = (headers: IncomingHttpHeaders): boolean =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '');

/** Reads {@link FORM} (WHATWG URL §5.1), by the same rule. */
export const parseFormBody = (bytes: Uint8Array): Fields => readPairs(decodeStrictUtf8(bytes), 'field');

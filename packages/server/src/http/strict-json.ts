import { isJsonObject } from '@assent/wire';

const MAX_DEPTH = 32;
const MAX_NAMES = 1_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const countNames = (value: unknown, depth: number): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw new SyntaxError('The JSON text is nested too deeply.');
  let count = 0;
  if (Array.isArray(value)) {
    for (const member of value) count += countNames(member, depth - 1);
    return count;
  }
  for (const name of Object.keys(value)) {
    if (FORBIDDEN.has(name)) throw new SyntaxError(`The member name ${name} is not allowed.`);
    count += 1 + countNames((value as Record<string, unknown>)[name], depth - 1);
  }
  return count;
};

/** The members of all objects in a valid JSON text: its colons outside strings. */
const countMembers = (text: string): number => {
  let count = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString && code === BACKSLASH) at += 1;
    else if (code === QUOTE) inString = !inString;
    else if (code === COLON && !inString) count += 1;
  }
  return count;
};

/**
 * Parses the body of a request; throws SyntaxError, with a text for the client, for what SEC-65 refuses: two equal names
 * in one object (parsers disagree on which counts), names that reach a prototype, depth over 32, over 1000 names.
 */
export const parseStrictJson = (text: string): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError('The body is not valid JSON.');
  }
  if (!isJsonObject(value) && !Array.isArray(value)) return value;
  const names = countNames(value, MAX_DEPTH);
  if (names > MAX_NAMES) throw new SyntaxError('The JSON text has too many members.');
  if (names !== countMembers(text)) throw new SyntaxError('A member name occurs twice in one object.');
  return value;
};

/** A byte order mark is no JSON either (RFC 8259 §8.1), so that it stays in the text and is refused there. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body; throws SyntaxError for bytes that are no UTF-8, which a lenient decoder would turn into others. */
export const decodeStrictUtf8 = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SyntaxError('The body is not UTF-8.');
  }
};

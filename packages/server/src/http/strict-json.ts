import { isJsonObject } from '@assent/wire';

const MAX_DEPTH = 32;
/** As many members as the body of a request may have where nothing else is said. */
export const MAX_MEMBERS = 1_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

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

/** The members of all objects in a valid JSON text: its strings that a colon follows. Strings are skipped, not read. */
const countMembers = (text: string): number => {
  let count = 0;
  for (let open = text.indexOf('"'); open >= 0; ) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    let after = close + 1;
    // White space is all that may stand between a name and its colon, and none of it is above the space.
    while (text.charCodeAt(after) <= SPACE) after += 1;
    if (text.charCodeAt(after) === COLON) count += 1;
    open = text.indexOf('"', after);
  }
  return count;
};

/** Whether an odd number of backslashes stands before. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
};

/**
 * Parses the body of a request; throws SyntaxError, with a text for the client, for what SEC-65 refuses: two equal names
 * in one object (parsers disagree on which counts), names that reach a prototype, depth over 32, over 1000 names or as many as are said.
 */
export const parseStrictJson = (text: string, mostNames: number = MAX_MEMBERS): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError('The body is not valid JSON.');
  }
  if (!isJsonObject(value) && !Array.isArray(value)) return value;
  const names = countNames(value, MAX_DEPTH);
  if (names > mostNames) throw new SyntaxError('The JSON text has too many members.');
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

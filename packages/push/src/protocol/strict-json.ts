import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const MAX_DEPTH = 16;

/**
 * Parses a JSON object in which every name means one thing. `JSON.parse` keeps the last of two equal names where other
 * parsers keep the first, so two readers of one signed text could disagree (A012); `__proto__` is nobody's claim.
 */
export function parseJsonObject(text: string): Parsed<Claims> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('not JSON');
  }
  if (!isObject(value)) return refused('not a JSON object');
  const names = countNames(value, MAX_DEPTH);
  if (names === undefined) return refused('a member name or a depth that is not allowed');
  // Two equal names are two members in the text but one in the value, however they are escaped.
  if (names !== countMembers(text)) return refused('a member name occurs twice');
  return parsed(value);
}

function countNames(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return undefined;
  const isList = Array.isArray(value);
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') return undefined;
    const inner = countNames(member, depth - 1);
    if (inner === undefined) return undefined;
    count += inner + (isList ? 0 : 1);
  }
  return count;
}

/** The members of all objects in a valid JSON text: its colons outside strings. */
function countMembers(text: string): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString && code === BACKSLASH) i += 1;
    else if (code === QUOTE) inString = !inString;
    else if (!inString && code === COLON) count += 1;
  }
  return count;
}

import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';

const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** What a reader allows of a JSON text beside its grammar. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxMembers?: number;
  readonly forbiddenNames: ReadonlySet<string>;
}

/**
 * Why a JSON text is refused: the grammar, the depth, the number of members, a forbidden name, a name that occurs twice, or a member
 * whose name or text cannot be kept.
 */
export type JsonProblem =
  | { readonly problem: 'syntax' | 'depth' | 'members' | 'twice' }
  | { readonly problem: 'name'; readonly name: string }
  | { readonly problem: 'text'; readonly member: string };

/** U+0000, which PostgreSQL keeps in no text, and half of a surrogate pair, which UTF-8 has no bytes for (OPS-15). */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Whether every store can keep a text and give it back as it was (OPS-15). */
const isStorableText = (text: string): boolean => !UNSTORABLE.test(text);

/** The first member of a JSON value whose name or text is not storable, as its way from the top; empty for the value itself. */
export function unstorableMember(value: unknown): string | undefined {
  if (typeof value === 'string') return isStorableText(value) ? undefined : '';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (!isStorableText(name)) return name.replace(/[\0\p{Surrogate}]/gu, '');
    const inner = unstorableMember(member);
    if (inner !== undefined) return inner === '' ? name : `${name}/${inner}`;
  }
  return undefined;
}

/**
 * Parses a JSON text in which every name means one thing. `JSON.parse` keeps the last of two equal names where other
 * parsers keep the first, so two readers of one text could disagree (A012, SEC-65).
 */
export function readStrictJson(
  text: string,
  limits: JsonLimits,
): { readonly value: unknown; readonly problem?: undefined } | JsonProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'syntax' };
  }
  const names = countNames(value, limits, limits.maxDepth);
  if (typeof names !== 'number') return names;
  if (names > (limits.maxMembers ?? Number.POSITIVE_INFINITY)) return { problem: 'members' };
  // Two equal names are two members in the text but one in the value, however they are escaped.
  if (names !== countMembers(text)) return { problem: 'twice' };
  const member = mayHoldUnstorable(text) ? unstorableMember(value) : undefined;
  return member === undefined ? { value } : { problem: 'text', member };
}

/** The grammar allows U+0000 in an escape alone, and bytes that were read as UTF-8 hold no surrogates but in one. */
const mayHoldUnstorable = (text: string): boolean => text.includes('\\u') || !isStorableText(text);

function countNames(value: unknown, limits: JsonLimits, depth: number): number | JsonProblem {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return { problem: 'depth' };
  const isList = Array.isArray(value);
  let count = 0;
  for (const name of Object.keys(value)) {
    if (!isList && limits.forbiddenNames.has(name)) return { problem: 'name', name };
    const inner = countNames((value as Record<string, unknown>)[name], limits, depth - 1);
    if (typeof inner !== 'number') return inner;
    count += inner + (isList ? 0 : 1);
  }
  return count;
}

/** The members of all objects in a valid JSON text: its strings that a colon follows. Strings are skipped, not read. */
function countMembers(text: string): number {
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
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
}

/** A JWT is short; `__proto__` is nobody's claim. */
const CLAIMS: JsonLimits = { maxDepth: 16, forbiddenNames: new Set(['__proto__']) };

/** Parses the JSON object of a JWT or of a message. */
export function parseJsonObject(text: string): Parsed<Claims> {
  const read = readStrictJson(text, CLAIMS);
  switch (read.problem) {
    case undefined:
      return isObject(read.value) ? parsed(read.value) : refused('not a JSON object');
    case 'syntax':
      return refused('not JSON');
    case 'twice':
      return refused('a member name occurs twice');
    case 'text':
      return refused('a text with U+0000 or half of a surrogate pair');
    default:
      return refused('a member name or a depth that is not allowed');
  }
}

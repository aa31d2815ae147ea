import { type JsonProblem, readStrictJson } from '@assent/push/protocol';

const MAX_DEPTH = 32;
/** As many members as the body of a request may have where nothing else is said. */
export const MAX_MEMBERS = 1_000;
/** Names that reach a prototype. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses the body of a request; throws SyntaxError, with a text for the client, for what SEC-65 refuses: two equal names
 * in one object (parsers disagree on which counts), names that reach a prototype, depth over 32, over 1000 names or as many as are said;
 * and for what no store can keep, naming the member (OPS-15).
 */
export const parseStrictJson = (text: string, maxMembers: number = MAX_MEMBERS): unknown => {
  const read = readStrictJson(text, { maxDepth: MAX_DEPTH, maxMembers, forbiddenNames: FORBIDDEN });
  if (read.problem !== undefined) throw new SyntaxError(sentenceOf(read));
  return read.value;
};

const sentenceOf = (refusal: JsonProblem): string => {
  switch (refusal.problem) {
    case 'syntax':
      return 'The body is not valid JSON.';
    case 'depth':
      return 'The JSON text is nested too deeply.';
    case 'members':
      return 'The JSON text has too many members.';
    case 'twice':
      return 'A member name occurs twice in one object.';
    case 'name':
      return `The member name ${refusal.name} is not allowed.`;
    case 'text':
      return `${whatHolds(refusal.member)} a NUL character or half of a surrogate pair; leave that out.`;
  }
};

/** Names are as long as whoever sends them likes. */
const MAX_SHOWN = 128;

const whatHolds = (member: string): string =>
  member === '' ? 'The body holds' : `The member ${member.slice(0, MAX_SHOWN)} holds`;

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

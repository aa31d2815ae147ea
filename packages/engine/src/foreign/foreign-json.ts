/** As deep as the bodies of requests may be; no text of a client that is meant well comes near it. */
const MAX_JSON_DEPTH = 32;

/**
 * The value of a JSON text from outside. Throws SyntaxError for no JSON, and for a value nested over 32 levels: `JSON.parse` takes any depth, and
 * what goes through such a value afterwards, as to store it, runs out of stack (SEC-94).
 */
export const parseForeignJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  let level = [value].filter(hasMembers);
  // Level by level: the depth costs no stack, and each member is looked at once.
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === MAX_JSON_DEPTH) throw new SyntaxError(`The JSON text is nested over ${MAX_JSON_DEPTH} levels.`);
    level = level.flatMap((item) => Object.values(item).filter(hasMembers));
  }
  return value;
};

const hasMembers = (value: unknown): value is object => typeof value === 'object' && value !== null;

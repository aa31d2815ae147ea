import { decodeStrictUtf8 } from './strict-json.ts';

/** Far more than any form of ours has. */
const MOST_FIELDS = 200;

/** Reads `application/x-www-form-urlencoded` (WHATWG URL §5.1); throws a `SyntaxError` for what no form of ours sends. */
export const parseFormBody = (bytes: Uint8Array): Readonly<Record<string, string>> => {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(decodeStrictUtf8(bytes))) {
    if (fields.has(name)) throw new SyntaxError(`The field ${name.slice(0, 64)} is there twice; send it once.`);
    if (fields.size >= MOST_FIELDS) throw new SyntaxError(`The form has more than ${MOST_FIELDS} fields; send fewer.`);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
};

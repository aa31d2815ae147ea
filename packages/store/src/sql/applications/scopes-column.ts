/** Scopes that were granted, and the generation of the client that they were granted to. */
interface GrantedScopes {
  readonly scopes: readonly string[];
  readonly clientGeneration?: string;
}

/** No scope has a space (RFC 6749 §3.3), so that an element which begins with one is the generation. */
const MARK = ' ';

/**
 * The text of the scopes with the generation as one more element. Older versions of the program, which may share the database, read it as a scope
 * that no client has; and rows are grouped by both with one column.
 */
export const writeScopes = ({ scopes, clientGeneration }: GrantedScopes): string => {
  const names = scopes.filter((scope) => !scope.startsWith(MARK));
  return JSON.stringify(clientGeneration === undefined ? names : [...names, `${MARK}${clientGeneration}`]);
};

export const readScopes = (text: string): GrantedScopes => {
  const elements: readonly string[] = JSON.parse(text);
  const mark = elements.at(-1);
  if (mark?.startsWith(MARK) !== true) return { scopes: elements };
  return { scopes: elements.slice(0, -1), clientGeneration: mark.slice(MARK.length) };
};

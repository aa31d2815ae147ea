/** How long an address may be that a decision is asked for. */
export const MAX_RESOURCE_LENGTH = 2_000;

/** What servers read in different ways: another path than the one that was decided on could be served. */
const AMBIGUOUS = /\/\/|;|%(?:2f|5c|00)|%(?![0-9a-f]{2})/i;
const UNWRITABLE = /[\\\s\p{Cc}#]/u;

/** A resource in the one form that patterns are compared with. */
export interface Resource {
  /** `https://shop.example.com`, without the port that is usual. */
  readonly origin: string;
  /** Without dot segments and needless escapes. */
  readonly path: string;
  /** The path in lower case, as patterns are compared with it. */
  readonly foldedPath: string;
  /** As it was given, with the question mark; the id of a transaction is no part of it. */
  readonly query: string;
}

/** The query without the parameter in which SDKs carry the id of a transaction. */
const withoutTransaction = (query: string): string => {
  const kept = query
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '' && !/^_txid(?:=|$)/i.test(pair));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
};

/** An address as a resource; undefined for one that is none, or that servers could read in different ways. */
export const resourceOf = (text: string): Resource | undefined => {
  if (text.length > MAX_RESOURCE_LENGTH || UNWRITABLE.test(text) || !/^https?:\/\//i.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  if (AMBIGUOUS.test(url.pathname)) return undefined;
  const path = url.pathname.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : escaped;
  });
  return { origin: url.origin, path, foldedPath: path.toLowerCase(), query: withoutTransaction(url.search) };
};

/** What is wrong with a pattern of resources; undefined for one that can be used. */
export const patternFault = (pattern: string): string | undefined => {
  const [address = '', query] = pattern.split('?', 2);
  if (query !== undefined && query !== '*') return 'Must have no query: a pattern covers every query of its path.';
  if (pattern.includes('-*-')) return 'Must not have -*-: * stands for any text, slashes included.';
  const [, origin = '', path = ''] = /^(https?:\/\/[^/]*)(\/.*)?$/i.exec(address) ?? [];
  if (origin === '' || origin.includes('*')) {
    return 'Must begin with an origin without *, such as https://shop.example.com/account/*.';
  }
  if (path === '') return 'Must have a path, such as https://shop.example.com/*.';
  if (path.split('*').length > 6) return 'Must have five * at most.';
  return resourceOf(address) === undefined ? 'Must be an address, with each * in its path.' : undefined;
};

/** A pattern that addresses are compared with. */
export interface ResourcePattern {
  readonly origin: string;
  /** What stands between the `*` of its path, in lower case. */
  readonly parts: readonly string[];
}

/** A pattern without fault; undefined for any other, which covers nothing. */
export const patternOf = (text: string): ResourcePattern | undefined => {
  const resource = patternFault(text) === undefined ? resourceOf(text.split('?', 1)[0] ?? '') : undefined;
  return resource && { origin: resource.origin, parts: resource.foldedPath.split('*') };
};

/**
 * Whether a pattern covers a resource: `*` stands for any text in the path, and case does not count, as in AM. The work is bounded by the
 * five `*` of a pattern.
 */
export const covers = (pattern: ResourcePattern, { origin, foldedPath: text }: Resource): boolean => {
  if (pattern.origin !== origin) return false;
  const [first = '', ...others] = pattern.parts;
  const last = others.pop();
  if (last === undefined) return text === first;
  // What needs no search first: most patterns end here.
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at;
};

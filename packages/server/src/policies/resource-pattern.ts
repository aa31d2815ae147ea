/** How long an address may be that a decision is asked for. */
export const MAX_RESOURCE_LENGTH = 2_000;

const UNWRITABLE = /[\\\s\p{Cc}#]/u;
/**
 * What servers read in different ways, in a decoded segment of a path: some decode twice, end a segment at a semicolon, take escaped slashes for
 * separators, or drop control characters. Another path than the one that was decided on could be served.
 */
const AMBIGUOUS = /[\\/;\p{Cc}]|%[0-9a-f]{2}/iu;

/** A resource in the one form that patterns are compared with. */
export interface Resource {
  /** `https://shop.example.com`, without the port that is usual. */
  readonly origin: string;
  /** Without dot segments and escapes. */
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

/** Without its escapes, and each character in one form (RFC 3986 §6.2.2, NFC). Undefined for a segment that servers could read in different ways. */
const decodedSegment = (segment: string): string | undefined => {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment).normalize('NFC');
  } catch {
    return undefined;
  }
  return AMBIGUOUS.test(decoded) ? undefined : decoded;
};

/** A path of a URL without its escapes; undefined for one that servers could read in different ways. */
const decodedPath = (path: string): string | undefined => {
  if (path.includes('//')) return undefined;
  const segments = path.split('/').map(decodedSegment);
  return segments.includes(undefined) ? undefined : segments.join('/');
};

const folded = (path: string): string => path.toLowerCase().normalize('NFC');

/** The origin of a URL, without the dot that can end a host; undefined where the host has an empty label. */
const originOf = ({ protocol, hostname, port }: URL): string | undefined => {
  const host = hostname.replace(/\.$/, '');
  if (host.split('.').includes('')) return undefined;
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
};

/** The parts of an address that are compared, the path as it is written. Undefined for a text that is no address of the web. */
const addressOf = (
  text: string,
): { readonly origin: string; readonly path: string; readonly query: string } | undefined => {
  if (text.length > MAX_RESOURCE_LENGTH || UNWRITABLE.test(text) || !/^https?:\/\//i.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  const origin = originOf(url);
  return origin === undefined ? undefined : { origin, path: url.pathname, query: url.search };
};

/** An address as a resource; undefined for one that is none, or that servers could read in different ways. */
export const resourceOf = (text: string): Resource | undefined => {
  const address = addressOf(text);
  const path = address && decodedPath(address.path);
  if (address === undefined || path === undefined) return undefined;
  return { origin: address.origin, path, foldedPath: folded(path), query: withoutTransaction(address.query) };
};

const IS_AMBIGUOUS =
  'Must have no //, ; or control character in its path, and no escaped slash, backslash or escape (%2F, %5C, %252F). Servers read these in different ways.';

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
  const written = addressOf(address);
  if (written === undefined) return 'Must be an address, with each * in its path.';
  return decodedPath(written.path) === undefined ? IS_AMBIGUOUS : undefined;
};

/** A pattern that addresses are compared with. */
export interface ResourcePattern {
  readonly origin: string;
  /** What stands between the `*` of its path, in lower case. */
  readonly parts: readonly string[];
}

/** A pattern without fault; undefined for any other, which covers nothing. An escaped `*` stands for itself. */
export const patternOf = (text: string): ResourcePattern | undefined => {
  const address = patternFault(text) === undefined ? addressOf(text.split('?', 1)[0] ?? '') : undefined;
  if (address === undefined) return undefined;
  const parts = address.path.split('*').map(decodedPath);
  return parts.every((part) => part !== undefined) ? { origin: address.origin, parts: parts.map(folded) } : undefined;
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

import { LRUCache } from 'lru-cache';
import { parseRealmPath, realmOfQuery } from '../realms/realm-path.ts';
import { type BodyLimits, bodyLimitsOf } from './json-body.ts';
import { type Parameters, parametersOf } from './parameters.ts';

/** What an address under `{am}/json` says, whoever asks for it. */
export interface Address {
  /** `/` or `/alpha`; the query may name another one than the path. */
  readonly realmPath: string;
  /** The segments of the resource, decoded. */
  readonly resource: readonly string[];
  readonly query: Parameters;
  readonly bodyLimits: BodyLimits;
}

/** Longer ones are rare, and each would take a place that many short ones could have. */
const MAX_CACHED_LENGTH = 256;
const MAX_CACHED = 256;

/** Parameters that carry no secret, nor anything that another request would not say again. */
const REPEATED_PARAMETERS = new Set([
  '_action',
  'authIndexType',
  'authIndexValue',
  'ForceAuth',
  'locale',
  'noSession',
  'realm',
]);

/**
 * Reads addresses. Journeys and phones ask for the same few again and again, so those are cached. An address with a secret, such as that of a suspended journey or of a back channel, is not kept.
 */
export class Addresses {
  readonly #prefix: string;
  readonly #cache = new LRUCache<string, Address>({ max: MAX_CACHED });

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** What {@link parseAddress} reads. */
  read(url: string): Address | undefined {
    const known = this.#cache.get(url);
    if (known !== undefined) return known;
    const address = parseAddress(this.#prefix, url);
    if (address !== undefined && url.length <= MAX_CACHED_LENGTH && isRepeated(address)) {
      this.#cache.set(url, address);
    }
    return address;
  }
}

/**
 * Reads an address that begins with the prefix. Undefined for one that the API cannot have; throws a `SyntaxError` for
 * parameters that cannot be read.
 */
export const parseAddress = (prefix: string, url: string): Address | undefined => {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const parsed = parseRealmPath(path.slice(prefix.length).replace(/\/$/, ''));
  if (parsed === undefined) return undefined;
  const query = parametersOf(url);
  const realmPath = realmOfQuery(query.realm) ?? parsed.realm;
  return Object.freeze({ realmPath, resource: parsed.resource, query, bodyLimits: bodyLimitsOf(parsed.resource) });
};

const isRepeated = ({ resource, query }: Address): boolean =>
  (resource[0] === 'authenticate' || resource[0] === 'push') &&
  (query.authIndexType === undefined || query.authIndexType === 'service') &&
  Object.keys(query).every((name) => REPEATED_PARAMETERS.has(name));

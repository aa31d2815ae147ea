import { parse as parseQuery } from 'node:querystring';
import { type BodyLimits, bodyLimitsOf } from './json-body.ts';
import { parseRealmPath, realmOfQuery } from './realm-path.ts';

/** What an address under `{am}/json` says, whoever asks for it. */
export interface Address {
  /** `/` or `/alpha`; the query may name another one than the path. */
  readonly realmPath: string;
  /** The segments of the resource, decoded. */
  readonly resource: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly bodyLimits: BodyLimits;
}

/** Longer ones are rare, and each would take a place that many short ones could have. */
const LONGEST_REMEMBERED = 256;
const MOST_REMEMBERED = 256;

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
 * Reads addresses. Journeys and phones ask for the same few again and again, so those are remembered; a flood of others only
 * empties what is. An address with a secret, such as that of a suspended journey or of a back channel, is not kept.
 */
export class Addresses {
  readonly #prefix: string;
  readonly #remembered = new Map<string, Address>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Undefined for one that the API cannot have. */
  read(url: string): Address | undefined {
    const known = this.#remembered.get(url);
    if (known !== undefined) return known;
    const address = this.#parse(url);
    if (address !== undefined && url.length <= LONGEST_REMEMBERED && isRepeated(address)) {
      if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(url, address);
    }
    return address;
  }

  #parse(url: string): Address | undefined {
    const end = url.indexOf('?');
    const path = end < 0 ? url : url.slice(0, end);
    const parsed = parseRealmPath(path.slice(this.#prefix.length).replace(/\/$/, ''));
    if (parsed === undefined) return undefined;
    const query = Object.freeze(parseQuery(end < 0 ? '' : url.slice(end + 1))) as Address['query'];
    const realmPath = realmOfQuery(typeof query.realm === 'string' ? query.realm : undefined) ?? parsed.realm;
    return Object.freeze({ realmPath, resource: parsed.resource, query, bodyLimits: bodyLimitsOf(path) });
  }
}

const isRepeated = ({ resource, query }: Address): boolean =>
  (resource[0] === 'authenticate' || resource[0] === 'push') &&
  (query.authIndexType === undefined || query.authIndexType === 'service') &&
  Object.keys(query).every((name) => REPEATED_PARAMETERS.has(name));

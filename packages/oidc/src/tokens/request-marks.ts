import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Parameters } from '../protocol/request.ts';

const KEY_BYTES = 32;

const hmac = (key: Uint8Array, ...parts: readonly string[]): Buffer =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest();

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** The parameters in one order, whatever the order in which they came. */
const canonical = (parameters: Parameters): string =>
  JSON.stringify(
    Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The keys there are at this moment. A mark is good for minutes and names none: it is of the one in use, or of one before. */
export interface MarkKeys {
  active(): { readonly bytes: Uint8Array };
  good(): readonly Uint8Array[];
}

/**
 * What this server has said of a request and wants to believe when it comes back through a browser: a MAC stands for a row, so that
 * nobody who is not signed in makes the server write (OIDC-22).
 */
export class RequestMarks {
  readonly #keys: MarkKeys;

  constructor(keys: MarkKeys) {
    if (keys.good().some(({ length }) => length !== KEY_BYTES)) throw new RangeError('a key of marks has 32 bytes');
    this.#keys = keys;
  }

  /** Says that the browser was sent to sign in for this very request, and when (OIDC-10). */
  since(realm: string, parameters: Parameters, at: number): string {
    return `${at}.${ofSince(this.#active(), realm, parameters, at).toString('base64url')}`;
  }

  /** The time that such a mark says; undefined where it is another request's, or nobody of ours wrote it. */
  readSince(realm: string, parameters: Parameters, mark: string): number | undefined {
    const { at, mac } = /^(?<at>\d{1,16})\.(?<mac>[\w-]{43})$/.exec(mark)?.groups ?? {};
    if (at === undefined || mac === undefined) return undefined;
    const given = Buffer.from(mac, 'base64url');
    const isOurs = this.#isOfAny((key) => isSame(given, ofSince(key, realm, parameters, Number(at))));
    return isOurs ? Number(at) : undefined;
  }

  /** Proves that a form was made for this session, client and scope (OIDC-09). */
  form(tokenHash: string, clientId: string, scopes: readonly string[]): string {
    return ofForm(this.#active(), tokenHash, clientId, scopes).toString('base64url');
  }

  /** Whether the form is that one, or whoever sends it shows the token of the session itself, as AM's clients do. */
  isForm(mark: string, tokenHash: string, clientId: string, scopes: readonly string[]): boolean {
    const given = Buffer.from(mark, 'base64url');
    const isOurs = this.#isOfAny((key) => isSame(given, ofForm(key, tokenHash, clientId, scopes)));
    const isToken = isSame(createHash('sha256').update(mark).digest(), Buffer.from(tokenHash, 'base64url'));
    return isOurs || isToken;
  }

  #active(): Uint8Array {
    return this.#keys.active().bytes;
  }

  #isOfAny(isOf: (key: Uint8Array) => boolean): boolean {
    return this.#keys.good().some(isOf);
  }
}

const ofSince = (key: Uint8Array, realm: string, parameters: Parameters, at: number): Buffer =>
  hmac(key, 'since', realm, canonical(parameters), String(at));

const ofForm = (key: Uint8Array, tokenHash: string, clientId: string, scopes: readonly string[]): Buffer =>
  hmac(key, 'form', tokenHash, clientId, ...scopes);

import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA-256 as two digests (RFC 2104): `createHmac` costs several times as much. */
export class Mac {
  readonly #inner = Buffer.alloc(64, 0x36);
  readonly #outer = Buffer.alloc(96, 0x5c);
  constructor(key: Buffer) {
    for (let at = 0; at < key.length; at += 1) {
      this.#inner[at] = (key[at] ?? 0) ^ 0x36;
      this.#outer[at] = (key[at] ?? 0) ^ 0x5c;
    }
  }
  of(data: Buffer | string, encoding: 'base64url' | 'base64' = 'base64url'): string {
    const place = Buffer.allocUnsafe(64 + data.length);
    place.set(this.#inner);
    if (typeof data === 'string') place.write(data, 64, 'latin1');
    else place.set(data, 64);
    this.#outer.write(hash('sha256', place, 'binary'), 64, 'latin1');
    return hash('sha256', this.#outer, encoding);
  }
}

const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');
export const sign = (mac: Mac, claims: string): string => {
  const input = `${HEADER}.${Buffer.from(claims).toString('base64url')}`;
  return `${input}.${mac.of(input)}`;
};
export const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** The claims of a JWT; of one with another header or signature, none. */
export const verified = (mac: Mac, jwt: string): Record<string, unknown> | undefined => {
  const end = jwt.lastIndexOf('.');
  const start = jwt.indexOf('.') + 1;
  const { alg } = start === HEADER.length + 1 && jwt.startsWith(HEADER) ? HS256 : parsed(jwt.slice(0, start - 1));
  if (alg !== 'HS256' || !isSame(jwt.slice(end + 1), mac.of(jwt.slice(0, end)))) return undefined;
  return parsed(jwt.slice(start, end));
};
const HS256 = { alg: 'HS256' };
const parsed = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

const drawn = Buffer.alloc(4_096);
let used = drawn.length;
/** Drawn ahead, since each call of the generator costs as much as hundreds of bytes. */
export const draw = (length: number): Buffer => {
  if (used + length > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += length;
  return drawn.subarray(used - length, used);
};
/** A UUID that begins with the time, so that rows of one time lie on one page (performance.md §4 rule 12). */
export const timeId = (now: number): string => {
  const time = now.toString(16).padStart(12, '0');
  const rest = draw(9).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6)}`;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Throws for bytes that are no UTF-8. */
export const textOf = (bytes: Uint8Array): string => utf8.decode(bytes);

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const names = (value: unknown, depth: number): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw new SyntaxError('too deep');
  let count = 0;
  if (Array.isArray(value)) for (const it of value) count += names(it, depth - 1);
  else {
    for (const name of Object.keys(value)) {
      if (FORBIDDEN.has(name)) throw new SyntaxError(name);
      count += 1 + names((value as Record<string, unknown>)[name], depth - 1);
    }
  }
  return count;
};
/** Strings that a colon follows, in text that is JSON. */
const namesWritten = (text: string): number => {
  let count = 0;
  for (let open = text.indexOf('"'); open >= 0; ) {
    let close = text.indexOf('"', open + 1);
    for (let at = close; text.charCodeAt(at - 1) === 0x5c; close = at = text.indexOf('"', at + 1)) {
      let slashes = 1;
      while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes += 1;
      if (slashes % 2 === 0) break;
    }
    let after = close + 1;
    while (text.charCodeAt(after) <= 0x20) after += 1;
    if (text.charCodeAt(after) === 0x3a) count += 1;
    open = text.indexOf('"', after);
  }
  return count;
};
/** Strict JSON (SEC-65): no name twice in an object, none that reaches a prototype, 32 levels and 1,000 names at most. */
export const strictJson = (text: string): Record<string, unknown> => {
  const value = JSON.parse(text) as unknown;
  const count = names(value, 32);
  if (typeof value !== 'object' || value === null || count > 1_000 || count !== namesWritten(text)) {
    throw new SyntaxError('not strict');
  }
  return value as Record<string, unknown>;
};

import { decodeBase64UrlExactly } from './base64.ts';
import { isObject } from './parsed.ts';

/** The public half of a P-256 key (RFC 7518 §6.2.1). */
export interface EcPublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/**
 * Reads the shape of a P-256 public key and drops every other member; whether the point is on the curve is for
 * whoever has the arithmetic to say. A private half is refused: a key that has travelled identifies nobody.
 */
export function parseEcPublicJwk(value: unknown): EcPublicJwk | undefined {
  if (!isObject(value) || value.kty !== 'EC' || value.crv !== 'P-256' || Object.hasOwn(value, 'd')) return undefined;
  const { x, y } = value;
  return isCoordinate(x) && isCoordinate(y) ? { kty: 'EC', crv: 'P-256', x, y } : undefined;
}

const isCoordinate = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 43 && decodeBase64UrlExactly(value)?.length === 32;

import { type KeyObject, verify } from 'node:crypto';

export interface ReadAssertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A JWT taken apart and verified by nothing of ours; or what is wrong with it. */
export const readAssertion = (jwt: string, alg: 'RS256' | 'ES256', key: KeyObject): ReadAssertion | string => {
  const [header = '', payload = '', signature = '', ...more] = jwt.split('.');
  if (more.length > 0 || ![header, payload, signature].every((it) => /^[\w-]+$/.test(it))) return 'no compact JWS';
  const read = { header: jsonOf(header), claims: jsonOf(payload) };
  if (read.header === undefined || read.claims === undefined) return 'no JSON';
  if (read.header.alg !== alg) return `alg ${String(read.header.alg)}`;
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  return isGenuine ? { header: read.header, claims: read.claims } : 'a bad signature';
};

const jsonOf = (segment: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

/** Which names are not among the allowed ones. */
export const unknownNames = (value: object, allowed: readonly string[]): readonly string[] =>
  Object.keys(value).filter((name) => !allowed.includes(name));

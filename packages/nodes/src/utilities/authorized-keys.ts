import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { foreignKeyFault, parseForeignJson } from '@assent/engine';

/** One line of a file in OpenSSH's `authorized_keys` format (sshd(8)). */
export interface AuthorizedKey {
  readonly key: KeyObject;
  /** JWS algorithms that go with the key. */
  readonly algorithms: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, string>;
}

const KEY = /(?:^| )(ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) +([A-Za-z0-9+/]+)/;
/** What stands before the key: nothing, or options with commas between them. */
const OPTIONS = /^(?:[A-Za-z0-9-]+(?:="[^"]*")?(?:,|$))*$/;
const OPTION = /([A-Za-z0-9-]+)(?:="([^"]*)")?/g;

/** RFC 7518 §3.1, by kind of key: the algorithm belongs to the key, never to the token (RFC 8725 §3.1). */
const RSA = new Map([
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512'],
]);
const CURVES: Readonly<
  Record<string, { readonly crv: string; readonly bytes: number; readonly algorithm: string; readonly hash: string }>
> = {
  nistp256: { crv: 'P-256', bytes: 32, algorithm: 'ES256', hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, algorithm: 'ES384', hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, algorithm: 'ES512', hash: 'sha512' },
};

/** RFC 4251 §5: each part with its length before it. */
const partsOf = (blob: Buffer): readonly Buffer[] => {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
};

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** RFC 4253 §6.6 and RFC 5656 §3.1. */
const keyOf = (type: string, blob: Buffer): Pick<AuthorizedKey, 'key' | 'algorithms'> | undefined => {
  const [name, second, third] = partsOf(blob);
  if (name?.toString('ascii') !== type || second === undefined || third === undefined) return undefined;
  try {
    if (type === 'ssh-rsa') {
      const jwk = { kty: 'RSA', e: base64Url(second), n: base64Url(third) };
      return foreignKeyFault(jwk) === undefined
        ? { key: createPublicKey({ key: jwk, format: 'jwk' }), algorithms: RSA }
        : undefined;
    }
    const curve = CURVES[second.toString('ascii')];
    // An uncompressed point: 4, x, y.
    if (curve === undefined || third.length !== 1 + 2 * curve.bytes || third[0] !== 4) return undefined;
    const [x, y] = [third.subarray(1, 1 + curve.bytes), third.subarray(1 + curve.bytes)];
    const jwk = { kty: 'EC', crv: curve.crv, x: base64Url(x), y: base64Url(y) };
    if (foreignKeyFault(jwk, curve.algorithm) !== undefined) return undefined;
    return {
      key: createPublicKey({ key: jwk, format: 'jwk' }),
      algorithms: new Map([[curve.algorithm, curve.hash]]),
    };
  } catch {
    return undefined;
  }
};

/** The keys of a file; lines that are none, and kinds of key that sign no such token, are passed over. */
export const readAuthorizedKeys = (text: string): readonly AuthorizedKey[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const found = KEY.exec(line.trim());
    if (found === null) return [];
    const [, type = '', encoded = ''] = found;
    const options = line.trim().slice(0, found.index).trimEnd();
    const key = OPTIONS.test(options) ? keyOf(type, Buffer.from(encoded, 'base64')) : undefined;
    if (key === undefined) return [];
    const named = [...options.matchAll(OPTION)].map(([, name = '', value = '']): [string, string] => [
      name.toLowerCase(),
      value,
    ]);
    return [{ ...key, options: new Map(named) }];
  });

const matchesAddress = (pattern: string, address: string): boolean => {
  const [base = '', length] = pattern.split('/');
  const family = isIP(base);
  if (length !== undefined) {
    const bits = Number(length);
    if (family === 0 || family !== isIP(address) || !(Number.isInteger(bits) && bits <= (family === 4 ? 32 : 128))) {
      return false;
    }
    const list = new BlockList();
    list.addSubnet(base, bits, family === 4 ? 'ipv4' : 'ipv6');
    return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
  return matchesWildcards(base, address);
};

/** `?` stands for one character and `*` for any number of them. A star that fits takes what is left over by those behind it. */
const matchesWildcards = (pattern: string, text: string): boolean => {
  let [at, star, taken] = [0, -1, 0];
  for (let place = 0; place < text.length; ) {
    if (pattern[at] === '*') [star, taken] = [at++, place];
    else if (pattern[at] === '?' || pattern[at] === text[place]) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      taken += 1;
      [at, place] = [star + 1, taken];
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
};

/** Whether the options of a key allow a subject, and an address to come from. A pattern with `!` before it forbids. */
export const isAllowedBy = ({ options }: AuthorizedKey, subject: string, address: string): boolean => {
  const subjects = options.get('subject')?.split(',');
  if (subjects !== undefined && !subjects.includes(subject) && !subjects.includes('*')) return false;
  const patterns = options.get('from')?.split(',');
  if (patterns === undefined) return true;
  const forbidden = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const allowed = patterns.filter((pattern) => !pattern.startsWith('!'));
  return !forbidden.some((it) => matchesAddress(it, address)) && allowed.some((it) => matchesAddress(it, address));
};

/** A compact JWS with nothing of it believed yet. */
export interface UnverifiedToken {
  readonly algorithm: string;
  readonly signingInput: string;
  readonly signature: Buffer;
  /** As base64url of JSON: it is read by {@link claimsOf}, once the signature is good. */
  readonly payload: string;
}

const MAX_TOKEN_LENGTH = 8_192;
const MAX_HEADER_LENGTH = 1_024;

const jsonOf = (segment: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = parseForeignJson(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

export const takeApart = (token: string): UnverifiedToken | undefined => {
  const [head, body, signature, ...more] = token.length > MAX_TOKEN_LENGTH ? [] : token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined;
  const header = head.length > MAX_HEADER_LENGTH ? undefined : jsonOf(head);
  if (typeof header?.alg !== 'string' || header.crit !== undefined) return undefined;
  return {
    algorithm: header.alg,
    signingInput: `${head}.${body}`,
    signature: Buffer.from(signature, 'base64url'),
    payload: body,
  };
};

/** The claims of a token whose signature is good; undefined where it has none. */
export const claimsOf = ({ payload }: UnverifiedToken): Readonly<Record<string, unknown>> | undefined =>
  jsonOf(payload);

export const isSignedBy = ({ key, algorithms }: AuthorizedKey, token: UnverifiedToken): boolean => {
  const hash = algorithms.get(token.algorithm);
  return (
    hash !== undefined &&
    verify(hash, Buffer.from(token.signingInput), { key, dsaEncoding: 'ieee-p1363' }, token.signature)
  );
};

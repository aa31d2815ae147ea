import type { X509Certificate } from 'node:crypto';
import { parseForeignJson } from '@assent/engine';
import { decodeBase64, isObject, unlessRefused, utf8Text } from '@assent/push/protocol';
import { readCertificates, readForeignCertificate } from '../../certificates/certificates.ts';
import type { RevocationList } from '../../certificates/revocation-list.ts';
import { type AuthenticatorMetadata, readEdition } from '../trust/model-metadata.ts';
import { leadsToTrusted } from '../trust/trusted-chain.ts';
import type { PasskeyJudge, PasskeyLibrary } from '../verification/passkey-library.ts';

/** By what the signature of a blob counts. */
export interface MetadataTrust {
  /** PEM; that of the FIDO Alliance where empty. */
  readonly roots: string;
  /** The host that the certificate of the signer is for. */
  readonly signer: string;
  readonly revocationLists?: (() => Promise<readonly RevocationList[]>) | undefined;
  readonly now: number;
}

export type MetadataLibrary = Pick<PasskeyLibrary, 'metadataRoots' | 'readMetadata'> & Pick<PasskeyJudge, 'judgeChain'>;

/** As FIDO signs, and what its successors may sign by (RFC 7518 §3.1). */
const ALGORITHMS = new Set(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']);
const MAX_HEADER_LENGTH = 65_536;
const MAX_CERTIFICATES = 8;

/**
 * What a blob of the FIDO Metadata Service says, once its signature is found to be that of whoever is trusted for it; rejects with the reason
 * where it is not. Its certificates are those that it brings along (`x5c`): none is fetched from an address that it names (`x5u`).
 * @see FIDO Metadata Service 3.0 §3.2
 */
export async function verifyMetadataBlob(
  blob: Buffer,
  trust: MetadataTrust,
  library: MetadataLibrary,
): Promise<AuthenticatorMetadata> {
  const { algorithm, chain } = headerOf(blob);
  const [signer] = chain;
  if (signer === undefined) throw new Error('It brings no certificate (x5c).');
  // Its root may be one that many servers of the web have theirs of.
  if (signer.checkHost(trust.signer, { subject: 'default' }) === undefined)
    throw new Error(`It is signed by somebody else than ${trust.signer}.`);
  const trusted = readCertificates(trust.roots.trim() === '' ? await library.metadataRoots() : trust.roots);
  const { revocationLists, now } = trust;
  if (!(await leadsToTrusted(chain, { trusted, revocationLists, now }, library)))
    throw new Error(
      revocationLists === undefined
        ? 'Its certificates lead to no root that the realm trusts for it, or have expired.'
        : 'Its certificates lead to no root that the realm trusts for it, have expired, or no list says that they are not revoked.',
    );
  const key = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const read = await library.readMetadata({ blob, algorithm, key });
  if (!read.accepted) throw new Error(`It cannot be verified: ${read.why}`);
  try {
    return readEdition(read.value);
  } catch (cause) {
    throw new Error('It has no number (no), no date (nextUpdate) or no entries.', { cause });
  }
}

function headerOf(blob: Buffer): { readonly algorithm: string; readonly chain: readonly X509Certificate[] } {
  const end = blob.subarray(0, MAX_HEADER_LENGTH).indexOf('.');
  const bytes = end < 0 ? undefined : decodeBase64(blob.toString('latin1', 0, end).trimStart());
  const header: unknown = unlessRefused(() => parseForeignJson((bytes && utf8Text(bytes)) ?? ''));
  if (!isObject(header)) throw new Error('It is no JWS.');
  const { alg, x5c, crit } = header;
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg) || crit !== undefined)
    throw new Error('It is signed in a way that is not known here.');
  if (!Array.isArray(x5c) || x5c.length > MAX_CERTIFICATES) throw new Error('It brings no certificates (x5c).');
  const chain = x5c.map((text) => unlessRefused(() => readForeignCertificate(Buffer.from(String(text), 'base64'))));
  if (chain.includes(undefined)) throw new Error('A certificate that it brings cannot be read.');
  return { algorithm: alg, chain: chain as readonly X509Certificate[] };
}

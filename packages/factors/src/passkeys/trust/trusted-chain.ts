import type { X509Certificate } from 'node:crypto';
import { isInTime } from '../../certificates/certificates.ts';
import { isKnownGood, type RevocationList } from '../../certificates/revocation-list.ts';

export interface ChainCall {
  /** In DER, the leaf first and without a root. */
  readonly certificates: readonly Uint8Array[];
  /** PEM. */
  readonly root: string;
}

export interface ChainJudge {
  /** Whether certificates lead to a root, each signed by the next and valid today. Nothing is fetched. */
  judgeChain(call: ChainCall): Promise<{ readonly accepted: boolean }>;
}

/** By what a chain is judged. */
export interface ChainTrust {
  readonly trusted: readonly X509Certificate[];
  /**
   * Reads lists of revoked certificates, where one that none of them speaks for is not good enough. Called once the certificates lead to one of those that
   * are trusted: otherwise a stranger would have many lists read by a chain of their own.
   */
  readonly revocationLists?: (() => Promise<readonly RevocationList[]>) | undefined;
  readonly now: number;
}

/**
 * Whether certificates, the leaf first, lead to one of those that are trusted. One that they bring themselves proves nothing unless it is one of
 * them (WA-21), and whatever stands between the leaf and it has to be an authority: a leaf that was stolen signs no other one.
 * @see WebAuthn Level 3 §7.1, of attestation trustworthiness
 */
export async function leadsToTrusted(
  chain: readonly X509Certificate[],
  { trusted, revocationLists, now }: ChainTrust,
  judge: ChainJudge,
): Promise<boolean> {
  for (const anchor of trusted) {
    const at = chain.findIndex(({ raw }) => raw.equals(anchor.raw));
    // A leaf may itself be what is trusted: that one alone, and nothing that it has signed. Of who has issued it nothing is known.
    if (at === 0 && revocationLists === undefined && isInTime(anchor, now)) return true;
    const path = at < 0 ? withoutOwnRoot(chain) : chain.slice(0, at);
    if (!mayBeIssuedBelow(path, anchor)) continue;
    const verdict = await judge.judgeChain({ certificates: path.map(({ raw }) => raw), root: anchor.toString() });
    if (!verdict.accepted) continue;
    if (revocationLists === undefined || (await isGoodPath(path, anchor, await revocationLists(), now))) return true;
  }
  return false;
}

const isGoodPath = async (
  path: readonly X509Certificate[],
  anchor: X509Certificate,
  lists: readonly RevocationList[],
  now: number,
): Promise<boolean> => {
  for (const [place, certificate] of path.entries())
    if (!(await isKnownGood(certificate, path[place + 1] ?? anchor, lists, now))) return false;
  return true;
};

/** By its names and uses alone, so that the library is asked about those that may be the one. */
const mayBeIssuedBelow = (path: readonly X509Certificate[], anchor: X509Certificate): boolean =>
  anchor.ca && path.slice(1).every(({ ca }) => ca) && path.at(-1)?.checkIssued(anchor) === true;

const withoutOwnRoot = (chain: readonly X509Certificate[]): readonly X509Certificate[] => {
  const last = chain.at(-1);
  return chain.length > 1 && last?.checkIssued(last) === true ? chain.slice(0, -1) : chain;
};

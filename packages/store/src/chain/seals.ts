import { hash } from 'node:crypto';
import type { Random } from '@assent/engine';
import type { AuditEvent } from '@assent/engine/host';
import { canonicalJson } from './canonical-json.ts';

const SHA_256_BYTES = 32;
const SALT_BYTES = 16;

/** What stands for the hash before that of the first row: 32 bytes of zero. */
export const GENESIS = Buffer.alloc(SHA_256_BYTES).toString('base64url');

/** The place that a chain goes on from: a position and the hash there. */
export interface ChainPlace {
  readonly position: number;
  readonly hash: string;
}

/** The values that prove a row. */
export interface Seal {
  /** Of this row and, by the one before, of all rows up to it: base64url. Stored for the last row of a batch, computed for the others. */
  readonly hash: string;
  /** Of rows that have a detail, which cannot be guessed from its hash without it; goes with the detail when that is erased. */
  readonly salt?: string;
  /** Of rows that had a detail when they were sealed; stored only once the detail is erased, so that the chain stays whole. */
  readonly detailHash?: string;
}

/** A row of the trail with its place in it. */
export interface TrailRow {
  readonly id: string;
  readonly position: number;
  /** Undefined where what is stored is no row of ours any more: somebody has changed it. */
  readonly event: AuditEvent | undefined;
  /** Absent as long as it was not sealed. */
  readonly seal?: Seal;
}

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

const SALTS_AT_ONCE = 64;

/** Returns a new salt on each call. Draws the bytes of 64 salts at once, because each draw takes 2 µs. */
export const saltsFrom = (random: Pick<Random, 'bytes'>): (() => string) => {
  let bytes = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === bytes.length) {
      bytes = Buffer.from(random.bytes(SALT_BYTES * SALTS_AT_ONCE));
      at = 0;
    }
    at += SALT_BYTES;
    return bytes.toString('base64url', at - SALT_BYTES, at);
  };
};

/** The hash of a detail by its stored text, which is canonical JSON. */
export const detailHashOfText = (text: string, salt: string): string => sha256(`${salt}.${text}`);

export const detailHashOf = (detail: NonNullable<AuditEvent['detail']>, salt: string): string =>
  detailHashOfText(canonicalJson(detail), salt);

/** Of what no row can be: found wherever it is compared, and no reason for the sealer to stand still. */
const UNREADABLE = 'unreadable';

/**
 * Of all that a row says, in a form that an outsider can make again (docs/reference/audit.md, SEC-80); of its detail, the hash. The members stand
 * in the order of their names, so that the text is canonical.
 */
export const digestOf = ({ id, position, event }: Omit<TrailRow, 'seal'>, detailHash: string | undefined): string => {
  if (event === undefined) return sha256(UNREADABLE);
  const { at, event: name, realm, transactionId, userId, journey, nodeType, nodeId, outcome } = event;
  const time = new Date(at).toISOString();
  return sha256(
    JSON.stringify({
      detailHash,
      event: name,
      id,
      journey,
      nodeId,
      nodeType,
      outcome,
      position,
      realm,
      time,
      transactionId,
      userId,
    }),
  );
};

export const linked = (previous: string, digest: string): string => sha256(`${previous}.${digest}`);

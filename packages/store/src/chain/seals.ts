import { createHash } from 'node:crypto';
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

/** What the sealer adds to a row. */
export interface Seal {
  /** Of this row and, by the one before, of all rows up to it: base64url. */
  readonly hash: string;
  /** Of rows that have a detail, which cannot be guessed from its hash without it; goes with the detail when that is erased. */
  readonly salt?: string;
  /** Of rows that had a detail when they were sealed; it stays when the detail is erased, so that the chain stays whole. */
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const newSalt = (random: Pick<Random, 'bytes'>): string => Buffer.from(random.bytes(SALT_BYTES)).toString('base64url');

export const detailHashOf = (detail: NonNullable<AuditEvent['detail']>, salt: string): string =>
  sha256(`${salt}.${canonicalJson(detail)}`);

/** Of what no row can be: found wherever it is compared, and no reason for the sealer to stand still. */
const UNREADABLE = 'unreadable';

/** Of all that a row says, in a form that an outsider can make again (docs/reference/audit.md, SEC-80); of its detail, the hash. */
export const digestOf = ({ id, position, event }: Omit<TrailRow, 'seal'>, detailHash: string | undefined): string => {
  if (event === undefined) return sha256(UNREADABLE);
  const { at, detail: _, ...members } = event;
  return sha256(canonicalJson({ ...members, id, position, time: new Date(at).toISOString(), detailHash }));
};

export const linked = (previous: string, digest: string): string => sha256(`${previous}.${digest}`);

/** The seal of a row behind another. */
export const sealOf = (row: Omit<TrailRow, 'seal'>, previous: string, random: Pick<Random, 'bytes'>): Seal => {
  const detail = row.event?.detail;
  if (detail === undefined) return { hash: linked(previous, digestOf(row, undefined)) };
  const salt = newSalt(random);
  const detailHash = detailHashOf(detail, salt);
  return { hash: linked(previous, digestOf(row, detailHash)), salt, detailHash };
};

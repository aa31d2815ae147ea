import type { AuditEvent } from '@assent/engine/host';
import type { TrailRow } from '@assent/store';
import { z } from 'zod';

const hash = z.string().regex(/^[\w-]{43}$/);
const position = z.int().min(0);
const text = z.string();

/** A row as `auditLine` writes it: nothing beside it, since nothing would prove that. */
const line = z.strictObject({
  format: z.literal('assent-audit/1'),
  id: text,
  position,
  time: z.iso.datetime({ precision: 3 }),
  event: text,
  realm: text,
  transactionId: text,
  userId: text.optional(),
  journey: text.optional(),
  nodeType: text.optional(),
  nodeId: text.optional(),
  outcome: text.optional(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  salt: text.optional(),
  detailHash: hash.optional(),
  previous: hash,
  hash: hash.optional(),
});

export type ReadLine = TrailRow & { readonly previous: string };

const without = <T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;

/** A row of the trail from its line; undefined where it is none. */
export const readAuditLine = (value: unknown): ReadLine | undefined => {
  const read = line.safeParse(value);
  if (!read.success) return undefined;
  const { format: _, id, position: at, time, previous, hash: own, salt, detailHash, ...members } = read.data;
  const event = without({ ...members, at: Date.parse(time) }) as AuditEvent;
  return {
    id,
    position: at,
    previous,
    event,
    ...(own !== undefined && { seal: without({ hash: own, salt, detailHash }) as NonNullable<TrailRow['seal']> }),
  };
};

const key = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: hash, kid: hash });

/** A public key as `assent audit key` prints it. */
export const readCheckpointKey = (value: unknown) => {
  const read = key.safeParse(value);
  return read.success ? read.data : undefined;
};

export const readHead = (value: unknown) =>
  z
    .object({
      time: text,
      filter: z.record(z.string(), z.unknown()),
      begins: z.object({ position, hash }),
      keys: z.array(key).max(100),
    })
    .safeParse(value).data;

export const readLink = (value: unknown) =>
  z.strictObject({ format: text, position, digest: hash }).safeParse(value).data;

export const readEnd = (value: unknown) =>
  z.strictObject({ format: text, position, hash, rows: z.int().min(0), links: z.int().min(0) }).safeParse(value).data;

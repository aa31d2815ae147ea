import type { X509Certificate } from 'node:crypto';
import { unlessRefused } from '@assent/push/protocol';
import { z } from 'zod';
import { readForeignCertificate } from '../../certificates/certificates.ts';

/** Levels of the FIDO Alliance, from none to the highest. */
export const CERTIFICATION_LEVELS = [
  'OFF',
  'SELF_ASSERTION_SUBMITTED',
  'FIDO_CERTIFIED_L1',
  'FIDO_CERTIFIED_L1plus',
  'FIDO_CERTIFIED_L2',
  'FIDO_CERTIFIED_L2plus',
  'FIDO_CERTIFIED_L3',
  'FIDO_CERTIFIED_L3plus',
] as const;
export type CertificationLevel = (typeof CERTIFICATION_LEVELS)[number];

/** Of an edition: several times as many as the FIDO Alliance knows. */
export const MAX_MODELS = 1_000;

/** Of one entry and its texts. The thread that reads a blob leaves out entries that exceed one of them. */
export const MODEL_BOUNDS = {
  description: 512,
  statuses: 64,
  status: 64,
  roots: 128,
  root: 16_384,
  keyProtections: 8,
  keyProtection: 64,
} as const;

const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .transform((text) => Date.parse(`${text}T00:00:00Z`))
  .refine(Number.isFinite);

/** What is kept of an entry of the FIDO Metadata Service: nothing but what decides (FIDO MDS 3.0 §3.1.1, Metadata Statement §4). */
const model = z
  .object({
    // Not all of them are UUIDs, which say of which kind they are (RFC 9562 §4).
    aaguid: z.guid().toLowerCase(),
    description: z.string().max(MODEL_BOUNDS.description).optional(),
    statuses: z
      .array(z.object({ status: z.string().max(MODEL_BOUNDS.status), effectiveDate: date.optional() }))
      .max(MODEL_BOUNDS.statuses),
    /** In base64: roots, authorities below one, or the certificate of the authenticator itself. */
    roots: z.array(z.string().max(MODEL_BOUNDS.root)).max(MODEL_BOUNDS.roots),
    keyProtection: z.array(z.string().max(MODEL_BOUNDS.keyProtection)).max(MODEL_BOUNDS.keyProtections),
  })
  .transform(({ statuses, keyProtection, ...entry }) => ({
    ...entry,
    statuses: statuses.map(({ status, effectiveDate }) => ({ status, since: effectiveDate ?? 0 })),
    isHardware: keyProtection.includes('hardware') && !keyProtection.includes('software'),
  }));

/** What the FIDO Alliance says of a model of authenticators. */
export type ModelMetadata = z.output<typeof model>;

export interface AuthenticatorMetadata {
  /** Counts up from one edition to the next. */
  readonly no: number;
  /** When the next edition is promised at the latest. */
  readonly nextUpdate: number;
  readonly models: readonly ModelMetadata[];
}

const edition = z.object({
  no: z.int().min(0),
  nextUpdate: date,
  entries: z.array(z.unknown()).max(MAX_MODELS),
});

/** Reads what the thread has taken out of a blob; a model that cannot be read is left out, and so vouches for nobody. Throws for no blob at all. */
export const readEdition = (picked: unknown): AuthenticatorMetadata => {
  const { no, nextUpdate, entries } = edition.parse(picked);
  const models = entries.flatMap((entry) => {
    const read = model.safeParse(entry);
    return read.success ? [read.data] : [];
  });
  return { no, nextUpdate, models };
};

/** The certificates that attestations of the model have to lead to. One that cannot be read is left out. */
export const rootsOfModel = ({ roots }: Pick<ModelMetadata, 'roots'>): readonly X509Certificate[] =>
  roots.flatMap((base64) => unlessRefused(() => readForeignCertificate(Buffer.from(base64, 'base64'))) ?? []);

/** Whoever has such a model has no authenticator to rely on (FIDO MDS 3.0 §3.1.4). */
const BAD: ReadonlySet<string> = new Set([
  'REVOKED',
  'ATTESTATION_KEY_COMPROMISE',
  'USER_KEY_PHYSICAL_COMPROMISE',
  'USER_KEY_REMOTE_COMPROMISE',
  'USER_VERIFICATION_BYPASS',
]);

/** Of the time before there were levels. */
const LEVEL_OF_STATUS: ReadonlyMap<string, number> = new Map([
  ...CERTIFICATION_LEVELS.slice(1).map((level, at) => [level, at + 1] as const),
  ['FIDO_CERTIFIED', CERTIFICATION_LEVELS.indexOf('FIDO_CERTIFIED_L1')],
  ['NOT_FIDO_CERTIFIED', 0],
]);

/** What the model is known for that nobody may rely on it; undefined where there is nothing. A certification since then answers all but REVOKED. */
export const badStatusOf = ({ statuses }: ModelMetadata, now: number): string | undefined => {
  const current = statuses.filter(({ since }) => since <= now);
  const certified = Math.max(
    ...current.flatMap(({ status, since }) => ((LEVEL_OF_STATUS.get(status) ?? 0) > 1 ? [since] : [])),
  );
  return current.find(({ status, since }) => status === 'REVOKED' || (BAD.has(status) && since >= certified))?.status;
};

/** The level that the model has by its last certification: of two of one day the higher one. */
export const levelOf = ({ statuses }: ModelMetadata, now: number): CertificationLevel => {
  const certified = statuses.flatMap(({ status, since }) => {
    const level = LEVEL_OF_STATUS.get(status);
    return level === undefined || since > now ? [] : [{ level, since }];
  });
  const [last] = certified.sort((one, other) => other.since - one.since || other.level - one.level);
  return CERTIFICATION_LEVELS[last?.level ?? 0] ?? 'OFF';
};

export const reaches = (has: CertificationLevel, asked: CertificationLevel): boolean =>
  CERTIFICATION_LEVELS.indexOf(has) >= CERTIFICATION_LEVELS.indexOf(asked);

import { z } from 'zod';

/** A kind of thing that one node of a journey leaves to another, by its name; `schema` says what such a thing is, as JSON. */
export interface Handover<T = unknown> {
  readonly handoverName: string;
  readonly schema: z.ZodType<T>;
}

/**
 * Declares what a node has verified and another node of the same journey will store. It is kept with the journey and in no compartment
 * of its state, so that neither scripts nor clients can make, change or see one (docs/adr/0122).
 */
export const handover = <T>(handoverName: string, schema: z.ZodType<T>): Handover<T> =>
  Object.freeze({ handoverName, schema });

/** For whom something is kept, and what. */
export interface HandedOver {
  /** Id of the user for whom it was verified. */
  readonly user: string;
  readonly username: string;
  readonly value: unknown;
}

/** How long the text of all that one journey keeps so may be, in bytes of memory (REL-14). */
export const MAX_HANDED_OVER_BYTES = 32 * 1024;

const BYTES_OF_CHARACTER = 2;

export const bytesHandedOver = (kept: ReadonlyMap<string, HandedOver>): number =>
  BYTES_OF_CHARACTER * JSON.stringify([...kept]).length;

/** What was left for that user; undefined where nothing was, or for somebody else, or where the row says what no such thing is. */
export const handedOverTo = <T>(
  { schema }: Handover<T>,
  kept: HandedOver | undefined,
  { id }: { readonly id: string },
): T | undefined => z.object({ user: z.literal(id), value: schema }).safeParse(kept).data?.value;

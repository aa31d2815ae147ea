import { newNonce } from '../model/nonce.ts';
import type { Random } from '../model/random.ts';

/**
 * A journey that rests until somebody follows a link (spec: journeys-rest §1.12). The link holds the journey's id and a
 * secret; the journey's row holds, in place of a nonce, the hash of the secret. So nothing that is stored opens the
 * journey, no authId moves it on, and the one conditional update that moves a journey makes the link work once.
 */
export interface Suspension {
  readonly suspendedId: string;
  /** Stands in the row where a nonce stands otherwise. */
  readonly nonce: string;
  /** How long the link is good for. */
  readonly minutes: number;
}

const ID = /^([0-9a-f-]{36})\.([\w-]{24})$/;

const nonceOf = (secret: string, digest: (text: string) => string): string => `suspended:${digest(secret)}`;

export const newSuspension = (
  journeyId: string,
  minutes: number,
  random: Random,
  digest: (text: string) => string,
): Suspension => {
  const secret = newNonce(random);
  return { suspendedId: `${journeyId}.${secret}`, nonce: nonceOf(secret, digest), minutes };
};

/** What an id from a link says; undefined for a text that was never one. */
export const readSuspendedId = (
  suspendedId: string,
  digest: (text: string) => string,
): { readonly journeyId: string; readonly nonce: string } | undefined => {
  const [, journeyId, secret] = ID.exec(suspendedId) ?? [];
  return journeyId === undefined || secret === undefined ? undefined : { journeyId, nonce: nonceOf(secret, digest) };
};

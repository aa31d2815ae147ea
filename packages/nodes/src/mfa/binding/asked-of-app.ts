import type { Identities, Identity } from '@assent/engine';
import { decodeBase64, encodeBase64 } from '@assent/push/protocol';

/** A challenge as the apps decode it: standard base64 with padding (spec: webauthn §7.1, §7.2). */
export const challengeText = (challenge: string): string => encodeBase64(challengeBytes(challenge));

/** The bytes of a challenge of the journey. */
export const challengeBytes = (challenge: string): Uint8Array => decodeBase64(challenge) ?? new Uint8Array();

/** The user whom the journey is about: the one whom state names, else the one whom a node has identified. */
export const userOfJourney = async (
  users: Pick<Identities, 'find' | 'findById'>,
  { name, id }: { readonly name: string | undefined; readonly id: string | undefined },
): Promise<Identity | undefined> => {
  if (name !== undefined) return users.find(name);
  return id === undefined ? undefined : users.findById(id);
};

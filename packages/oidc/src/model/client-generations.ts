import type { OAuthClient } from './clients.ts';

/**
 * The generations of a client. A generation is random, and another one takes its place when everything that was issued under it ends. So nothing
 * has to be searched for and deleted when a client is deleted, and nothing that ended is valid for another client of the same id.
 */
type ClientGenerations = Pick<OAuthClient, 'generation' | 'grantGeneration' | 'consentGeneration'>;

/** What ends with a change of a client. */
export type EndedByClient = 'all' | 'tokens' | 'grants';

/** 128 bits, base64url. */
const LENGTH = 22;

/**
 * The generations of a client out of the text that is stored of them. Clients from before there were generations have none, and some have the one
 * of their own tokens alone: what was granted under none is valid for a client that still has none.
 */
export const readClientGenerations = (text = ''): ClientGenerations => {
  const [generation, grantGeneration, consentGeneration] = [0, 1, 2].map((at) =>
    text.slice(at * LENGTH).slice(0, LENGTH),
  );
  return {
    ...(generation && { generation }),
    ...(grantGeneration && { grantGeneration }),
    ...(consentGeneration && { consentGeneration }),
  };
};

/** The text that is stored of the generations after something has ended. `fresh` makes a generation of 128 bits, base64url. */
export const nextClientGenerations = (
  before: string | undefined,
  ended: EndedByClient,
  fresh: () => string,
): string => {
  if (ended === 'all') return fresh() + fresh() + fresh();
  const { generation, consentGeneration = '' } = readClientGenerations(before);
  const ofTokens = ended === 'grants' ? (generation ?? fresh()) : fresh();
  return ofTokens + fresh() + consentGeneration;
};

/** The generation of the consents to each client, by id: what a consent to a client of a realm is exported by, and imported with. */
export const consentGenerations = (
  clients: readonly { readonly id: string; readonly generation?: string }[],
): ReadonlyMap<string, string | undefined> =>
  new Map(clients.map(({ id, generation }) => [id, readClientGenerations(generation).consentGeneration]));

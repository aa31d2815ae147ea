import { readClientGenerations } from '@assent/oidc';

/** The client of a row: `none` where there is none of the id, and the stored text of its generations otherwise. */
export type ClientOfRow = { readonly generation?: string } | 'none';

/**
 * Whether what was granted, or agreed to, ended with its client, so that the row is of no use. A row of no generation whose client is gone stays
 * until its own end: it was written before there were generations.
 */
export const hasEndedWithClient = (
  kind: 'grantGeneration' | 'consentGeneration',
  { clientGeneration }: { readonly clientGeneration?: string },
  client: ClientOfRow,
): boolean =>
  client === 'none'
    ? clientGeneration !== undefined
    : readClientGenerations(client.generation)[kind] !== clientGeneration;

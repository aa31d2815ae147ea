import type { Proposal } from '@assent/engine/host';

/** What a proposal takes of what those of its realm may take together, in bytes. */
export const sizeOfProposal = ({ document }: Pick<Proposal, 'document'>): number => Buffer.byteLength(document);

import type { Answer, Peer } from './peer.ts';

/** Something that both providers are asked in the same words. */
export interface Case {
  readonly name: string;
  readonly run: (peer: Peer) => Promise<Answer>;
}

export type Corpus = readonly Case[];

/** Cases that differ in one thing each. */
export const casesOf = <T>(
  prefix: string,
  rows: Readonly<Record<string, T>>,
  run: (peer: Peer, given: T) => Promise<Answer>,
): Corpus =>
  Object.entries(rows).map(([name, given]) => ({ name: `${prefix}: ${name}`, run: (peer) => run(peer, given) }));

import type { CheckpointPublicKey } from './checkpoint-key.ts';
import type { ChainState, ReadableChain, TrailPlace } from './readable-chain.ts';
import type { ChainPlace } from './seals.ts';
import { type TrailProblem, type TrailReport, TrailVerifier } from './trail-verifier.ts';

export interface VerifyStoredOptions {
  readonly chain: ReadableChain;
  readonly keys: readonly CheckpointPublicKey[];
  /** A place of the chain that somebody has kept: from there on, and it has to be there. */
  readonly since?: ChainPlace;
  /** Rows that happened before then have to be sealed by now; absent where nobody seals. */
  readonly sealedBefore?: number;
  /** Called between two batches, so that a server goes on with its work. */
  readonly pause?: () => Promise<void>;
}

const ROWS_AT_ONCE = 500;
/** How often what was sealed meanwhile is looked through, too, for the word that explains what was seen. */
const MAX_ROUNDS = 10;

const letGo = ({ position }: ChainPlace): TrailProblem => ({
  fault: 'beginning',
  message: `Rows up to position ${position} were let go since the checkpoint was made: what it says cannot be looked at any more.`,
});

const ended = (at: ChainPlace, head: ChainPlace): TrailProblem => ({
  fault: 'cut',
  position: head.position + 1,
  message: `The checkpoint is of position ${at.position}, and the trail ends at ${head.position}: rows at its end are not there.`,
});

const another = ({ position }: ChainPlace): TrailProblem => ({
  fault: 'changed',
  position,
  message: `The trail is not what the checkpoint says it was at position ${position}.`,
});

/** Where to begin, and what is wrong with that. */
const beginning = async (
  { chain, since }: VerifyStoredOptions,
  { begins, head }: ChainState,
): Promise<{ readonly from: ChainPlace; readonly problem?: TrailProblem }> => {
  if (since === undefined) return { from: begins };
  if (since.position < begins.position) return { from: begins, problem: letGo(begins) };
  if (since.position > head.position) return { from: head, problem: ended(since, head) };
  const [row] = since.position === begins.position ? [] : await chain.rows({ position: since.position - 1 }, 1);
  const there = row === undefined ? begins : { position: row.position, hash: row.seal?.hash };
  const isThere = there.position === since.position && there.hash === since.hash;
  return isThere ? { from: since } : { from: since, problem: another(since) };
};

/**
 * Hands the verifier what stands between its last row and a place; `false` where retention has let rows go meanwhile, so that what is not there
 * any more would look like a gap.
 */
const readUpTo = async (
  { chain, pause }: VerifyStoredOptions,
  { verifier, upTo, begins }: { readonly verifier: TrailVerifier; readonly upTo: number; readonly begins: number },
): Promise<boolean> => {
  let behind: TrailPlace = verifier.last;
  for (;;) {
    const page = await chain.rows(behind, ROWS_AT_ONCE);
    const now = (await chain.state()).begins.position;
    if (now > begins && now > behind.position) return false;
    for (const row of page) if (row.position <= upTo) verifier.take(row);
    const last = page.at(-1);
    if (last === undefined || last.position > upTo || page.length < ROWS_AT_ONCE) return true;
    behind = last;
    await pause?.();
  }
};

/** Looks at the trail of a database, on which servers may be at work; keeps a batch of rows in memory (SEC-80). */
export const verifyStored = async (options: VerifyStoredOptions): Promise<TrailReport> => {
  const { chain, keys, since, sealedBefore } = options;
  const state = await chain.state();
  const { from, problem } = await beginning(options, state);
  const verifier = new TrailVerifier({ from, keys });
  if (problem !== undefined) verifier.note(problem);
  // Below the beginning are rows that retention lets go; where it never did, none can be.
  const [below] = from.position === 0 ? await chain.rows({ position: Number.MIN_SAFE_INTEGER }, 1) : [];
  if (below !== undefined && below.position <= 0) {
    const { position, id } = below;
    verifier.note({ fault: 'inserted', position, id, message: 'It stands before the first row: it was put there.' });
  }
  let { head } = state;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const isWhole = await readUpTo(options, { verifier, upTo: head.position, begins: state.begins.position });
    if (!isWhole) return verifyStored(options);
    if (!verifier.waitsForErasures) break;
    verifier.excuse(await chain.unsealedErasures());
    const next = (await chain.state()).head;
    if (next.position === head.position) break;
    head = next;
  }
  const { last } = verifier;
  if (last.position < head.position) {
    const message = `Rows from position ${last.position + 1} to ${head.position} are not there: the trail was sealed up to there.`;
    verifier.note({ fault: 'cut', position: last.position + 1, message });
  } else if (last.hash !== head.hash) {
    verifier.note({ fault: 'changed', position: last.position, message: 'The last row is not what was sealed last.' });
  }
  const [beyond] = await chain.rows(last, 1);
  // Unless that was done while we looked, as the head tells then.
  if (beyond?.seal !== undefined && (await chain.state()).head.position < beyond.position) {
    const message = `It is sealed, and the trail says that it was sealed up to position ${head.position} only: somebody has put that back.`;
    verifier.note({ fault: 'changed', position: beyond.position, id: beyond.id, message });
  }
  const waiting = sealedBefore === undefined ? undefined : await chain.oldestUnsealed();
  if (sealedBefore !== undefined && waiting !== undefined && waiting.at < sealedBefore) {
    const message = `It happened at ${new Date(waiting.at).toISOString()}, and was not sealed since.`;
    verifier.note({ fault: 'unsealed', id: waiting.id, message });
  }
  return verifier.end({ demandsBeginning: since === undefined });
};

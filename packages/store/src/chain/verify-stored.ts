import { BatchVerifier } from './batch-verifier.ts';
import type { CheckpointPublicKey } from './checkpoint-key.ts';
import type { ChainState, ReadableChain, TrailPlace } from './readable-chain.ts';
import type { SealedBatch } from './sealed-batch.ts';
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
const SEALS_AT_ONCE = 50;
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

/** Reads rows and the seals of their batches, page by page. */
class StoredReader {
  readonly #options: VerifyStoredOptions;
  readonly #begins: number;
  readonly batches: BatchVerifier;
  #behind: TrailPlace;
  /** The first position of the last seal that was read. */
  #lastSeal: number;

  constructor(options: VerifyStoredOptions, batches: BatchVerifier, begins: number) {
    this.#options = options;
    this.#begins = begins;
    this.batches = batches;
    this.#behind = { position: batches.row };
    this.#lastSeal = Number.MIN_SAFE_INTEGER;
  }

  /** `false` where retention has let rows go meanwhile, so that what is not there any more would look like a gap. */
  async readUpTo(upTo: number): Promise<boolean> {
    const { chain, pause } = this.#options;
    for (;;) {
      const page = (await chain.rows(this.#behind, ROWS_AT_ONCE)).filter(({ position }) => position <= upTo);
      const isLast = page.length < ROWS_AT_ONCE;
      const end = isLast ? upTo : (page.at(-1)?.position ?? upTo);
      let seals = await this.#nextSeals(end);
      for (const row of page) {
        seals = await this.#takeSeals(seals, row.position, end);
        this.batches.takeRow(row);
      }
      await this.#takeSeals(seals, end, end);
      const now = (await chain.state()).begins.position;
      if (now > this.#begins && now > this.#behind.position) return false;
      this.#behind = page.at(-1) ?? this.#behind;
      if (isLast) return true;
      await pause?.();
    }
  }

  async #nextSeals(upTo: number): Promise<readonly SealedBatch[]> {
    const from = Math.max(this.batches.end.position, this.#lastSeal) + 1;
    const found = from > upTo ? [] : await this.#options.chain.seals(from, upTo, SEALS_AT_ONCE);
    const others = found.filter(({ first }) => first > this.#lastSeal);
    this.#lastSeal = others.at(-1)?.first ?? this.#lastSeal;
    return others;
  }

  /** Takes the seals that begin up to a position, and returns the others. */
  async #takeSeals(seals: readonly SealedBatch[], position: number, upTo: number): Promise<readonly SealedBatch[]> {
    let left = seals;
    for (;;) {
      const [next] = left;
      if (next === undefined || next.first > position) return left;
      this.batches.takeSeal(next);
      left = left.length > 1 ? left.slice(1) : await this.#nextSeals(upTo);
    }
  }
}

/** Compares the end of the log with the last row that was read. */
const atEnd = async (
  chain: ReadableChain,
  batches: BatchVerifier,
  { head, last }: { readonly head: ChainPlace; readonly last: ChainPlace },
): Promise<readonly TrailProblem[]> => {
  const problems: TrailProblem[] = [];
  batches.noteUnsealed();
  const { row, end } = batches;
  const isOther =
    end.position === head.position
      ? !batches.leadsTo(head)
      : last.position === head.position && last.hash !== head.hash;
  if (row < head.position) {
    const message = `Rows from position ${row + 1} to ${head.position} are not there: the trail was sealed up to there.`;
    problems.push({ fault: 'cut', position: row + 1, message });
  } else if (isOther)
    problems.push({ fault: 'changed', position: row, message: 'The last row is not what was sealed last.' });
  const [beyond] = await chain.rows({ position: row }, 1);
  const [seal] = await chain.seals(head.position + 1, Number.MAX_SAFE_INTEGER, 1);
  // Unless that was done while we looked, as the head tells then.
  const now = (await chain.state()).head.position;
  const putBack = `and the trail says that it was sealed up to position ${head.position} only: it was set back.`;
  if (beyond?.seal !== undefined && now < beyond.position)
    problems.push({ fault: 'changed', position: beyond.position, id: beyond.id, message: `It is sealed, ${putBack}` });
  else if (seal !== undefined && now < seal.last) {
    const message = `Rows up to position ${seal.last} were sealed and are missing, ${putBack}`;
    problems.push({ fault: 'cut', position: Math.max(seal.first, head.position + 1), message });
  }
  return problems;
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
  const reader = new StoredReader(options, new BatchVerifier(verifier, from), state.begins.position);
  let { head } = state;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const isWhole = await reader.readUpTo(head.position);
    if (!isWhole) return verifyStored(options);
    if (!verifier.waitsForErasures) break;
    verifier.excuse(await chain.unsealedErasures());
    const next = (await chain.state()).head;
    if (next.position === head.position) break;
    head = next;
  }
  for (const problem of await atEnd(chain, reader.batches, { head, last: verifier.last })) verifier.note(problem);
  const waiting = sealedBefore === undefined ? undefined : await chain.oldestUnsealed();
  if (sealedBefore !== undefined && waiting !== undefined && waiting.at < sealedBefore) {
    const message = `It happened at ${new Date(waiting.at).toISOString()}, and was not sealed since.`;
    verifier.note({ fault: 'unsealed', id: waiting.id, message });
  }
  return verifier.end({ demandsBeginning: since === undefined });
};

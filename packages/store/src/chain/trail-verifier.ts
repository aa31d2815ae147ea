import type { AuditEvent } from '@assent/engine/host';
import { type CheckpointPublicKey, isSigned, SIGNED_EVENTS, signedPlaceOf } from './checkpoint-key.ts';
import { type ChainPlace, detailHashOf, digestOf, linked, type TrailRow } from './seals.ts';

/** What can be wrong with a trail. */
export type TrailFault =
  /** A row, the one before it, or the seal of rows from there on is not what was sealed. */
  | 'changed'
  /** Rows before this one are not there, or the seal of rows from this one on. */
  | 'missing'
  /** It stands among sealed rows, and was not sealed where it stands; or a seal that stands among others. */
  | 'inserted'
  /** A checkpoint or a beginning that the key has not signed, or that does not fit the rows before it. */
  | 'forged'
  /** The detail is gone, and no `ERASE` of its user tells why. */
  | 'emptied'
  /** Rows at the end, or the checkpoint that somebody has kept, are not there. */
  | 'cut'
  /** The older rows are not there, and nothing that is signed says that they were let go. */
  | 'beginning'
  /** It has waited to be sealed for longer than that takes. */
  | 'unsealed';

export interface TrailProblem {
  readonly fault: TrailFault;
  readonly position?: number;
  readonly id?: string;
  /** A sentence for an operator. */
  readonly message: string;
}

/** What was found; `problems` holds no more than the first of them. */
export interface TrailReport {
  readonly rows: number;
  /** Rows of which only a digest was given, since they were left out of a file. */
  readonly links: number;
  readonly erased: number;
  readonly from: ChainPlace;
  readonly to: ChainPlace;
  readonly lastCheckpoint?: { readonly position: number; readonly at: number; readonly epoch: number };
  readonly checkpoints: number;
  readonly faults: number;
  readonly problems: readonly TrailProblem[];
}

export interface TrailVerifierOptions {
  /** Where the chain is known to begin. */
  readonly from: ChainPlace;
  readonly keys: readonly CheckpointPublicKey[];
  /** How many problems are kept; the others are counted. */
  readonly maxProblems?: number;
}

const MAX_PROBLEMS = 100;

/**
 * Looks at rows in the order of their positions, one after the other, and keeps none: for each user whose details were erased it keeps the
 * position until the `ERASE` row comes (SEC-80).
 */
export class TrailVerifier {
  readonly #options: TrailVerifierOptions;
  readonly #problems: TrailProblem[] = [];
  /** By user, the first row without its detail that no `ERASE` has come behind yet. */
  readonly #emptied = new Map<string, { readonly position: number; readonly id: string }>();
  #last: ChainPlace;
  #rows = 0;
  #links = 0;
  #erased = 0;
  #checkpoints = 0;
  #faults = 0;
  #lastCheckpoint: TrailReport['lastCheckpoint'];
  #isBeginningSigned: boolean;
  /** Whether the hash before the row comes from a seal, so that only the row itself can differ. */
  #isLastKnown = false;

  constructor(options: TrailVerifierOptions) {
    this.#options = options;
    this.#last = options.from;
    this.#isBeginningSigned = false;
  }

  get last(): ChainPlace {
    return this.#last;
  }

  /** How many were found so far. */
  get faults(): number {
    return this.#faults;
  }

  /** Continues after another place, whose hash is known. */
  goOn(last: ChainPlace): void {
    this.#last = last;
    this.#isLastKnown = true;
  }

  /** A row with its hash, as a line has it. */
  take(row: TrailRow): void {
    const { id, position, event, seal } = row;
    const at = { position, id };
    if (position <= this.#last.position) {
      this.#note('inserted', at, `Its position comes after ${this.#last.position}: it was put there, or moved.`);
      return;
    }
    if (seal === undefined) {
      this.#note('inserted', at, 'It was not sealed, and rows after it were: it was put there, or its seal was taken.');
      return;
    }
    const fault = this.#faultOf(row, linked(this.#last.hash, digestOf(row, seal.detailHash)));
    if (fault !== undefined) this.#note(fault, at, this.#sentence(fault, row));
    this.#rows += 1;
    if (event !== undefined && fault === undefined) this.#read(row, event);
    this.#last = { position, hash: seal.hash };
  }

  /** A row that was left out, by its digest alone: what it said is not known, and that it was there is proven. */
  link(position: number, digest: string): void {
    this.#links += 1;
    this.#last = { position, hash: linked(this.#last.hash, digest) };
  }

  note(problem: TrailProblem): void {
    this.#faults += 1;
    if (this.#problems.length < (this.#options.maxProblems ?? MAX_PROBLEMS)) this.#problems.push(problem);
  }

  /** Whether details are gone whose `ERASE` has not come yet. */
  get waitsForErasures(): boolean {
    return this.#emptied.size > 0;
  }

  /** Of those users an `ERASE` is committed, and not sealed yet. */
  excuse(userIds: readonly string[]): void {
    for (const userId of userIds) this.#emptied.delete(userId);
  }

  /** At the end. `demandsBeginning`: what is before the first row has to be gone by a signed word. */
  end({ demandsBeginning = false } = {}): TrailReport {
    for (const at of this.#emptied.values())
      this.#note('emptied', at, 'Its detail is gone, and no row ERASE of its user stands behind it.');
    this.#emptied.clear();
    const { from } = this.#options;
    if (demandsBeginning && from.position > 0 && !this.#isBeginningSigned) {
      const message = `Rows up to position ${from.position} are not there, and no signed row ${SIGNED_EVENTS.beginning} says that they were let go.`;
      this.note({ fault: 'beginning', position: from.position, message });
    }
    return {
      rows: this.#rows,
      links: this.#links,
      erased: this.#erased,
      from,
      to: this.#last,
      checkpoints: this.#checkpoints,
      faults: this.#faults,
      problems: this.#problems,
      ...(this.#lastCheckpoint && { lastCheckpoint: this.#lastCheckpoint }),
    };
  }

  #note(fault: TrailFault, { position, id }: { position: number; id: string }, message: string): void {
    this.note({ fault, position, id, message });
  }

  #faultOf({ position, event, seal }: TrailRow, computed: string): TrailFault | undefined {
    if (event !== undefined && event.detail === undefined && seal?.salt !== undefined) return 'emptied';
    if (computed !== seal?.hash) return position > this.#last.position + 1 ? 'missing' : 'changed';
    if (event === undefined) return 'changed';
    const { detail } = event;
    if (detail === undefined) return undefined;
    return seal.salt !== undefined && seal.detailHash === detailHashOf(detail, seal.salt) ? undefined : 'changed';
  }

  #sentence(fault: TrailFault, { position }: TrailRow): string {
    if (fault === 'missing')
      return `Rows from position ${this.#last.position + 1} to ${position - 1} are not there, or this row was moved.`;
    if (fault === 'emptied')
      return 'Its detail is gone, and what goes with it is still there: nothing of ours does that.';
    if (this.#isLastKnown) return 'It is not what was sealed.';
    return `It is not what was sealed, or the row before it, at position ${this.#last.position}, is not.`;
  }

  #read(row: TrailRow, event: AuditEvent): void {
    const { id, position, seal } = row;
    const { userId } = event;
    if (seal?.detailHash !== undefined && event.detail === undefined) {
      this.#erased += 1;
      const of = userId ?? '';
      if (!this.#emptied.has(of)) this.#emptied.set(of, { position, id });
    }
    if (event.event === 'ERASE' && userId !== undefined) this.#emptied.delete(userId);
    if (event.event === SIGNED_EVENTS.checkpoint) this.#readCheckpoint(row, event);
    else if (event.event === SIGNED_EVENTS.beginning) this.#readBeginning(row, event);
  }

  #readCheckpoint(row: TrailRow, event: AuditEvent): void {
    const place = signedPlaceOf(event);
    const fits = place?.position === this.#last.position && place.hash === this.#last.hash;
    if (place !== undefined && fits && isSigned(event, this.#options.keys)) {
      this.#checkpoints += 1;
      this.#lastCheckpoint = { position: place.position, at: place.at, epoch: place.epoch };
      return;
    }
    const why = this.#whyUnsigned(event, place?.keyId);
    this.#note(
      'forged',
      row,
      fits ? why : 'The checkpoint does not fit the rows before it: those were changed, or it was.',
    );
  }

  #readBeginning(row: TrailRow, event: AuditEvent): void {
    const place = signedPlaceOf(event);
    if (!isSigned(event, this.#options.keys)) this.#note('forged', row, this.#whyUnsigned(event, place?.keyId));
    else if (place?.position === this.#options.from.position && place.hash === this.#options.from.hash)
      this.#isBeginningSigned = true;
  }

  #whyUnsigned({ event }: AuditEvent, keyId: string | undefined): string {
    return this.#options.keys.some(({ kid }) => kid === keyId)
      ? `What the row ${event} says was not signed by the key ${keyId}.`
      : `The row ${event} names the key ${keyId ?? '(none)'}, which is not one of those that are trusted.`;
  }
}

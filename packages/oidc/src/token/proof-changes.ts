import type { Change, CommitResult, Committer } from '@assent/engine/host';
import { OAuthError } from '../protocol/errors.ts';

/**
 * What a proof that was right changes: a JWT is not good again, wrong guesses are forgotten, and all of it only while nobody has guessed
 * too often. It goes into the first commit of the request that stands; where there is none, since the request failed for another
 * reason or had nothing to write, it is committed on the way out. So a proof is spent by whatever it was accepted for, and
 * no answer tells that a guess was right which came too late to count (OIDC-14, OIDC-16).
 */
export class ProofChanges implements Committer {
  readonly #committer: Committer;
  #open: readonly Change[];
  #isOfKey = false;

  constructor(committer: Committer, changes: readonly Change[] = []) {
    this.#committer = committer;
    this.#open = changes;
  }

  /** The request has proven a key, too (RFC 9449). */
  addKey(...changes: readonly Change[]): void {
    this.#open = [...this.#open, ...changes];
    this.#isOfKey = true;
  }

  async commit(changes: readonly Change[]): Promise<CommitResult> {
    const result = await this.#committer.commit([...this.#open, ...changes]);
    if (result.committed) this.#open = [];
    return result;
  }

  /** Commits what is still open; throws where the proof is not good by now, whatever else there is to say. */
  async settle(): Promise<void> {
    if (this.#open.length === 0) return;
    const result = await this.commit([]);
    if (!result.committed) throw this.#refused(result.refused);
  }

  #refused(refused: string): OAuthError {
    if (refused === 'replay.room') {
      const description = 'Too many proofs were shown in the last minutes. Try again.';
      return new OAuthError('temporarily_unavailable', { description, detail: refused });
    }
    const isOfKey = this.#isOfKey && refused === 'replay.see';
    return new OAuthError(isOfKey ? 'invalid_dpop_proof' : 'invalid_client', { detail: refused });
  }
}

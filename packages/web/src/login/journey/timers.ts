/** Time and chance, handed in. */
export interface Timers {
  now(): number;
  /** Between 0 and 1. */
  chance(): number;
  /** Runs `action` once after `delay` ms; the result takes it back. */
  after(delay: number, action: () => void): () => void;
}

import type { Random } from '@assent/engine';

/** What a message between instances may hold at the most: some thousand keys. */
const MAX_MESSAGE_BYTES = 64 * 1_024;

/** Says that keys were lost, so that whoever hears it looks for himself. */
const LOST = '*';

export interface HintMessage {
  /** Who sent it, so that each drops its own. */
  readonly origin: string;
  readonly keys: readonly string[];
  /** Whether there was more that nobody will tell of. */
  readonly wasLost: boolean;
}

/** Another one for each start of an instance. */
export const newOrigin = (random: Pick<Random, 'bytes'>): string => Buffer.from(random.bytes(12)).toString('base64url');

/** A message as text; only keys are in it. */
export const writeHintMessage = ({ origin, keys, wasLost }: HintMessage): string =>
  JSON.stringify([origin, ...keys, ...(wasLost ? [LOST] : [])]);

/** Reads what came over the wire; undefined where nobody of ours can have sent it. */
export const readHintMessage = (text: string): HintMessage | undefined => {
  if (text.length > MAX_MESSAGE_BYTES) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [origin, ...keys] = parts as readonly string[];
  if (origin === undefined) return undefined;
  return { origin, keys: keys.filter((key) => key !== LOST), wasLost: keys.includes(LOST) };
};

/** Keys that wait to be published, each once, and never more than one message may hold. */
export class WaitingKeys {
  readonly #keys = new Set<string>();
  #bytes = 0;
  #wasLost = false;

  add(key: string): void {
    if (this.#keys.has(key)) return;
    // With its quotes and comma, and room for who sends it and for what tells of a loss.
    const bytes = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (this.#bytes + bytes > MAX_MESSAGE_BYTES - 64) {
      this.#wasLost = true;
      return;
    }
    this.#keys.add(key);
    this.#bytes += bytes;
  }

  /** What was taken did not arrive. */
  noteLoss(): void {
    this.#wasLost = true;
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0 && !this.#wasLost;
  }

  /** All of them, which do not wait any more. */
  take(): Pick<HintMessage, 'keys' | 'wasLost'> {
    const taken = { keys: [...this.#keys], wasLost: this.#wasLost };
    this.#keys.clear();
    this.#bytes = 0;
    this.#wasLost = false;
    return taken;
  }
}

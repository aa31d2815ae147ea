import { type ChainPlace, type CheckpointPublicKey, type TrailReport, TrailVerifier } from '@assent/store';
import { readAuditLine, readEnd, readHead, readLink } from './read-audit-line.ts';
import { FILE_FORMATS } from './trail-export.ts';

/** The file is none of those that `exportedTrail` writes, so that nothing can be said of it. */
export class NoTrailFile extends Error {
  override readonly name = 'NoTrailFile';
}

export interface TrailFileOptions {
  /** The keys that are trusted; those that the file names where absent. */
  readonly keys?: readonly CheckpointPublicKey[];
  /** Places of the chain that somebody has kept elsewhere: the file has to say the same of those that it has. */
  readonly kept?: readonly ChainPlace[];
}

export interface TrailFileReport extends TrailReport {
  readonly keys: readonly CheckpointPublicKey[];
  /** When it was exported, and which rows were asked for, as the file says; nobody has signed that. */
  readonly time: string;
  readonly filter: Readonly<Record<string, unknown>>;
}

const parsed = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};

const NOT_OURS = 'It does not begin with the head of an export of the audit trail.';

/** Looks at each line of a file once, and keeps none: needs neither the database nor a server (SEC-80). */
export const verifyTrailFile = async (
  lines: AsyncIterable<string>,
  { keys: trusted, kept = [] }: TrailFileOptions,
): Promise<TrailFileReport> => {
  let reader: FileReader | undefined;
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (reader === undefined) {
      const value = parsed(line);
      const head = value?.format === FILE_FORMATS.head ? readHead(value) : undefined;
      if (head === undefined) throw new NoTrailFile(NOT_OURS);
      reader = new FileReader(head, trusted ?? head.keys, kept);
    } else reader.take(parsed(line), count);
  }
  if (reader === undefined) throw new NoTrailFile(NOT_OURS);
  return reader.end();
};

class FileReader {
  readonly #verifier: TrailVerifier;
  readonly #head: NonNullable<ReturnType<typeof readHead>>;
  readonly #keys: readonly CheckpointPublicKey[];
  /** By position, what somebody has kept; what was found is taken out. */
  readonly #kept: Map<number, string>;
  #hasEnded = false;

  constructor(
    head: NonNullable<ReturnType<typeof readHead>>,
    keys: readonly CheckpointPublicKey[],
    kept: readonly ChainPlace[],
  ) {
    this.#head = head;
    this.#keys = keys;
    this.#kept = new Map(kept.map(({ position, hash }) => [position, hash]));
    this.#verifier = new TrailVerifier({ from: head.begins, keys });
    this.#compareKept();
  }

  take(value: Readonly<Record<string, unknown>> | undefined, line: number): void {
    if (this.#hasEnded) {
      this.#note('inserted', line, 'stands behind the end of the file');
      return;
    }
    const { last } = this.#verifier;
    const row = readAuditLine(value);
    if (row !== undefined) {
      const before = this.#verifier.faults;
      this.#verifier.take(row);
      // No hash has it, and whoever compares files by it would be led astray.
      if (this.#verifier.faults === before && row.previous !== last.hash) {
        const message = `Line ${line}: what it says of the row before it is not so.`;
        this.#verifier.note({ fault: 'changed', position: row.position, id: row.id, message });
      }
    } else if (value?.format === FILE_FORMATS.link) this.#takeLink(value, line);
    else if (value?.format === FILE_FORMATS.end) this.#takeEnd(value, line);
    else this.#note('changed', line, 'is none that an export writes');
    this.#compareKept();
  }

  end(): TrailFileReport {
    const { last } = this.#verifier;
    if (!this.#hasEnded) {
      const message = 'The last line is not there: the file was cut off.';
      this.#verifier.note({ fault: 'cut', position: last.position + 1, message });
    }
    for (const position of this.#kept.keys()) {
      const where = position < this.#head.begins.position ? 'begins behind' : 'ends before';
      const message = `The file ${where} position ${position}, of which a checkpoint was kept: that cannot be looked at here.`;
      this.#verifier.note({ fault: position > last.position ? 'cut' : 'beginning', position, message });
    }
    const { time, filter } = this.#head;
    return { ...this.#verifier.end(), keys: this.#keys, time, filter };
  }

  #takeLink(value: object, line: number): void {
    const link = readLink(value);
    const { last } = this.#verifier;
    if (link === undefined) this.#note('changed', line, 'is none that an export writes');
    else if (link.position <= last.position)
      this.#note('inserted', line, `comes after position ${last.position}: it was put there, or moved`);
    else this.#verifier.link(link.position, link.digest);
  }

  #takeEnd(value: object, line: number): void {
    this.#hasEnded = true;
    const end = readEnd(value);
    const { last } = this.#verifier;
    if (end === undefined) this.#note('changed', line, 'is none that an export writes');
    else if (end.position !== last.position || end.hash !== last.hash)
      this.#note(
        'cut',
        line,
        `says that the file goes up to position ${end.position}, and it goes up to ${last.position}, or its last row was changed`,
      );
  }

  /** What somebody has kept of the place that the file has come to. */
  #compareKept(): void {
    const { position, hash } = this.#verifier.last;
    const kept = this.#kept.get(position);
    if (kept === undefined) return;
    this.#kept.delete(position);
    if (kept === hash) return;
    const message = `The trail of the file is not what the checkpoint says that was kept of position ${position}.`;
    this.#verifier.note({ fault: 'changed', position, message });
  }

  #note(fault: 'changed' | 'inserted' | 'cut', line: number, what: string): void {
    this.#verifier.note({ fault, message: `Line ${line} ${what}.` });
  }
}

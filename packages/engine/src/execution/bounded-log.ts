import type { JourneyLog } from './execution-context.ts';

/** Lines with the same words about the same node that one request writes. */
export const LINES_OF_KIND = 8;
/** Lines of one level that one request writes. */
export const LINES_OF_LEVEL = 100;

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>>;

/**
 * The log of one request. Where a tree loops, lines that repeat are left out: any caller can send the request again and again, and would otherwise
 * fill the disk and bury other lines (SEC-93).
 */
export class BoundedLog implements JourneyLog {
  readonly #log: JourneyLog;
  /** By level, and by what a line says of which node. Made with the first line: most requests write none. */
  #lines: Map<string, number> | undefined;
  #leftOut = 0;

  constructor(log: JourneyLog) {
    this.#log = log;
  }

  debug(msg: string, fields: Fields): void {
    this.#write('debug', msg, fields);
  }

  info(msg: string, fields: Fields): void {
    this.#write('info', msg, fields);
  }

  warn(msg: string, fields: Fields): void {
    this.#write('warn', msg, fields);
  }

  error(msg: string, fields: Fields): void {
    this.#write('error', msg, fields);
  }

  /** Says how many lines were left out so far, where any were. */
  end(fields: Fields): void {
    if (this.#leftOut > 0)
      this.#log.warn('Log lines of a request were left out.', { ...fields, leftOut: this.#leftOut });
    this.#leftOut = 0;
  }

  #write(level: Level, msg: string, fields: Fields): void {
    this.#lines ??= new Map();
    const kind = JSON.stringify([level, msg, fields.nodeId]);
    const [ofLevel, ofKind] = [this.#lines.get(level) ?? 0, this.#lines.get(kind) ?? 0];
    if (ofLevel >= LINES_OF_LEVEL || ofKind >= LINES_OF_KIND) {
      this.#leftOut += 1;
      return;
    }
    this.#lines.set(level, ofLevel + 1).set(kind, ofKind + 1);
    this.#log[level]?.(msg, fields);
  }
}

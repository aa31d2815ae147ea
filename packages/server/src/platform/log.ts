import type { JourneyLog } from '@assent/engine/host';
import { pino, stdTimeFunctions } from 'pino';
import { type LogFields, writtenFields } from './log-fields.ts';
import { lineForPeople, withoutControls } from './log-text.ts';

type Write = {
  (msg: string): void;
  (fields: LogFields, msg: string): void;
};

/** What happens here, for operators: a sentence, and fields that are declared. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** The least severe that is written; may be set while the server runs. */
  level: string;
}

export interface LogOptions {
  readonly level: string;
  /** Which instance each line is of. */
  readonly instance?: string;
  /** A JSON object a line where absent. */
  readonly format?: 'json' | 'text';
  /** Standard output where absent. */
  readonly destination?: NodeJS.WritableStream;
  /** The trace that is under way, where there is one. */
  readonly traceId?: () => string | undefined;
}

/** Whoever read the log may be gone, which is no reason to end the logins of everybody else. */
const standardOutput = (): NodeJS.WritableStream => {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {});
  return process.stdout;
};

/** Writes a line for each event, and nothing that is not declared: what is logged is chosen, so that there is nothing to redact (OPS-57, SEC-79). */
export const createLog = ({ level, instance, format = 'json', destination, traceId }: LogOptions): Logger =>
  pino(
    {
      level,
      base: instance === undefined ? null : { instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (word) => ({ level: word }), log: writtenFields },
      hooks: { streamWrite: format === 'text' ? lineForPeople : withoutControls },
      ...(traceId && {
        mixin: () => {
          const id = traceId();
          return id === undefined ? {} : { traceId: id };
        },
      }),
    },
    destination ?? standardOutput(),
  );

/** The log of journeys: documented words as `msg`, with journey, node, realm and transaction id. */
export const journeyLog = (log: Logger): JourneyLog => ({
  debug: (msg, fields) => log.debug(fields, msg),
  info: (msg, fields) => log.info(fields, msg),
  warn: (msg, fields) => log.warn(fields, msg),
  error: (msg, fields) => log.error(fields, msg),
});

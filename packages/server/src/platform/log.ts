import type { JourneyLog } from '@assent/engine/host';
import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

export type Logger = PinoLogger;

/** One JSON object a line; what is logged is chosen field by field, so that there is nothing to redact (SEC-79). */
export const createLog = (level: string, destination: NodeJS.WritableStream = process.stderr): Logger =>
  pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, destination);

/** The log of journeys: documented words as `msg`, with journey, node, realm and transaction id. */
export const journeyLog = (log: Logger): JourneyLog => ({
  debug: (msg, fields) => log.debug(fields, msg),
  info: (msg, fields) => log.info(fields, msg),
  warn: (msg, fields) => log.warn(fields, msg),
  error: (msg, fields) => log.error(fields, msg),
});

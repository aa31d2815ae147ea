import { once } from 'node:events';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { type DataReader, filteredSocket } from '@assent/engine/host';

/** For all mails of one connection. A server answers a mail with some 500 bytes in 5 lines. */
const MAX_BYTES = 64 * 1024;
/** The client library takes a turn of the event loop for each line, even for an empty one and after the end of the connection. */
const MAX_LINES = 1_000;
/** With its end. RFC 5321 §4.5.3.1.5 allows 512; the client library takes time that grows with the square of a line. */
const MAX_LINE_BYTES = 2_048;

const NUL = 0x00;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What the server may still send. */
interface Allowance {
  bytes: number;
  lines: number;
}

/** Reads the lines of a text that comes in pieces, and throws at one that no mail server sends. */
const lineReader = (allowance: Allowance): ((piece: Buffer) => void) => {
  let length = 0;
  let before = LINE_FEED;
  return (piece) => {
    for (const byte of piece) {
      if (byte === NUL || (before === CARRIAGE_RETURN && byte !== LINE_FEED)) {
        throw new Error('The mail server sent a NUL, or a carriage return without a line feed.');
      }
      before = byte;
      length += 1;
      if (length > MAX_LINE_BYTES) throw new Error(`The mail server sent a line of more than ${MAX_LINE_BYTES} bytes.`);
      if (byte !== LINE_FEED) continue;
      length = 0;
      allowance.lines -= 1;
      if (allowance.lines < 0)
        throw new Error(`The mail server sent more than ${MAX_LINES} lines over one connection.`);
    }
  };
};

const bounded = <S extends Socket>(socket: S, allowance: Allowance): S => {
  // One for all listeners of the socket: a line may begin at one of them and end at the next.
  const readLines = lineReader(allowance);
  return filteredSocket(socket, (handOn: DataReader<Buffer>) => (piece: Buffer) => {
    allowance.bytes -= piece.length;
    if (allowance.bytes < 0) throw new Error(`The mail server sent more than ${MAX_BYTES} bytes over one connection.`);
    readLines(piece);
    handOn(piece);
  });
};

/** The library says its own name once the connection is encrypted (RFC 3207 §4.2), so the name in clear text identifies nothing. */
const BEFORE_TLS = ['EHLO [127.0.0.1]', 'STARTTLS'];

/** Asks a server for encryption: it greets, and answers both commands. Text after the last answer is dropped (RFC 3207 §6). */
const askForTls = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    const commands = BEFORE_TLS.values();
    let command = 'CONN';
    let unfinished = '';
    const end = (error?: Error) => {
      socket.off('error', end).off('close', hasClosed).removeListener('data', take);
      if (error === undefined) resolve();
      else reject(error);
    };
    const hasClosed = () => end(new Error('The mail server closed the connection.'));
    const take = (piece: Buffer) => {
      unfinished += piece.toString('latin1');
      if (!piece.includes(LINE_FEED)) return;
      const lines = unfinished.split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        // Every line of an answer but the last has a hyphen after the code.
        const code = /^(\d{3})(?![\d-])/.exec(line)?.[1];
        if (code === undefined) continue;
        if (!code.startsWith('2')) {
          const error = new Error('The mail server refused to encrypt.');
          return end(Object.assign(error, { responseCode: Number(code), command }));
        }
        const next = commands.next();
        if (next.done === true) return end();
        command = next.value;
        socket.write(`${command}\r\n`);
      }
    };
    socket.on('error', end).on('close', hasClosed).on('data', take);
  });

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly lookup: LookupFunction;
  /** Certificates to trust in addition to those of the machine, PEM. */
  readonly ca?: string | undefined;
}

/**
 * Connects to a mail server and encrypts the connection where the settings require it. A server that sends more than 64 KiB or 1,000 lines, or one
 * line of more than 2,048 bytes, loses the connection: the client library queues each line, so an endless answer would occupy the event loop
 * long after the mail, and a long line while it is read (SEC-93). A carriage return within a line, and a NUL, end the connection, too. TLS is
 * started here and not by the library, because only the decrypted text has lines.
 */
export const connectSmtp = async (
  { host, port, security, lookup, ca }: SmtpAddress,
  withinMillis: number,
): Promise<Socket> => {
  const allowance: Allowance = { bytes: MAX_BYTES, lines: MAX_LINES };
  const plain = bounded(connect({ host, port, lookup }), allowance);
  // A connection that fails while no step waits for it is destroyed, and the next step reports it.
  plain.on('error', () => undefined);
  const open = async (): Promise<Socket> => {
    await once(plain, 'connect');
    if (security === 'none') return plain;
    if (security === 'starttls') await askForTls(plain);
    const secure = tlsConnect({
      socket: plain,
      host,
      // An address is not a name that a server could be asked for (RFC 6066 §3).
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
    });
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect');
    // The greeting has come in clear text, and the library waits for one.
    if (security === 'starttls') secure.unshift('220 encrypted\r\n');
    return bounded(secure, allowance);
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The mail server does not answer.')), withinMillis);
  });
  const opening = open();
  opening.catch(() => undefined);
  try {
    return await Promise.race([opening, late]);
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

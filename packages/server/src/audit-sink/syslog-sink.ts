import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { connect, type TLSSocket } from 'node:tls';
import { after } from '../platform/system-ports.ts';
import type { AuditBatch } from './audit-line.ts';
import { type AuditSink, UNOPENED } from './audit-sink.ts';

export interface SyslogSinkOptions {
  readonly host: string;
  readonly port: number;
  /** A file with the authorities that may vouch for the receiver; those of Node.js where absent. */
  readonly ca?: string;
}

/** Facility "log audit" (13), severity "informational" (6): RFC 5424 §6.2.1. */
const PRIORITY = 13 * 8 + 6;

/** A field of the header: printable ASCII up to a length, or nothing (RFC 5424 §6). */
const headerField = (text: string, longest: number): string => text.replace(/[^!-~]/g, '').slice(0, longest) || '-';

/** RFC 5424 §6, in the frame of RFC 5425 §4.3: how many bytes follow, which are ASCII here. */
const frameOf = ({ row, line }: AuditBatch[number], host: string): string => {
  const time = new Date(row.at).toISOString();
  const message = `<${PRIORITY}>1 ${time} ${host} assent - ${headerField(row.event, 32)} - ${line}`;
  return `${message.length} ${message}`;
};

/** Longer than bytes are on their way: whoever was gone before they came has said so by then. */
const ARRIVES_WITHIN_MILLIS = 200;

/**
 * Syslog over TLS. It knows no answer, so each batch has a connection of its own. When its bytes have arrived we say that it is over, and the
 * receiver ends it, too, once it has read all of it (RFC 5425 §4.4); one that is gone with bytes unread resets it.
 */
export const syslogSink = ({ host, port, ca }: SyslogSinkOptions): AuditSink => {
  const ourName = headerField(hostname(), 255);
  const connected = async (signal: AbortSignal): Promise<TLSSocket> => {
    const trusted = ca === undefined ? {} : { ca: await readFile(ca) };
    signal.throwIfAborted();
    return connect({ host, port, ...(isIP(host) === 0 && { servername: host }), ...trusted });
  };
  return {
    ...UNOPENED,
    name: `syslog+tls://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    async look(signal) {
      const socket = await connected(signal);
      try {
        await once(socket, 'secureConnect', { signal });
      } finally {
        socket.destroy();
      }
    },
    async send(batch, signal) {
      const frames = batch.map((each) => frameOf(each, ourName)).join('');
      const socket = await connected(signal);
      await new Promise<void>((done, fail) => {
        const abort = () => socket.destroy(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        let takeBack = () => {};
        let isOver = false;
        let isTaken = false;
        const endOver = () => {
          isOver = true;
          socket.end();
        };
        socket.on('error', fail);
        socket.on('secureConnect', () =>
          socket.write(frames, (error) => {
            if (!error) takeBack = after(ARRIVES_WITHIN_MILLIS, endOver);
          }),
        );
        socket.on('end', () => {
          isTaken = isOver;
        });
        socket.on('close', () => {
          takeBack();
          signal.removeEventListener('abort', abort);
          if (isTaken) done();
          else fail(new Error('The receiver closed the connection before it had taken everything.'));
        });
        socket.resume();
      });
    },
  };
};

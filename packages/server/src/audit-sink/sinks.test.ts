import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { guardedRequests, OF_OPERATOR } from '@assent/push';
import { selfSignedCertificate } from '@assent/push/fakes';
import type { FedAuditEvent } from '@assent/store';
import { afterAll, describe, expect, test } from 'vitest';
import { AUDIT_FIELDS, batchOf } from './audit-line.ts';
import { fileSink } from './file-sink.ts';
import { stdoutSink } from './stdout-sink.ts';
import { syslogSink } from './syslog-sink.ts';
import { webhookSink } from './webhook-sink.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-sinks-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const row = (position: number, more: Partial<FedAuditEvent> = {}): FedAuditEvent => ({
  id: `01a3185c-5000-7000-8000-00000000000${position}`,
  position,
  epoch: 2,
  at: 1_800_000_000_000,
  event: 'JOURNEY_END',
  realm: '/alpha',
  transactionId: 't',
  ...more,
});
const batch = (...positions: readonly number[]) => batchOf(positions.map((position) => row(position)));
const auditLine = (given: FedAuditEvent): string => batchOf([given])[0]?.line ?? '';
const never = new AbortController().signal;
const soon = () => AbortSignal.timeout(50);
const textOfRows = (...positions: readonly number[]) => positions.map((at) => `${auditLine(row(at))}\n`).join('');

describe('a line of the trail (OPS-58)', () => {
  test('is one line of ASCII with declared members, whatever is in the row', () => {
    const full = row(1, {
      userId: 'u',
      journey: 'J',
      nodeType: 'N',
      nodeId: 'n',
      outcome: 'o',
      detail: { text: 'Zoë\n\u2028\u009b😀', count: 2 },
      seal: { hash: 'hash', salt: 'salt', detailHash: 'detail hash' },
      previous: 'the hash before',
    });
    const line = auditLine(full);
    expect(line).toMatch(/^[ -~]+$/);
    const { format, time, ...members } = JSON.parse(line);
    expect([format, time]).toEqual(['assent-audit/1', '2027-01-15T08:00:00.000Z']);
    const { at, seal, ...rest } = full;
    expect(members).toEqual({ ...rest, ...seal });
    expect(Object.keys(JSON.parse(line)).sort()).toEqual(Object.keys(AUDIT_FIELDS).sort());
  });

  test('goes with as many others as 256 KiB hold, and alone where it is longer', () => {
    const long = (size: number) => (_: unknown, at: number) => row(at, { detail: { text: 'x'.repeat(size) } });
    expect(batchOf(Array.from({ length: 9 }, long(60_000)))).toHaveLength(4);
    expect(batchOf(Array.from({ length: 9 }, long(300_000)))).toHaveLength(1);
    expect(batchOf([])).toEqual([]);
  });
});

describe('a file (OPS-58)', () => {
  test('is opened anew after it was moved away and somebody said so', async () => {
    const path = join(directory, 'rotated');
    const sink = fileSink(path);
    await sink.send(batch(1), never);
    renameSync(path, `${path}.1`);
    await sink.send(batch(2), never);
    sink.reopen();
    await sink.send(batch(3), never);
    await sink.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe(textOfRows(1, 2));
    expect(readFileSync(path, 'utf8')).toBe(textOfRows(3));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('gets no line behind half of one that somebody who was killed has left', async () => {
    const path = join(directory, 'torn');
    writeFileSync(path, `${textOfRows(1)}{"format":"ass`);
    const sink = fileSink(path);
    await sink.send(batch(2), never);
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe(`${textOfRows(1)}{"format":"ass\n${textOfRows(2)}`);
  });

  test('that cannot be written is said, and written when it can', async () => {
    const path = join(directory, 'missing', 'file');
    await expect(fileSink(path).send(batch(1), never)).rejects.toThrow('ENOENT');
    await expect(fileSink('/dev/null').send(batch(1), never)).rejects.toThrow('/dev/null is no plain file');
  });
});

describe('standard output (OPS-58)', () => {
  test('gets nothing more while nobody reads what it has', async () => {
    const written: string[] = [];
    let read: () => void = () => undefined;
    const slow = new Writable({
      decodeStrings: false,
      write(text, _encoding, done) {
        written.push(text);
        read = done;
      },
    });
    const sink = stdoutSink(slow);
    await expect(sink.send(batch(1), soon())).rejects.toThrow(/timeout/);
    await expect(sink.send(batch(1), soon())).rejects.toThrow(/timeout/);
    expect(written).toEqual([textOfRows(1)]);
    read();
    const sending = sink.send(batch(1, 2), never);
    await expect.poll(() => written.length).toBe(2);
    read();
    await sending;
    expect(written[1]).toBe(textOfRows(1, 2));
  });

  test('whose reader is gone fails, and ends nothing else', async () => {
    const gone = new PassThrough();
    gone.destroy();
    await expect(stdoutSink(gone).send(batch(1), never)).rejects.toThrow();
  });
});

test('a webhook is signed over what it carries, and has taken it with 2xx alone (OPS-58)', async () => {
  const key = Buffer.alloc(32, 3);
  const heard: string[] = [];
  let status = 500;
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = request.headers;
    const expected = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    if (signature === `v1,${expected}` && seconds === '7') heard.push(body);
    response.writeHead(status).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = new URL(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/audit`);
  const to = (allowsLoopback: boolean) => {
    const requests = guardedRequests({ allowsLoopback, privateHosts: [] });
    return {
      requests,
      sink: webhookSink({ url, key, requests: requests.of(OF_OPERATOR), clock: { now: () => 7_000 } }),
    };
  };
  const { requests, sink } = to(true);
  await expect(sink.send(batch(1), never)).rejects.toThrow('status 500');
  status = 302;
  await expect(sink.send(batch(1), never)).rejects.toThrow('status 302');
  status = 204;
  await sink.send(batch(1, 2), never);
  expect(heard).toEqual([textOfRows(1), textOfRows(1), textOfRows(1, 2)]);
  // An address of this machine is for tests alone (SEC-69).
  await expect(to(false).sink.send(batch(1), never)).rejects.toThrow();
  expect(heard).toHaveLength(3);
  requests.close();
  receiver.close();
});

describe('syslog over TLS (OPS-58, RFC 5424, RFC 5425)', () => {
  const withReceiver = async (
    meet: (socket: TLSSocket) => void,
    work: (port: number, ca: string) => Promise<void>,
  ): Promise<void> => {
    const { key, certificate: cert } = selfSignedCertificate();
    const ca = join(directory, 'ca.pem');
    writeFileSync(ca, cert);
    const receiver = createTlsServer({ key, cert, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      meet(socket);
    });
    receiver.on('tlsClientError', () => undefined);
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    try {
      await work((receiver.address() as AddressInfo).port, ca);
    } finally {
      receiver.close();
    }
  };

  test('has frames with their length, and was taken when the receiver ends the connection, too', async () => {
    const heard: string[] = [];
    await withReceiver(
      async (socket) => {
        const chunks: Buffer[] = [];
        for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
        heard.push(Buffer.concat(chunks).toString());
        socket.end();
      },
      async (port, ca) => {
        await syslogSink({ host: 'localhost', port, ca }).send(batch(1, 2), never);
        const [stream = ''] = heard;
        const messages: string[] = [];
        for (let rest = stream; rest !== ''; ) {
          const [, length = '0'] = /^(\d+) /.exec(rest) ?? [];
          const from = length.length + 1;
          messages.push(rest.slice(from, from + Number(length)));
          rest = rest.slice(from + Number(length));
        }
        expect(messages).toHaveLength(2);
        expect(messages[0]).toMatch(/^<110>1 2027-01-15T08:00:00\.000Z \S+ assent - JOURNEY_END - \{"format"/);
        expect(messages[1]?.endsWith(auditLine(row(2)))).toBe(true);
        // A receiver that nobody vouches for gets nothing.
        await expect(syslogSink({ host: 'localhost', port }).send(batch(3), never)).rejects.toThrow(/self.signed/);
        expect(heard).toHaveLength(1);
      },
    );
  });

  test('was not taken by a receiver that cuts the connection, is silent, or is not there', async () => {
    await withReceiver(
      (socket) => socket.destroy(),
      async (port, ca) => {
        await expect(syslogSink({ host: 'localhost', port, ca }).send(batch(1), never)).rejects.toThrow();
      },
    );
    await withReceiver(
      (socket) => socket.resume(),
      async (port, ca) => {
        await expect(
          syslogSink({ host: 'localhost', port, ca }).send(batch(1), AbortSignal.timeout(500)),
        ).rejects.toThrow(/timeout/);
      },
    );
    const nobody = syslogSink({ host: '127.0.0.1', port: 1 });
    await expect(nobody.send(batch(1), never)).rejects.toThrow('ECONNREFUSED');
  });
});

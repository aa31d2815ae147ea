import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { freePort } from '@assent/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';

const guide = new Guide('logs-and-audit');

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined);

type Row = Readonly<Record<string, unknown>>;
const rowsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

/** The messages of a stream of syslog, by the lengths before them (RFC 5425 §4.3). */
const messagesOf = (stream: string): readonly string[] => {
  const messages: string[] = [];
  for (let rest = stream; rest !== ''; ) {
    const [head = '', length = '0'] = /^(\d+) /.exec(rest) ?? [];
    messages.push(rest.slice(head.length, head.length + Number(length)));
    rest = rest.slice(head.length + Number(length));
  }
  return messages;
};

/** What operators have where the guide says `siem.example.com`: each notes what came, in a file of the directory. */
const receiversIn = async (directory: string) => {
  const [key, cert] = [join(directory, 'siem-key.pem'), join(directory, 'siem-ca.pem')];
  const made = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`;
  execFileSync('openssl', made.split(' '), { stdio: 'ignore' });
  const streams: string[] = [];
  const syslog = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(cert), allowHalfOpen: true },
    async (it) => {
      let stream = '';
      for await (const chunk of it.setEncoding('utf8')) stream += chunk;
      streams.push(stream);
      writeFileSync(join(directory, 'received-by-syslog'), streams.join(''));
      it.end();
    },
  );
  const bodies: string[] = [];
  const takeBody: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const bytes = Buffer.from(readFileSync(join(directory, 'siem-key'), 'utf8').trim().replace('whsec_', ''), 'base64');
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers;
    const isOurs = signature === `v1,${createHmac('sha256', bytes).update(`${id}.${time}.${body}`).digest('base64')}`;
    if (isOurs) bodies.push(body);
    writeFileSync(join(directory, 'received-by-webhook'), bodies.join(''));
    response.writeHead(isOurs ? 204 : 401).end();
  };
  const webhook = createServer(takeBody);
  const portOf = async (server: Server): Promise<number> => {
    await new Promise<void>((done) => server.listen(0, 'localhost', done));
    return (server.address() as AddressInfo).port;
  };
  const ports = { syslog: await portOf(syslog), webhook: await portOf(webhook) };
  return { ports, close: () => [syslog, webhook].map((it) => it.close()) };
};

describe.skipIf(missing.length > 0)(
  `the guide to the log${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let code: Followed['code'];
    let printed: Followed['printed'];
    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    const isOfTrail = (line: Row) => line.format === 'assent-audit/1';
    const lines = () => rowsOf(read('log')).filter((line) => !isOfTrail(line));
    let receivers: Awaited<ReturnType<typeof receiversIn>>;

    beforeAll(async () => {
      const port = await freePort();
      receivers = await receiversIn(directory);
      const { syslog, webhook } = receivers.ports;
      /** Readers look at their receiver; here the next command waits until it has what was sent. */
      const untilHas = (name: string, what: string) =>
        `until grep -s ${what} ${name}; do sleep 0.1; done\nkill $SERVER`;
      ({ code, printed } = await guide.follow({
        directory,
        rewrite: (block) =>
          block
            .replaceAll('8080', String(port))
            .replace('siem.example.com:6514', `localhost:${syslog}`)
            .replace('https://siem.example.com', `http://localhost:${webhook}`)
            .replace('"auditSink": "http:', '"insecure": true, "auditSink": "http:')
            .replace(/(help-desk-45)\nkill \$SERVER/, (_, it) => `${it}\n${untilHas('received-by-syslog', it)}`)
            .replace(/(help-desk-46)\nkill \$SERVER/, (_, it) => `${it}\n${untilHas('received-by-webhook', it)}`)
            .replace('kill $SERVER\n', 'kill $SERVER\nwait $SERVER\n'),
        env: { ASSENT_PORT: String(port), ASSENT_DRAIN_SECONDS: '0' },
      }));
    });
    afterAll(() => {
      receivers.close();
      rmSync(directory, { recursive: true, force: true });
    });

    test('runs to its end, and the server ends well', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('finds nothing but lines of the log on standard output, each with time, level and instance (OPS-57)', () => {
      for (const line of lines()) {
        expect(line).toMatchObject({ time: expect.any(String), level: expect.any(String), instance: 'one' });
      }
      expect(read('screen')).toContain('is ready');
    });

    test('finds the request of a caller by the name that it was given', () => {
      expect(lines()).toContainEqual(expect.objectContaining({ transactionId: 'help-desk-42', level: 'info' }));
    });

    test('sees the level change by a signal, and a wrong one refused (OPS-59)', () => {
      expect(lines()).toContainEqual(expect.objectContaining({ settings: ['ASSENT_LOG_LEVEL'], level: 'info' }));
      expect(lines()).toContainEqual(
        expect.objectContaining({
          level: 'error',
          problems: [expect.stringContaining('logLevel (assent.config.json)')],
        }),
      );
    });

    test('sends the trail on to standard output, a file, syslog and a webhook, each from where the last one had come (OPS-58)', () => {
      const received = {
        start: rowsOf(read('log')).filter(isOfTrail),
        'help-desk-44': ['audit.jsonl.1', 'audit.jsonl'].flatMap((name) => rowsOf(read(name))),
        'help-desk-45': messagesOf(read('received-by-syslog')).map(
          (it) => JSON.parse(it.slice(it.indexOf('{'))) as Row,
        ),
        'help-desk-46': rowsOf(read('received-by-webhook')),
      };
      for (const [transactionId, its] of Object.entries(received).slice(1))
        expect(its).toContainEqual(expect.objectContaining({ transactionId }));
      const rows = Object.values(received).flat();
      expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
      expect(rows.map(({ epoch }) => epoch)).toEqual(rows.map(() => 0));
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    });

    test('leaves no secret of its files in the log or on the screen (SEC-79)', () => {
      for (const name of ['master-key', 'admin-password', 'siem-key']) {
        const secret = read(name).trim();
        expect(
          `${read('log')}${read('screen')}${read('log-of-trail')}${read('screen-of-trail')}${printed.join('')}`,
        ).not.toContain(secret);
      }
    });
  },
);

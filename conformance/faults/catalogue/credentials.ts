import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { type Certificate, newCertificate } from '@assent/test-servers';
import type { FaultSession } from '../fault-session.ts';
import { expectThat, type Fault } from './fault.ts';
import { firstWords, startOnCopy } from './start-on-copy.ts';
import { events, withProvider } from './surroundings.ts';

/** As an operator finds it in the log. */
const ALARM = 'A push provider refuses the realm';

const alarms = ({ cluster }: FaultSession): number =>
  cluster.instances.reduce((sum, { output }) => sum + output.split(ALARM).length - 1, 0);

/** Stands before PostgreSQL and encrypts by that certificate; counts what came to it in the clear, beside the request to encrypt, and what came encrypted. */
const encryptedBy = async ({ certificateFile, keyFile }: Certificate, port: number) => {
  const cert = readFileSync(certificateFile);
  const key = readFileSync(keyFile);
  const sockets = new Set<Socket>();
  const heard = { connections: 0, bytes: 0 };
  const server = createServer((socket) => {
    heard.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (request) => {
      if (request.length !== REQUEST_BYTES) heard.bytes += request.length;
      socket.write('S');
      const secured = new TLSSocket(socket, { isServer: true, cert, key });
      const behind = connect(port, '127.0.0.1');
      secured.on('error', () => behind.destroy()).on('close', () => behind.destroy());
      behind.on('error', () => secured.destroy());
      secured.on('data', (said: Buffer) => {
        heard.bytes += said.length;
      });
      secured.pipe(behind).pipe(secured);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    heard,
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

/** As the protocol of PostgreSQL has the request to encrypt. */
const REQUEST_BYTES = 8;

/** An instance that trusts who has signed the certificate, which has run out: whether it starts, what it says, and what it has said to whoever has it. */
const startBehind = async (session: FaultSession) => {
  const { cluster } = session;
  const postgres = cluster.postgres;
  if (postgres === undefined) throw new Error('There is no PostgreSQL.');
  const folder = join(cluster.scratch, 'run-out');
  mkdirSync(folder, { recursive: true });
  const certificate = await newCertificate(folder, { hasRunOut: true });
  const front = await encryptedBy(certificate, postgres.server.address.port);
  try {
    const url = new URL(postgres.urlOf(0));
    url.port = String(front.port);
    url.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: certificate.certificateFile }).toString();
    const started = await startOnCopy(
      session,
      folder,
      () => {},
      (instance) => {
        instance.env = { ...instance.env, ASSENT_DATABASE_URL: url.href };
      },
    );
    return { ...started, ...front.heard };
  } finally {
    front.close();
  }
};

export const credentialFaults: readonly Fault[] = [
  {
    id: 'F38',
    title: 'another master key than that of the data',
    expected: 'no start, and a sentence that says why',
    async inject(session) {
      const { isStarted, said } = await startOnCopy(
        session,
        join(session.cluster.scratch, 'other-key'),
        () => {},
        (instance) => {
          instance.env = { ...instance.env, ASSENT_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
        },
      );
      expectThat(!isStarted, 'it started');
      return firstWords(said);
    },
  },
  {
    id: 'F38',
    title: 'the key by which the provider knows us has run out',
    expected: 'told of; a code or our own phone; no channel dies',
    async inject(session, { time }) {
      const [told, dead] = [alarms(session), await events(session, 'DEVICE_CHANNEL_DEAD')];
      const runOut = { answer: 401, code: 'invalid_grant' };
      await withProvider(session, [['script', runOut]], 8_000 * time, 0);
      const alarmed = alarms(session) - told;
      expectThat(alarmed > 0, 'the log says nothing of it');
      expectThat((await events(session, 'DEVICE_CHANNEL_DEAD')) === dead, 'our own key has killed channels');
      return `told of ${alarmed} times, no channel dead`;
    },
  },
  {
    id: 'F38',
    title: 'the certificate of the database has run out',
    expected: 'no start, a sentence that says why, and no word to it',
    stores: ['postgres'],
    async inject(session) {
      const { isStarted, said, connections, bytes } = await startBehind(session);
      expectThat(!isStarted, 'it started');
      expectThat(connections > 0, 'nobody came by');
      expectThat(bytes === 0, `${bytes} bytes were said to whoever has that certificate`);
      expectThat(said.includes('certificate has expired'), `it said ${firstWords(said)}`);
      return firstWords(said);
    },
  },
];

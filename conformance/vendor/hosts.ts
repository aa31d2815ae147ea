import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';

/** A host that the specs name in their code, and whom it leads to here. */
export const TENANT = 'openam-sdks.forgeblocks.com';

interface Listening {
  readonly port: number;
  close(): void;
}

const listen = async (server: Server, port = 0): Promise<Listening> => {
  server.listen(port, 'localhost');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
};

const forward = (
  port: number,
  incoming: IncomingMessage,
  answer: ServerResponse,
  { path = incoming.url, host = incoming.headers.host }: { readonly path?: string; readonly host?: string } = {},
): void => {
  const { method } = incoming;
  const headers = { ...incoming.headers, host };
  const sent = request({ host: 'localhost', port, method, path, headers }, (received) => {
    answer.writeHead(received.statusCode ?? 502, received.headers);
    received.pipe(answer);
  });
  sent.on('error', () => answer.destroy());
  incoming.pipe(sent);
};

/** Passes all requests to a server of this machine under the host of the tenant: by https for browsers, by http for the preparation. */
export const startTenant = async (directory: string, port: number) => {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${TENANT}`, '-addext', `subjectAltName=DNS:${TENANT}`, '-keyout', key, '-out', cert],
  ]);
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr ?? made.error}`);
  const pass = (incoming: IncomingMessage, answer: ServerResponse): void =>
    forward(port, incoming, answer, { host: TENANT });
  const tls = await listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, pass));
  const plain = await listen(createServer(pass));
  return {
    tlsPort: tls.port,
    plainPort: plain.port,
    close(): void {
      tls.close();
      plain.close();
    },
  };
};

/** A proxy that leads the tenant's host to this machine and refuses every other host, so that no request leaves it. */
export const startProxy = async (tlsPort: number): Promise<Listening> => {
  const proxy = createServer((_incoming, answer) => answer.writeHead(502).end());
  proxy.on('connect', ({ url }, socket, head) => {
    if (url !== `${TENANT}:443`) return void socket.end('HTTP/1.1 502 Not a host of this run\r\n\r\n');
    const onward = connect(tlsPort, 'localhost', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return listen(proxy);
};

export type Handler = (incoming: IncomingMessage, answer: ServerResponse, url: URL) => boolean | Promise<boolean>;

/** Where the specs expect AM: passes requests on to a server, but for those that a handler answers. */
export const startFront = async (
  at: number,
  port: number,
  pathOf: (url: URL) => string,
  handle: Handler,
): Promise<Listening> =>
  listen(
    createServer(async (incoming, answer) => {
      const url = new URL(incoming.url ?? '/', `http://localhost:${at}`);
      try {
        if (!(await handle(incoming, answer, url))) forward(port, incoming, answer, { path: pathOf(url) });
      } catch (error) {
        answer.writeHead(500).end(String(error));
      }
    }),
    at,
  );

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Answer } from '../../http/call.ts';
import { createLimitedServer } from '../../http/http-server.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { Health } from '../../platform/health.ts';
import type { Logger } from '../../platform/log.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Exposition, METRICS_TYPE } from '../../telemetry/exposition.ts';
import { liveness, readiness, startedness } from './health.ts';
import { isManagementHost } from './management-hosts.ts';

export interface ManagementOptions {
  readonly settings: Pick<Settings, 'managementHost' | 'managementPort' | 'managementNames' | 'publicUrl'>;
  readonly health: Health;
  readonly exposition: Exposition;
  readonly log: Logger;
}

/** Where it listens. */
export interface ManagementAddress {
  readonly host: string;
  readonly port: number;
}

/** Probes and Prometheus need a few. */
const MAX_CONNECTIONS = 100;
/** Longer than a connection is kept for its next request. */
const SILENT_MILLIS = 70_000;

const json = (status: number, body: unknown): Told => ({
  status,
  type: 'application/json; charset=utf-8',
  text: JSON.stringify(body),
});

interface Told {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/**
 * A port of its own for those who run the server (OPS-52): health, with what is degraded, and metrics. Nothing of it says anything of a user,
 * but what a server is busy with is nobody else's business, so it is off, and then on this machine alone, until a setting says otherwise.
 */
export class ManagementServer {
  readonly #options: ManagementOptions;
  readonly #names: readonly string[];
  #server: Server | undefined;

  constructor(options: ManagementOptions) {
    this.#options = options;
    const { managementHost, managementNames, publicUrl } = options.settings;
    this.#names = [managementHost, hostname(), new URL(publicUrl).hostname, ...managementNames];
  }

  /** Listens, where a port is set; while it does, once more is nothing. Throws what the system says where it cannot. */
  async open(): Promise<ManagementAddress | undefined> {
    const { managementHost: host, managementPort: port } = this.#options.settings;
    if (port === undefined) return undefined;
    if (this.#server === undefined) {
      const server = createLimitedServer({}, (request, response) => void this.#answer(request, response));
      // Of those who do not read their answers: they are few, and not for ever.
      server.maxConnections = MAX_CONNECTIONS;
      server.timeout = SILENT_MILLIS;
      server.listen(port, host);
      await once(server, 'listening');
      this.#server = server;
    }
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, text } = await this.#told(request);
    response.writeHead(status, {
      ...JSON_HEADERS,
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      ...(status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  async #told({ method = '', url = '', headers: { host } }: IncomingMessage): Promise<Told> {
    const { health, exposition, log } = this.#options;
    // Who names none is no browser (HTTP/1.0).
    if (host !== undefined && !isManagementHost(host, this.#names)) {
      return json(421, {
        status: 'another host',
        fix: 'Ask by the address, or list the name in ASSENT_MANAGEMENT_NAMES.',
      });
    }
    if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'only GET and HEAD' });
    try {
      switch (url.split('?')[0]) {
        case '/health/live':
          return this.#withDegraded(liveness(health));
        case '/health/started':
          return this.#withDegraded(startedness(health));
        case '/health/ready':
          return this.#withDegraded(await readiness(health));
        case '/metrics':
          return { status: 200, type: METRICS_TYPE, text: await exposition.text() };
        default:
          return json(404, {
            status: 'unknown',
            known: ['/health/live', '/health/started', '/health/ready', '/metrics'],
          });
      }
    } catch (error) {
      log.error({ cause: error }, 'The management port could not answer.');
      return json(500, { status: 'failed' });
    }
  }

  /** Who may see this port may see what the server does without (OPS-53); the status stays what it is. */
  #withDegraded({ status, body }: Answer): Told {
    return json(status, { ...(body as object), degraded: this.#options.health.degraded() });
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isListening, LOOPBACK } from '../machine/ports.ts';
import { findProgram } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';

export interface HaProxyOptions {
  /** Ports of the loopback interface behind it; whoever serves there may come and go. */
  readonly ports: readonly number[];
  /** The path that says by 200 whether an instance wants requests. */
  readonly healthPath: string;
  readonly scratch?: Scratch;
}

/** Where it says how many instances it sends requests to: it sees some time after an instance whether that wants them. */
const ROTATION = '/instances-in-rotation';

/**
 * Requests go to the instances in turn, without cookies. One whose connection is refused goes to the next instance; one that was sent is
 * not sent again, since only its sender can know whether it may be. One late answer about its health sends nobody away from an instance:
 * the machine may have other things to do.
 */
const configuration = (port: number, { ports, healthPath }: HaProxyOptions): string => `
global
  maxconn 2000
defaults
  mode http
  timeout connect 1s
  timeout check 5s
  timeout client 120s
  timeout server 120s
  option forwardfor
  option redispatch 1
  retries 3
  retry-on conn-failure
frontend instances
  bind ${LOOPBACK}:${port}
  http-request set-header X-Forwarded-Proto http
  http-request return status 200 content-type text/plain lf-string "%[nbsrv(instances)]" if { path ${ROTATION} }
  default_backend instances
backend instances
  balance roundrobin
  option httpchk GET ${healthPath}
  default-server check inter 200ms fall 2 rise 1
${ports.map((it, at) => `  server instance${at + 1} ${LOOPBACK}:${it}\n`).join('')}`;

/** An HAProxy before several instances. */
export class HaProxyServer extends ServerProcess {
  readonly port: number;
  readonly url: string;

  private constructor(port: number, command: ServerCommand) {
    super(command);
    this.port = port;
    this.url = `http://${LOOPBACK}:${port}`;
  }

  static async launch(options: HaProxyOptions): Promise<HaProxyServer> {
    const folder = (options.scratch ?? scratchOfProcess()).folderFor('haproxy');
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(port, options));
    const server = new HaProxyServer(port, {
      name: 'HAProxy',
      folder,
      command: [findProgram('haproxy') ?? 'haproxy', ['-db', '-f', file]],
      isReady: () => isListening(port),
    });
    await server.start();
    return server;
  }

  /** To how many instances it sends requests at this moment. */
  async inRotation(): Promise<number> {
    const answer = await fetch(`${this.url}${ROTATION}`);
    return Number(await answer.text());
  }
}

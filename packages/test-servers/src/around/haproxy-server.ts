import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, isListening, LOOPBACK } from '../machine/ports.ts';
import { findProgram } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';

export interface HaProxyOptions {
  /** Ports of the loopback interface behind it; whoever serves there may come and go. */
  readonly ports: readonly [number, number];
  /** The path that says by 200 whether an instance wants requests. */
  readonly healthPath: string;
  readonly scratch?: Scratch;
}

/** Where it says how many instances it sends requests to: it sees some time after an instance whether that wants them. */
const ROTATION = '/instances-in-rotation';

/** What it does with instances is what we give to those who run it. */
const BACKEND = fileURLToPath(new URL('../../../../deploy/haproxy/backend.cfg', import.meta.url));

/** In place of the one that speaks TLS. */
const frontend = (port: number): string => `
frontend instances
  bind ${LOOPBACK}:${port}
  http-request set-header X-Forwarded-Proto http
  http-request return status 200 content-type text/plain lf-string "%[nbsrv(assent)]" if { path ${ROTATION} }
  default_backend assent
`;

/** An HAProxy before several instances. */
export class HaProxyServer extends ServerProcess {
  readonly port: number;
  readonly url: string;

  private constructor(port: number, command: ServerCommand) {
    super(command);
    this.port = port;
    this.url = `http://${LOOPBACK}:${port}`;
  }

  static async launch({ ports, healthPath, scratch }: HaProxyOptions): Promise<HaProxyServer> {
    const folder = (scratch ?? scratchOfProcess()).folderFor('haproxy');
    const port = await freePort();
    const file = join(folder, 'frontend.cfg');
    writeFileSync(file, frontend(port));
    const [one, two] = ports;
    const server = new HaProxyServer(port, {
      name: 'HAProxy',
      folder,
      command: [findProgram('haproxy') ?? 'haproxy', ['-db', '-f', BACKEND, '-f', file]],
      env: {
        ...process.env,
        ASSENT_ONE: `${LOOPBACK}:${one}`,
        ASSENT_TWO: `${LOOPBACK}:${two}`,
        ASSENT_HEALTH_PATH: healthPath,
        // Tests do not wait.
        ASSENT_CHECK_INTERVAL: '200ms',
      },
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

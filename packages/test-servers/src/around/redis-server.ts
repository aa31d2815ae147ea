import { newCertificate } from '../machine/certificate.ts';
import { freePort, isListening, LOOPBACK } from '../machine/ports.ts';
import { findProgram } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';

/** Redis, or Valkey, which went on from it. */
export type RedisKind = 'redis' | 'valkey';

export interface RedisOptions {
  readonly kind: RedisKind;
  /** What clients have to say before anything else; nothing where absent. */
  readonly password?: string;
  /** Whether it speaks TLS alone. */
  readonly tls?: boolean;
  readonly scratch?: Scratch;
}

/** A Redis or Valkey that keeps nothing on disk. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  /** Without a password, whether it has one or not. */
  readonly url: string;
  /** The certificate, as text, of one with TLS. */
  readonly authority: string | undefined;

  private constructor(port: number, authority: string | undefined, command: ServerCommand) {
    super(command);
    this.port = port;
    this.authority = authority;
    this.url = `${authority === undefined ? 'redis' : 'rediss'}://${LOOPBACK}:${port}`;
  }

  static async launch({
    kind,
    password,
    tls = false,
    scratch = scratchOfProcess(),
  }: RedisOptions): Promise<RedisServer> {
    const folder = scratch.folderFor(kind);
    const [port, certificate] = await Promise.all([freePort(), tls ? newCertificate(folder) : undefined]);
    const name = `${kind}-server`;
    const server = new RedisServer(port, certificate?.authority, {
      name,
      folder,
      command: [
        findProgram(name) ?? name,
        [
          ...['--bind', LOOPBACK, '--save', '', '--appendonly', 'no', '--dir', folder],
          ...(password === undefined ? [] : ['--requirepass', password]),
          ...(certificate === undefined
            ? ['--port', String(port)]
            : [
                ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
                ...['--tls-cert-file', certificate.certificateFile, '--tls-key-file', certificate.keyFile],
              ]),
        ],
      ],
      isReady: () => isListening(port),
    });
    await server.start();
    return server;
  }
}

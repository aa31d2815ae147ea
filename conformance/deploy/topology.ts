import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  findProgram,
  freePort,
  newCertificate,
  postgresProgram,
  postgresVersions,
  Scratch,
  ServerProcess,
} from '@assent/test-servers';
import { ComposeFile, DEPLOY, type Service } from './compose-file.ts';
import { type ComposePostgres, startComposePostgres } from './compose-postgres.ts';
import { type Command, packedCommand } from './packed-command.ts';

/** What containers have each for itself, and processes of one machine have not. By `service:port`, the port inside of the container. */
type Ports = Readonly<Record<string, number>>;

const INSIDE = [
  ...['postgres:5432', 'valkey:6379', 'haproxy:8080', 'haproxy:8443', 'haproxy:8404'],
  ...['assent-1:8080', 'assent-1:9464', 'assent-2:8080', 'assent-2:9464'],
];

/** How often is asked again, where Compose would wait for a second. */
const LOOK_AGAIN_MILLIS = 250;

const millisOf = (duration: string): number => {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(duration) ?? [];
  return Number(number) * ({ ms: 1, s: 1_000, m: 60_000 }[unit] ?? Number.NaN);
};

/** What a program said, and whether it ended with 0. */
export interface Said {
  readonly isWell: boolean;
  readonly said: string;
}

/**
 * The services of `compose.yaml` as processes of this machine, ours out of the package: with their commands, variables, files and secrets, in the order and by the
 * health checks that Compose goes by. What differs is what makes containers: addresses, users and images.
 */
export class Topology {
  readonly compose: ComposeFile;
  /** Where browsers and phones come in. */
  readonly am: string;
  /** What vouches for that address. */
  readonly authority: string;
  readonly scratch: Scratch;
  readonly #ports: Ports;
  readonly #assent: Command;
  readonly #servers = new Map<string, Pick<ServerProcess, 'stop' | 'log'>>();
  readonly #started = new Map<string, Promise<void>>();
  #postgres: ComposePostgres | undefined;

  private constructor(scratch: Scratch, folder: string, ports: Ports, authority: string, assent: Command) {
    this.scratch = scratch;
    this.#assent = assent;
    this.#ports = ports;
    this.authority = authority;
    const domain = `localhost:${this.portOf('haproxy:8443')}`;
    this.compose = new ComposeFile(folder, { ASSENT_DOMAIN: domain, ASSENT_IMAGE: 'assent:0' });
    this.am = `https://${domain}/am`;
  }

  /** Prepares the folder as an operator does: by `make-secrets`, and a certificate of one's own. */
  static async prepare(): Promise<Topology> {
    const scratch = new Scratch();
    const folder = join(scratch.folder, 'compose');
    cpSync(join(DEPLOY, 'compose'), folder, { recursive: true });
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    const certificate = await newCertificate(scratch.folderFor('tls'));
    const tls = [certificate.certificateFile, certificate.keyFile].map((file) => readFileSync(file, 'utf8')).join('');
    writeFileSync(join(folder, 'secrets/tls.pem'), tls);
    execFileSync(join(folder, 'make-secrets'), { stdio: 'pipe' });
    const ports = await Promise.all(INSIDE.map(async (inside) => [inside, await freePort()] as const));
    const assent = await packedCommand(scratch.folderFor('package'));
    return new Topology(scratch, folder, Object.fromEntries(ports), certificate.authority, assent);
  }

  /** Where this machine has the port of a container, as in `postgres:5432`. */
  portOf(inside: string): number {
    const port = this.#ports[inside];
    if (port === undefined) throw new Error(`No service has ${inside}.`);
    return port;
  }

  secret(name: string): string {
    return readFileSync(this.compose.secretFile(name), 'utf8');
  }

  /** Everything, as `docker compose up --wait`. */
  async up(): Promise<void> {
    const names = Object.keys(this.compose.services);
    await Promise.all(names.map((name) => this.#reach(name, 'service_started')));
    await Promise.all(names.filter((name) => name !== 'migrate').map((name) => this.#untilHealthy(name)));
  }

  async close(): Promise<void> {
    await this.scratch.close();
  }

  /** What the administrator of the database asks. */
  query(sql: string): string {
    if (this.#postgres === undefined) throw new Error('PostgreSQL is not started.');
    return this.#postgres.query(sql);
  }

  /** What a service has written into its folder, beside its log. */
  written(name: string): readonly string[] {
    return readdirSync(this.#folderOf(name)).filter((file) => file !== 'log');
  }

  /** What the health check of a service says at this moment. */
  ask(name: string): Promise<Said> {
    const { healthcheck } = this.compose.service(name);
    if (healthcheck === undefined) throw new Error(`${name} has no healthcheck.`);
    return this.#run(this.#checkCommand(name, healthcheck.test.slice(1)));
  }

  /** `assent …` with the variables of an instance, some of them changed. */
  command(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Said> {
    const env = { ...this.environmentOf('assent-1'), ...variables };
    return this.#run({ ...this.#assentWith(args), env });
  }

  #assentWith(words: readonly string[]): { readonly program: string; readonly args: readonly string[] } {
    const [program, ...before] = this.#assent;
    return { program, args: [...before, ...words] };
  }

  #run({ program, args, env }: { program: string; args: readonly string[]; env: NodeJS.ProcessEnv }): Promise<Said> {
    return new Promise((resolve) => {
      execFile(program, args, { env, cwd: this.scratch.folder }, (error, stdout, stderr) =>
        resolve({ isWell: error === null, said: `${stdout}${stderr}` }),
      );
    });
  }

  /** The variables of a service, with addresses of this machine. */
  environmentOf(name: string): Readonly<Record<string, string>> {
    const service = this.compose.service(name);
    const variables = Object.entries(service.environment ?? {}).map(
      ([variable, value]) => [variable, this.#here(service, String(value))] as const,
    );
    // People are made by a program with a password; conformance/guides/administrators.test.ts is about who has more than that.
    const byPassword = { ASSENT_ADMIN_SECOND_FACTOR: 'false' };
    return {
      PATH: process.env.PATH ?? '',
      ...byPassword,
      ...Object.fromEntries(variables),
      ...this.#ownAddresses(name),
    };
  }

  /** With files outside of the container, and other services by the loopback interface: their certificates are for that name, too. */
  #here(service: Service, text: string): string {
    return Object.entries(this.#ports).reduce(
      (result, [inside, port]) => result.replaceAll(`@${inside}`, `@localhost:${port}`),
      this.compose.withFiles(service, text),
    );
  }

  /** What a container gets by being one. */
  #ownAddresses(name: string): Readonly<Record<string, string>> {
    const at = (inside: string) => `127.0.0.1:${this.portOf(inside)}`;
    if (name === 'haproxy') {
      return {
        ASSENT_HTTP_BIND: at('haproxy:8080'),
        ASSENT_HTTPS_BIND: at('haproxy:8443'),
        ASSENT_STATUS_BIND: at('haproxy:8404'),
        ASSENT_TLS_FILE: this.compose.secretFile('tls'),
        ASSENT_ONE: at('assent-1:8080'),
        ASSENT_TWO: at('assent-2:8080'),
      };
    }
    if (!name.startsWith('assent-')) return {};
    return {
      ASSENT_HOST: '127.0.0.1',
      ASSENT_PORT: String(this.portOf(`${name}:8080`)),
      ASSENT_MANAGEMENT_HOST: '127.0.0.1',
      ASSENT_MANAGEMENT_PORT: String(this.portOf(`${name}:9464`)),
      // HAProxy has no address of its own here.
      ASSENT_TRUSTED_PROXIES: '127.0.0.1',
    };
  }

  #reach(name: string, condition: string): Promise<void> {
    const start = this.#started.get(name) ?? this.#start(name);
    this.#started.set(name, start);
    // A job is there to end, and is waited for by its start.
    return condition === 'service_healthy' ? start.then(() => this.#untilHealthy(name)) : start;
  }

  async #start(name: string): Promise<void> {
    const service = this.compose.service(name);
    await Promise.all(this.compose.needs(service).map(([other, condition]) => this.#reach(other, condition)));
    if (name === 'migrate') return this.#runJob(name, service);
    if (name === 'postgres') {
      const place = { scratch: this.scratch, port: this.portOf('postgres:5432') };
      this.#postgres = await startComposePostgres(this.compose, place);
      this.#servers.set(name, this.#postgres.server);
      return undefined;
    }
    const server = new ServerProcess({
      name,
      folder: this.#folderOf(name),
      command: this.#command(service),
      env: this.environmentOf(name),
      // Whether it serves is for its health check to say.
      isReady: () => true,
    });
    await server.start();
    this.#servers.set(name, server);
    return undefined;
  }

  /** Where it works, and writes what is looked for afterwards. */
  #folderOf(name: string): string {
    const folder = join(this.scratch.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** By the entry point of the image: `assent` in ours, and the first word in others. */
  #command(service: Service): readonly [string, readonly string[]] {
    const [first = '', ...rest] = service.command.map((word) => this.#here(service, String(word)));
    if (first === 'haproxy') return [findProgram(first) ?? first, rest];
    if (first !== 'valkey-server') {
      const { program, args } = this.#assentWith([first, ...rest]);
      return [program, args];
    }
    const words = rest.map((word) => (word === '6379' ? String(this.portOf('valkey:6379')) : word));
    return [findProgram(first) ?? first, [...words, '--bind', '127.0.0.1']];
  }

  #checkCommand(name: string, words: readonly string[]) {
    const [first = '', ...rest] = words.map((word) => this.#here(this.compose.service(name), word));
    const env = this.environmentOf(name);
    switch (first) {
      case 'assent':
        return { ...this.#assentWith(rest), env };
      case 'pg_isready': {
        const program = postgresProgram(postgresVersions().at(-1) ?? 0, first);
        return { program, args: rest, env: { ...env, PGPORT: String(this.portOf('postgres:5432')) } };
      }
      case 'valkey-cli':
        return { program: first, args: ['-p', String(this.portOf('valkey:6379')), ...rest], env };
      default: {
        const port = `:${this.portOf('haproxy:8404')}`;
        return { program: first, args: rest.map((word) => word.replace(':8404', port)), env };
      }
    }
  }

  async #runJob(name: string, service: Service): Promise<void> {
    const [program, args] = this.#command(service);
    const child = spawn(program, args, {
      cwd: this.#folderOf(name),
      env: this.environmentOf(name),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk;
      });
    }
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${said}`);
  }

  /** Asks by the check of a service until it says yes, for as long as Compose would. */
  async #untilHealthy(name: string): Promise<void> {
    const check = this.compose.service(name).healthcheck;
    if (check === undefined) throw new Error(`${name} has no healthcheck.`);
    const end = performance.now() + millisOf(check.start_period) + check.retries * millisOf(check.interval);
    for (;;) {
      const { isWell, said } = await this.ask(name);
      if (isWell) return;
      if (performance.now() > end) {
        throw new Error(`${name} is not healthy: ${said}\n${this.#servers.get(name)?.log ?? ''}`);
      }
      await pause(LOOK_AGAIN_MILLIS);
    }
  }
}

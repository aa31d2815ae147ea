import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { ServerProcess } from '../support/server-process.ts';

export const ADMINISTRATOR = Object.freeze({ name: 'amadmin', password: 'frodo may come in' });

/** For `startServerProcess`: the administrator has the password above. */
export const FRODO_MAY_COME_IN = { env: { ASSENT_ADMIN_PASSWORD: ADMINISTRATOR.password } };

const FRODO_DIST = join(dirname(createRequire(import.meta.url).resolve('@rockcarver/frodo-cli/package.json')), 'dist');

/** The command that npm installs. */
const FRODO_LAUNCHER: readonly string[] = [join(FRODO_DIST, 'launch.cjs')];

/** The program that the command starts, at a third of its work: without a process before it and the maps of its sources. */
export const FRODO_APP: readonly string[] = ['--no-warnings', join(FRODO_DIST, 'app.cjs')];

type Json = Readonly<Record<string, unknown>>;

export interface FrodoResult {
  readonly code: number | null;
  /** All that was printed, without colours. */
  readonly text: string;
}

export interface FrodoOptions {
  readonly realm?: string;
  readonly password?: string;
  /** By the command that npm installs; by the program that it starts where absent. */
  readonly byLauncher?: boolean;
  /** What somebody types. */
  readonly stdin?: string;
}

/** The published command line, unpatched, as an administrator runs it in a folder of their own. */
export class Frodo {
  readonly folder: string;
  readonly #am: string;
  readonly #home: string;

  constructor({ am, scratch }: Pick<ServerProcess, 'am' | 'scratch'>) {
    this.#am = am;
    this.folder = mkdtempSync(join(scratch, 'frodo-'));
    this.#home = mkdtempSync(join(scratch, 'home-'));
    mkdirSync(join(this.#home, '.frodo'));
    writeFileSync(join(this.#home, '.frodo/Connections.json'), '{}');
  }

  /** Runs a command such as `journey list -l` to its end. */
  async run(command: readonly string[], options: FrodoOptions = {}): Promise<FrodoResult> {
    const realm = command[0] === 'info' ? [] : [options.realm ?? '/'];
    const who = [ADMINISTRATOR.name, options.password ?? ADMINISTRATOR.password];
    const program = options.byLauncher ? FRODO_LAUNCHER : FRODO_APP;
    const args = [...program, ...command, '-m', 'classic', '--no-cache', this.#am, ...realm, ...who];
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      // A proxy that is not there: nothing leaves this machine.
      env: { PATH: process.env.PATH, HOME: this.#home, HTTPS_PROXY: 'http://127.0.0.1:9' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
    }
    child.stdin.on('error', () => {}).end(options.stdin ?? '');
    const [code] = await once(child, 'close');
    return { code: code as number | null, text: stripVTControlCharacters(text) };
  }

  /** Runs a command that has to succeed; what it printed. */
  async do(command: readonly string[], options?: FrodoOptions): Promise<string> {
    const { code, text } = await this.run(command, options);
    if (code !== 0) throw new Error(`frodo ${command.join(' ')} ended with ${code}:\n${text}`);
    return text;
  }

  write(file: string, content: unknown): void {
    writeFileSync(join(this.folder, file), JSON.stringify(content));
  }

  read(file: string): Json {
    return JSON.parse(readFileSync(join(this.folder, file), 'utf8')) as Json;
  }

  files(): readonly string[] {
    return readdirSync(this.folder).sort();
  }
}

const EXPORTS = new URL('exports/', import.meta.url);

/** A file of `exports/`: journeys as people bring them. */
export const broughtExport = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`${name}.journey.json`, EXPORTS), 'utf8')) as Json;

/** Who made a thing and when is the server's to say; what is left has to survive. */
const METADATA = new Set(['meta', 'createdBy', 'creationDate', 'lastModifiedBy', 'lastModifiedDate']);

/** An export as text, byte for byte but for the metadata. */
export const textOf = (exported: unknown): string =>
  JSON.stringify(exported, (name, value) => (METADATA.has(name) ? undefined : value), 2);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ASSENT } from './server-process.ts';

export interface GuideShell {
  /** Where the commands are typed. It has to be there, and gets `bin` and `node_modules`. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Programs beside those of the machine: name and what a shell runs under it. */
  readonly commands?: Readonly<Record<string, string>>;
  /** What a test has elsewhere than its readers: addresses, for the most part. */
  readonly rewrite?: (block: string) => string;
}

export interface Followed {
  readonly code: number | null;
  /** What each block printed, on both outputs. */
  readonly printed: readonly string[];
}

/** A guide of `docs/guides`, whose every block of shell is run as a reader would: in its order, and in one shell. */
export class Guide {
  readonly text: string;
  readonly blocks: readonly string[];

  /** `then` are blocks of another guide that is followed after it, in the same shell. */
  constructor(name: string, then: readonly string[] = []) {
    this.text = readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');
    const own = [...this.text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
    this.blocks = [...own, ...then];
  }

  /** What one block sets, the next has; the first command that fails ends it. */
  async follow({ directory, env, commands = {}, rewrite = (block) => block }: GuideShell): Promise<Followed> {
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    // In a clone, npx would find the command; here it is told where it is. Like npx, it stands between: a signal ends it, and nothing else.
    const programs = { npx: `shift 2\n"${process.execPath}" "${ASSENT}" "$@"\nexit $?`, ...commands };
    mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true });
    symlinkSync(ASSENT, join(directory, 'node_modules/.bin/assent'));
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const script = this.blocks.map(rewrite).join("printf '\\n@@ next block\\n'\n");
    const shell = spawn('sh', ['-e', '-c', script], {
      cwd: directory,
      env: { PATH: `${bin}:${process.env.PATH}`, HOME: directory, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    const [code] = await once(shell, 'close');
    return { code: code as number | null, printed: stripVTControlCharacters(output).split('\n@@ next block\n') };
  }
}

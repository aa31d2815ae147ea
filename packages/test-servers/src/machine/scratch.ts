import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Waits for its input to end, then ends every process that works in the folder and removes it. Its input is a pipe that nobody but the
 * owner of the folder holds: the system closes it whatever the owner died of, so a run that was killed leaves nothing behind. Signals to
 * the terminal do not end the keeper. A PostgreSQL that was killed leaves a segment of shared memory, which its pid file names.
 */
const KEEPER = `
trap '' HUP INT TERM
cat >/dev/null
while left=$(find /proc/[0-9]*/cwd -maxdepth 0 \\( -lname "$1" -o -lname "$1/*" \\) 2>/dev/null | cut -d/ -f3); [ -n "$left" ]; do
  kill -KILL $left 2>/dev/null
  sleep 0.02
done
for file in $(find "$1" -name postmaster.pid 2>/dev/null); do
  ipcrm -m $(sed -n '7s/.* //p' "$file") 2>/dev/null
done
rm -rf -- "$1"
`;

/**
 * A folder for servers, and for everything that they write. A server belongs to the folder in which it works, so all of them are ended
 * with it: by `close`, or when the process ends that made it, however it ends.
 */
export class Scratch {
  readonly folder: string;
  readonly #keeper: ChildProcess;
  #servers = 0;

  constructor() {
    // Working directories are told with all links resolved.
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), 'assent-servers-'));
    // Servers that are not root pass through it to their own folder.
    chmodSync(this.folder, 0o711);
    this.#keeper = spawn('sh', ['-c', KEEPER, 'keeper', this.folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#keeper.unref();
    (this.#keeper.stdin as unknown as { unref(): void }).unref();
  }

  /** A new folder in it, for one server. */
  folderFor(name: string): string {
    this.#servers += 1;
    const folder = join(this.folder, `${name}-${this.#servers}`);
    mkdirSync(folder);
    return folder;
  }

  /** Ends every server in it and removes all files. */
  async close(): Promise<void> {
    if (this.#keeper.exitCode !== null) return;
    this.#keeper.ref();
    const ended = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await ended;
  }
}

let own: Scratch | undefined;

/** The folder of this process, for servers that nobody else uses. It lasts as long as the process. */
export const scratchOfProcess = (): Scratch => {
  own ??= new Scratch();
  return own;
};

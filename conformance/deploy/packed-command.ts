import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACK = fileURLToPath(new URL('../../tools/pack.mjs', import.meta.url));

/** A program, and the words before those of `assent`. */
export type Command = readonly [program: string, ...before: string[]];

/**
 * The command of the package, and not of this clone: as `npm run check:package` and `check:image` have installed it, who name it in
 * `ASSENT_TEST_COMMAND`, or else out of what `npm run pack` puts into the package, laid out in that folder.
 */
export const packedCommand = async (folder: string): Promise<Command> => {
  const named = process.env.ASSENT_TEST_COMMAND;
  if (named !== undefined) return JSON.parse(named) as Command;
  const { stdout } = await run(process.execPath, [PACK, '--as-installed', folder]);
  return [process.execPath, stdout.trim()];
};

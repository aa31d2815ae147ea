import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACK = fileURLToPath(new URL('../../tools/commands/pack.mjs', import.meta.url));

/** A program, and the words before those of `assent`. */
export type Command = readonly [program: string, ...before: string[]];

/**
 * The command of the package, and not of this clone: the one that the tools `check-package` and `check-image` have installed and name in
 * `ASSENT_TEST_COMMAND`, or else one made of what `npm run pack` puts into the package, laid out in that folder.
 */
export const packedCommand = async (folder: string): Promise<Command> => {
  const named = process.env.ASSENT_TEST_COMMAND;
  if (named !== undefined) return JSON.parse(named) as Command;
  const { stdout } = await run(process.execPath, [PACK, '--as-installed', folder]);
  return [process.execPath, stdout.trim()];
};

import { buildSite } from './build-site.ts';
import { siteProblems } from './check/site-problems.ts';
import { Refused, readOptions, USAGE } from './options.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Builds the site and checks it; 0 where it is well, 1 where it cannot be built or something in it leads nowhere, 2 where the command is wrong. */
export const main = async (args: readonly string[]): Promise<number> => {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args, process.cwd());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  let pages: number;
  try {
    pages = await buildSite(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    say(error.message);
    return 1;
  }
  const problems = siteProblems(options.output, options.basePath);
  for (const problem of problems) say(problem);
  say(`${pages} pages in ${options.output}, ${problems.length} problems`);
  return problems.length > 0 ? 1 : 0;
};

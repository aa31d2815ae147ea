import { delimiter, dirname } from 'node:path';

/** What tells how this program was started. */
export interface HowStarted {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file that Node was asked to run, as it was named. */
  readonly script: string;
  /** Where this code lies. */
  readonly home: string;
}

const IN_PACKAGE = /[/\\]node_modules[/\\]assent[/\\]/;

/**
 * How whoever has started us starts us again (OPS-68): by the bare name where that is on the path, as after a global install and in a
 * container, else by npx, which in a clone must not look further than there.
 *
 * @internal for its test, which is started in one way alone.
 */
export const startedAs = ({ env, script, home }: HowStarted): string => {
  // npm and npx put a path of their own before that of the shell.
  const isByNpm = env.npm_command !== undefined;
  const isOnPath = (env.PATH ?? env.Path ?? '').split(delimiter).includes(dirname(script));
  if (!isByNpm && isOnPath) return 'assent';
  return IN_PACKAGE.test(home) ? 'npx assent' : 'npx --no-install assent';
};

/** Of the process that we are. */
export const ownCommand = (): string =>
  startedAs({ env: process.env, script: process.argv[1] ?? '', home: new URL(import.meta.url).pathname });

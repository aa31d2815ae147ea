import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Node 20 runs no TypeScript, so the child loads the module the way the tests are loaded. */
const LOADER = `
  import { createServer } from 'vite';
  const conditions = ['@assent/source', 'module', 'node', 'development|production'];
  const server = await createServer({
    configFile: false, logLevel: 'error', appType: 'custom', optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, watch: null, ws: false }, resolve: { conditions }, ssr: { resolve: { conditions } },
  });
  const module = await server.ssrLoadModule(process.argv[1]);
  await module.run(...process.argv.slice(2));
`;

/** A process of its own that may be killed: calls `run` of the module with the arguments. */
export interface Child {
  /** What it prints, line by line, until it ends. */
  readonly lines: AsyncIterable<string>;
  /** Ends it without a chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
}

export const runInChild = (module: URL, ...given: readonly string[]): Child => {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--input-type=module', '-e', LOADER, fileURLToPath(module), ...given],
    { cwd: fileURLToPath(new URL('../../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.stdout === null) throw new Error('the child has no output');
  return {
    lines: createInterface({ input: child.stdout }),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};

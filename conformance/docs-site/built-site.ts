import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../tools/commands/site.mjs', import.meta.url));

/** Where the site lies on its server. */
const BASE_PATH = '/docs/';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Runs `npm run site`, and resolves with how it ended and what it said. */
export const runSite = async (
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> => {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said: Buffer.concat(said).toString('utf8') };
};

/** All files of a folder, by what is in them. */
export const digestsOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(folder.length), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );

export interface BuiltSite {
  readonly folder: string;
  /** The address of the site on a server that knows nothing but files, with a slash at its end. */
  readonly url: string;
  /** What the command said. */
  readonly said: string;
  close(): Promise<void>;
}

/** Builds the site by its command, and serves it below a path by a server like any other. */
export const startBuiltSite = async (): Promise<BuiltSite> => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-docs-site-'));
  const { code, said } = await runSite('--output', folder, '--base-path', BASE_PATH);
  if (code !== 0) throw new Error(`The site was not built: ${said}`);

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const path = pathname.slice(BASE_PATH.length) || 'index.html';
    const read = (name: string): Buffer | undefined => {
      try {
        return readFileSync(join(folder, name));
      } catch {
        return undefined;
      }
    };
    const file = pathname.startsWith(BASE_PATH) && !path.includes('..') ? read(path) : undefined;
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': TYPES[file === undefined ? '.html' : extname(path)],
    });
    response.end(file ?? read('404.html'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    folder,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE_PATH}`,
    said,
    close: async () => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
};

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);
/** The published files of the widget, each of which a page may load by its name. */
const WIDGET = dirname(resolve('@forgerock/login-widget'));
const WIDGET_FILES: Readonly<Record<string, string>> = {
  '/login-widget/index.js': 'text/javascript',
  '/login-widget/widget.css': 'text/css',
};

/** An app on a port of its own, so that the server is another origin to it. */
export interface AppHost {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves a page at `/`, and beside it what the page loads of the widget, from the package as it was published, or the modules of another
 * package below `modules`. At `/callback` there is a page with nothing in it, for frames that are led back there.
 */
export const startAppHost = async (page: () => string, modules?: string): Promise<AppHost> => {
  const host = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end(page());
    if (path.startsWith('/callback')) {
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Callback</title>');
    }
    const isModule = modules !== undefined && /^(\/[\w-]+)+\.js$/.test(path);
    const type = isModule ? 'text/javascript' : WIDGET_FILES[path];
    if (type === undefined) return void response.writeHead(204).end();
    readFile(isModule ? join(modules, path) : join(WIDGET, path.slice('/login-widget/'.length)))
      .then((file) => response.writeHead(200, { 'content-type': type }).end(file))
      .catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, 'localhost');
  await once(host, 'listening');
  const address = host.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    origin: `http://localhost:${address.port}`,
    async close() {
      host.closeAllConnections();
      host.close();
      await once(host, 'close');
    },
  };
};

import { once } from 'node:events';
import { createServer } from 'node:http';
import { inPackages, startReady } from './ready-process.ts';

/** Every page of the provider, and an application that its forms lead on to. */
export interface OAuthPagesServer {
  /** Where the pages are, each by the name of its sample. */
  readonly pages: string;
  readonly samples: readonly string[];
  /** Of the application; by `127.0.0.1` it is another origin. */
  readonly app: string;
  /** What the application was sent by forms, oldest first. */
  readonly forms: readonly string[];
  close(): Promise<void>;
}

/** An application whose callback goes on to its home at another origin, as many do; it opens a popup at `/opener?{address}`. */
const startApp = async (forms: string[]) => {
  const app = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      request.setEncoding('utf8').on('data', (body: string) => void forms.push(body));
      request.on('end', () => response.end('taken'));
      return;
    }
    const port = request.socket.localPort;
    if (url.pathname === '/callback') {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/home${url.search}` }).end();
    } else if (url.pathname === '/opener') {
      const address = JSON.stringify(decodeURIComponent(url.search.slice(1)));
      response.setHeader('content-type', 'text/html');
      response.end(
        `<title>app</title><button onclick='window.open(${address}, "popup", "width=500,height=600")'>Open</button>`,
      );
    } else response.setHeader('content-type', 'text/html').end('<title>home</title>');
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  const address = app.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return { app, origin: `http://localhost:${address.port}` };
};

export const startOAuthPages = async (): Promise<OAuthPagesServer> => {
  const forms: string[] = [];
  const [server, { app, origin }] = await Promise.all([
    startReady(inPackages('server/dist/testing/serve-for-oauth-pages.js'), []),
    startApp(forms),
  ]);
  const { am, samples } = server.ready as { readonly am: string; readonly samples: readonly string[] };
  return {
    pages: `${am}/x/y`,
    samples,
    app: origin,
    forms,
    async close() {
      app.closeAllConnections();
      app.close();
      await Promise.all([once(app, 'close'), server.stop()]);
    },
  };
};

/* Serves the page and its settings: `node serve.mjs`, with ISSUER and CLIENT_ID for another server than the one of `npm start`. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { ISSUER = 'http://localhost:8080/am/oauth2/realms/root', CLIENT_ID = 'demo-app', PORT = '5173' } = process.env;
// The package names the file for Node alone; that for pages is beside it.
const forNode = pathToFileURL(createRequire(import.meta.url).resolve('oidc-client-ts'));
const library = new URL('../browser/oidc-client-ts.min.js', forNode);
const page = { type: 'text/html; charset=utf-8', file: new URL('index.html', import.meta.url) };
const script = (file) => ({ type: 'text/javascript; charset=utf-8', file });

const files = new Map([
  ['/', page],
  ['/callback', page],
  ['/app.js', script(new URL('app.js', import.meta.url))],
  ['/oidc-client-ts.js', script(library)],
]);

createServer(async (request, response) => {
  const [pathname] = request.url.split('?');
  if (pathname === '/settings.json') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ authority: ISSUER, clientId: CLIENT_ID }));
    return;
  }
  const found = files.get(pathname);
  if (found === undefined) {
    response.writeHead(404).end('Not Found');
    return;
  }
  response.setHeader('content-type', found.type);
  response.end(await readFile(found.file));
}).listen(Number(PORT), 'localhost', () => console.log(`Open http://localhost:${PORT}/ to sign in with ${ISSUER}.`));

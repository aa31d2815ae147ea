import { ensureReady } from './workspace.mjs';

/** `npm run imports`: puts what exports of others bring to a server of this build, and says what becomes of it. */
await ensureReady();
const { compose, createLog, loadSettings } = await import('@assent/server');
const { createPasswordHasher, openMemoryStore } = await import('@assent/store');
const { importsLines, walkShapes } = await import('./census/imports-report.mjs');

const PORT = 18_479;
const password = 'imports of others';
const { settings } = await loadSettings({
  flags: { port: PORT, databaseUrl: 'memory:' },
  env: { ASSENT_ADMIN_PASSWORD: password },
});
const assent = await compose({
  settings,
  store: await openMemoryStore(),
  hasher: createPasswordHasher({ cost: 'cheap-for-tests' }),
  environment: {},
  log: createLog({ level: 'fatal' }),
});
await assent.listen();
try {
  const headers = { 'content-type': 'application/json', 'accept-api-version': 'resource=2.0' };
  const json = `http://localhost:${PORT}/am/json/realms/root`;
  const credentials = { 'x-openam-username': 'amadmin', 'x-openam-password': password };
  const signedIn = await fetch(`${json}/authenticate`, {
    method: 'POST',
    headers: { ...headers, ...credentials },
    body: '{}',
  });
  const { tokenId } = await signedIn.json();
  const call = async (method, path, body) => {
    const answer = await fetch(`${json}/${path}`, {
      method,
      headers: { ...headers, iplanetdirectorypro: tokenId },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const walked = await walkShapes(call);
  console.log(importsLines(walked).join('\n'));
  if (walked.some(({ refused, lost }) => refused !== undefined || lost.length > 0)) process.exitCode = 1;
} finally {
  await assent.stop();
}

import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  CALLBACK,
  claimsOf,
  type OAuthApplication,
  oauthApplication,
  putClient,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Applications hear that a session is over, whoever ends it and whatever is down meanwhile (spec: oidc §5.3, §8.2, walk 18).

const PORT = 18_481;
const PASSWORD = 'correct horse 7';
const ISSUER = `http://localhost:${PORT}/am/oauth2/realms/root/realms/alpha`;
const MINUTE = 60_000;

const directory = mkdtempSync(join(tmpdir(), 'assent-logout-notices-'));
let receiver: Server;
let server: SteeredServer;
let app: OAuthApplication;
let admin: string | undefined;
let session: string;
/** What came to the receiver, by the application that it was for. */
let heard: { readonly to: string; readonly token: string }[] = [];
let status = 200;

const start = async (): Promise<void> => {
  server = await steeredServer({ port: PORT, dataDir: directory, insecure: true });
  app = oauthApplication(server);
};

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
      heard.push({ to: request.url?.slice(1) ?? '', token });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  const { port } = receiver.address() as AddressInfo;
  await start();
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  admin = await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  for (const id of ['app', 'other']) {
    await putClient(
      app.rest,
      admin,
      id,
      { clientType: 'Public', redirectionUris: [CALLBACK] },
      { backchannel_logout_uri: `http://127.0.0.1:${port}/${id}` },
    );
  }
  await putClient(app.rest, admin, 'quiet', { clientType: 'Public', redirectionUris: [CALLBACK] });
});
beforeEach(async () => {
  heard = [];
  status = 200;
  session = (await signIn(app.rest, '/alpha', 'ada', PASSWORD)) ?? '';
});
afterAll(async () => {
  await server?.assent.stop();
  receiver.closeAllConnections();
  receiver.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Signs in to an application by the session, and brings its ID token. */
const enter = async (client: string, over: Readonly<Record<string, string>> = {}): Promise<string> => {
  const code = await app.codeOf(session, { client_id: client, ...over });
  return String((await app.redeem(code, { client_id: client })).body.id_token);
};
const settled = () => server.assent.outbox.idle();
const later = async (millis: number) => {
  server.clock.advance(millis);
  await server.assent.outbox.wake();
  await settled();
};
const whoHeard = () => heard.map(({ to }) => to).sort();

type NamedKey = JsonWebKey & { readonly kid: string };
/** As an application does: by the published keys alone. */
const verified = async (token: string) => {
  const { body } = await app.ask('connect/jwk_uri');
  const [head = '', payload, signature = ''] = token.split('.');
  const { kid, typ } = JSON.parse(Buffer.from(head, 'base64url').toString());
  const key = (body.keys as readonly NamedKey[]).find((it) => it.kid === kid);
  if (key === undefined) throw new Error('The key is not published.');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  const isGood = verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  return { typ, isGood, claims: claimsOf(token) };
};

test('who signs out of one application is signed out of the other, which is told which session (§2.4)', async () => {
  const idToken = await enter('app');
  await enter('other');
  await enter('quiet');
  expect((await app.ask(`connect/endSession?id_token_hint=${idToken}`)).status).toBe(204);
  await settled();
  expect(whoHeard()).toEqual(['app', 'other']);
  const { sid, sub } = claimsOf(idToken);
  const { typ, isGood, claims } = await verified(heard.find(({ to }) => to === 'other')?.token ?? '');
  expect({ typ, isGood }).toEqual({ typ: 'logout+jwt', isGood: true });
  expect(claims).toMatchObject({ iss: ISSUER, aud: 'other', sid, sub });
  expect(claims).toHaveProperty('events', { 'http://schemas.openid.net/event/backchannel-logout': {} });
  expect(claims).not.toHaveProperty('nonce');
});

test('a logout token is no hint, and opens nothing (OIDC-17)', async () => {
  await enter('app');
  await app.rest('POST', '/alpha/sessions?_action=logout', { token: session });
  await settled();
  const token = heard[0]?.token ?? '';
  expect((await app.ask(`connect/endSession?id_token_hint=${token}`)).status).toBe(400);
  expect((await app.userinfo(token)).status).toBe(401);
});

test('an administrator who ends the session tells both, and what outlives it is told of once', async () => {
  await enter('app', { scope: 'openid offline_access' });
  await enter('other');
  const end = () =>
    app.rest('POST', '/alpha/sessions?_action=logoutByUser', { token: admin, body: { username: 'ada' } });
  await end();
  await settled();
  expect(whoHeard()).toEqual(['app', 'other']);
  await end();
  await later(60 * MINUTE);
  expect(heard).toHaveLength(2);
});

test('a receiver that is down hears of it when it is up again, and nobody waits for that', async () => {
  await enter('other');
  status = 503;
  expect((await app.rest('POST', '/alpha/sessions?_action=logout', { token: session })).status).toBe(200);
  await settled();
  await later(400);
  expect(heard).toHaveLength(1);
  status = 204;
  await later(MINUTE);
  expect(heard).toHaveLength(2);
  expect(claimsOf(heard[1]?.token ?? '').jti).not.toBe(claimsOf(heard[0]?.token ?? '').jti);
  await later(24 * 60 * MINUTE);
  expect(heard).toHaveLength(2);
});

test('what is not told before the server stops is told after it has started again', async () => {
  await enter('other');
  status = 503;
  await app.rest('POST', '/alpha/sessions?_action=logout', { token: session });
  await settled();
  const stoppedAt = server.clock.now();
  await server.assent.stop();
  status = 200;
  await start();
  // Its clock begins with that of the machine, which the tests before have left behind.
  server.clock.advance(stoppedAt - server.clock.now());
  await later(MINUTE);
  expect(whoHeard()).toEqual(['other', 'other']);
  admin = await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});

test('an application whose address was taken away is told nothing', async () => {
  await enter('other');
  status = 503;
  await app.rest('POST', '/alpha/sessions?_action=logout', { token: session });
  await settled();
  expect((await app.rest('DELETE', '/alpha/realm-config/agents/OAuth2Client/other', { token: admin })).status).toBe(
    200,
  );
  await later(MINUTE);
  expect(heard).toHaveLength(1);
});

test('the end of a user is the end of the sessions', async () => {
  const { sub } = claimsOf(await enter('app'));
  expect((await app.rest('DELETE', '/alpha/users/ada', { token: admin })).status).toBe(200);
  await settled();
  expect(whoHeard()).toEqual(['app']);
  // A user is called by the id here, which outlives the account.
  expect(claimsOf(heard[0]?.token ?? '').sub).toBe(sub);
});

/*
 * A web application that signs people in: `CLIENT_ID=notes CLIENT_SECRET=… node server.mjs`. What it knows of a browser stands under
 * a random id in a cookie; the tokens never leave the server.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import * as client from 'openid-client';

const {
  ISSUER = 'http://localhost:8080/am/oauth2/realms/root',
  CLIENT_ID = 'demo-app',
  CLIENT_SECRET,
  PORT = '3000',
} = process.env;
const origin = `http://localhost:${PORT}`;
const redirectUri = `${origin}/callback`;

// Plain http is for a server on this machine alone.
const options = new URL(ISSUER).hostname === 'localhost' ? { execute: [client.allowInsecureRequests] } : undefined;
const proof = CLIENT_SECRET === undefined ? client.None() : client.ClientSecretBasic(CLIENT_SECRET);
const server = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, proof, options).catch((error) => {
  console.error(`${ISSUER} does not answer (${error.message}). Does Assent run?`);
  process.exit(1);
});

/** What is known of each browser, oldest first; an application with more than one server keeps this in a store. */
const browsers = new Map();
const MAX_BROWSERS = 1_000;

const remember = (known, response) => {
  if (browsers.size >= MAX_BROWSERS) browsers.delete(browsers.keys().next().value);
  const id = randomBytes(16).toString('base64url');
  browsers.set(id, known);
  response.setHeader('set-cookie', `notes=${id}; HttpOnly; SameSite=Lax; Path=/`);
};

/** Takes out what is known of a browser: from one step to the next its id changes, so nobody can plant one. */
const recall = (request) => {
  const id = /(?:^|; )notes=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const known = browsers.get(id);
  browsers.delete(id);
  return known;
};

const asText = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const routes = {
  async '/'(request, response) {
    const known = recall(request);
    if (known?.user === undefined)
      return '<p role="status">Nobody is signed in.</p><p><a href="/sign-in">Sign in</a></p>';
    remember(known, response);
    const { user, amr } = known;
    return `<p role="status">Signed in as ${asText(user)}, by ${asText(amr.join(', '))}.</p><p><a href="/sign-out">Sign out</a></p>`;
  },
  async '/sign-in'(_request, response) {
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    remember({ verifier, state, nonce }, response);
    return client.buildAuthorizationUrl(server, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  },
  async '/callback'(request, response, url) {
    const { verifier, state, nonce } = recall(request) ?? {};
    // Without a state of ours this is the answer to somebody else's question.
    if (state === undefined) return new URL('/', origin);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(server, url, checks);
    const { sub, amr } = tokens.claims();
    const { preferred_username: user } = await client.fetchUserInfo(server, tokens.access_token, sub);
    remember({ user, amr, idToken: tokens.id_token }, response);
    return new URL('/', origin);
  },
  async '/sign-out'(request) {
    const { idToken } = recall(request) ?? {};
    if (idToken === undefined) return new URL('/', origin);
    return client.buildEndSessionUrl(server, { id_token_hint: idToken, post_logout_redirect_uri: `${origin}/` });
  },
};

createServer(async (request, response) => {
  const html = { 'content-type': 'text/html; charset=utf-8' };
  try {
    const url = new URL(request.url, origin);
    const answer = await routes[url.pathname]?.(request, response, url);
    if (answer instanceof URL) return response.writeHead(302, { location: answer.href }).end();
    response.writeHead(answer === undefined ? 404 : 200, html);
    return response.end(`<!doctype html><html lang="en"><title>Notes</title>${answer ?? 'Not Found'}`);
  } catch (error) {
    console.error(error);
    return response.writeHead(502, html).end('That did not work. <a href="/">Try again</a>.');
  }
}).listen(Number(PORT), 'localhost', () => console.log(`Open ${origin}/ to sign in with ${ISSUER}.`));

import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { beforeAll, describe, expect, test } from 'vitest';
import { APP, CALLBACK, landing, type ProviderWorld, plainFetch, SECRET } from './provider-world.ts';

// Two libraries that are certified as relying parties, as they are published (spec: oidc §8.1).

const REALM = '/alpha';
const SCOPE = 'openid profile email offline_access';

export const describeOpenIdClient = (world: () => ProviderWorld): void => {
  describe('openid-client', () => {
    let config: openid.Configuration;
    let session: string;

    beforeAll(async () => {
      config = await openid.discovery(
        new URL(world().issuer(REALM)),
        'web',
        undefined,
        openid.ClientSecretBasic(SECRET),
        { execute: [openid.allowInsecureRequests] },
      );
      session = await world().session(REALM);
    });

    interface Login {
      readonly landed: URL;
      readonly checks: openid.AuthorizationCodeGrantChecks;
    }

    /** Up to the address to which the browser of a signed-in user is led back. */
    const login = async (
      buildUrl = async (parameters: Record<string, string>) => openid.buildAuthorizationUrl(config, parameters),
    ): Promise<Login> => {
      const checks = {
        pkceCodeVerifier: openid.randomPKCECodeVerifier(),
        expectedState: openid.randomState(),
        expectedNonce: openid.randomNonce(),
        idTokenExpected: true,
      };
      const url = await buildUrl({
        redirect_uri: CALLBACK,
        scope: SCOPE,
        state: checks.expectedState,
        nonce: checks.expectedNonce,
        code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      return { landed: await landing(url, session), checks };
    };
    const signedIn = async () => {
      const { landed, checks } = await login();
      return openid.authorizationCodeGrant(config, landed, checks);
    };

    test.each<[string, (it: Login) => Login]>([
      ['another state', (it) => ({ ...it, checks: { ...it.checks, expectedState: 'another' } })],
      ['another nonce', (it) => ({ ...it, checks: { ...it.checks, expectedNonce: 'another' } })],
      ['another issuer', ({ landed, checks }) => ({ landed: changed(landed, 'iss', 'https://evil.example'), checks })],
      ['no issuer (RFC 9207)', ({ landed, checks }) => ({ landed: changed(landed, 'iss'), checks })],
      [
        'another verifier',
        (it) => ({ ...it, checks: { ...it.checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() } }),
      ],
      ['another code', ({ landed, checks }) => ({ landed: changed(landed, 'code', 'forged'), checks })],
    ])('takes nothing with %s', async (_, change) => {
      const { landed, checks } = change(await login());
      await expect(openid.authorizationCodeGrant(config, landed, checks)).rejects.toThrow();
    });

    test('is refused a code that it has used', async () => {
      const { landed, checks } = await login();
      await openid.authorizationCodeGrant(config, landed, checks);
      await expect(openid.authorizationCodeGrant(config, landed, checks)).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    });

    test('is told who signed in, and how', async () => {
      const tokens = await signedIn();
      const claims = tokens.claims();
      expect(claims).toMatchObject({ iss: world().issuer(REALM), aud: 'web', amr: ['pwd'] });
      const info = await openid.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
      expect(info).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com', preferred_username: world().user });
    });

    test('pushes its request and signs in by what it was given for it (RFC 9126)', async () => {
      const { landed, checks } = await login((parameters) => openid.buildAuthorizationUrlWithPAR(config, parameters));
      const tokens = await openid.authorizationCodeGrant(config, landed, checks);
      expect(tokens.scope).toBe(SCOPE);
    });

    test('refreshes, asks what a token is worth, and takes it back', async () => {
      const first = await signedIn();
      const next = await openid.refreshTokenGrant(config, first.refresh_token ?? '');
      expect(next.claims()?.sub).toBe(first.claims()?.sub);
      const known = await openid.tokenIntrospection(config, next.access_token);
      expect(known).toMatchObject({ active: true, client_id: 'web', username: world().user, scope: SCOPE });
      await openid.tokenRevocation(config, next.access_token);
      expect(await openid.tokenIntrospection(config, next.access_token)).toEqual({ active: false });
      await openid.tokenRevocation(config, next.refresh_token ?? '');
      await expect(openid.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    });

    test('gets a token in its own name, and none with another secret', async () => {
      const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'notes:read' });
      expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: 'notes:read' });
      const stranger = new openid.Configuration(
        config.serverMetadata(),
        'web',
        undefined,
        openid.ClientSecretPost('x'),
      );
      openid.allowInsecureRequests(stranger);
      await expect(openid.clientCredentialsGrant(stranger)).rejects.toMatchObject({ error: 'invalid_client' });
    });

    test('binds its tokens to a key (RFC 9449)', async () => {
      const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
      const { landed, checks } = await login();
      const tokens = await openid.authorizationCodeGrant(config, landed, checks, undefined, { DPoP });
      expect(tokens.token_type).toBe('dpop');
      const subject = tokens.claims()?.sub ?? '';
      expect(await openid.fetchUserInfo(config, tokens.access_token, subject, { DPoP })).toMatchObject({
        sub: subject,
      });
      await expect(openid.fetchUserInfo(config, tokens.access_token, subject)).rejects.toThrow();
      const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
      expect(next.token_type).toBe('dpop');
    });

    test('signs its user out, and the browser is led back', async () => {
      const own = await world().session(REALM);
      session = own;
      const tokens = await signedIn();
      const url = openid.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: `${APP}/`,
        state: 'gone',
      });
      expect((await landing(url, own)).href).toBe(`${APP}/?state=gone`);
      expect(await world().isAlive(own, REALM)).toBe(false);
      session = await world().session(REALM);
    });
  });
};

/** The address with another value of a parameter, or without it. */
const changed = (url: URL, name: string, value?: string): URL => {
  const result = new URL(url);
  if (value === undefined) result.searchParams.delete(name);
  else result.searchParams.set(name, value);
  return result;
};

/** Says yes for the device, as the form on the page of the provider does. */
const approveDevice = async (address: string, session: string): Promise<void> => {
  const headers = { cookie: `iPlanetDirectoryPro=${session}`, accept: 'text/html' };
  const page = await (await plainFetch(address, { headers })).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const body = new URLSearchParams(Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])));
  body.set('decision', 'allow');
  const { origin, pathname } = new URL(address);
  const answer = await plainFetch(`${origin}${pathname}`, { method: 'POST', headers: { ...headers, origin }, body });
  expect(answer.status).toBe(200);
};

export const describeOAuth4WebApi = (world: () => ProviderWorld): void => {
  describe('oauth4webapi', () => {
    const insecure = { [oauth.allowInsecureRequests]: true } as const;
    const client: oauth.Client = { client_id: 'spa' };
    let server: oauth.AuthorizationServer;

    test.each(['oidc', 'oauth2'] as const)('discovers the provider by %s', async (algorithm) => {
      const issuer = new URL(world().issuer(REALM));
      const answer = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
      server = await oauth.processDiscoveryResponse(issuer, answer);
      expect(server.issuer).toBe(issuer.href);
    });

    test('of a page without a secret signs in by a code with PKCE, and checks the signature by our keys', async () => {
      const verifier = oauth.generateRandomCodeVerifier();
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const url = new URL(server.authorization_endpoint ?? '');
      url.search = new URLSearchParams({
        client_id: client.client_id,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      const landed = await landing(url, await world().session(REALM));
      expect(() => oauth.validateAuthResponse(server, client, landed, 'another')).toThrow();
      const answered = oauth.validateAuthResponse(server, client, landed, state);
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        answered,
        CALLBACK,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce });
      await oauth.validateApplicationLevelSignature(server, answer, insecure);
      expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ aud: 'spa', amr: ['pwd'] });
    });

    test('of a device waits until its user has said yes (RFC 8628)', async () => {
      const asked = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), { scope: 'openid' }, insecure);
      const device = await oauth.processDeviceAuthorizationResponse(server, client, asked);
      const poll = async () => {
        await world().pass((device.interval ?? 5) * 1_000);
        const answer = await oauth.deviceCodeGrantRequest(server, client, oauth.None(), device.device_code, insecure);
        return oauth.processDeviceCodeResponse(server, client, answer);
      };
      await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' });
      await approveDevice(device.verification_uri_complete ?? '', await world().session(REALM));
      const tokens = await poll();
      expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ aud: 'spa' });
      await expect(poll()).rejects.toMatchObject({ error: expect.stringMatching(/^(invalid_grant|expired_token)$/) });
    });
  });
};

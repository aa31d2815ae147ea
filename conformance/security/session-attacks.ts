import { describe, expect, test } from 'vitest';
import { rawRequest } from '../support/raw-request.ts';
import { send } from '../support/rest-client.ts';
import { type AttackedServer, refusal, testThatLogHoldsNoSecret } from './attacked-server.ts';

/** Attacks on a session, and on what it opens; each test names its cases in spec/security-reliability §3. */
export const describeSessionAttacks = (attacked: () => AttackedServer): void => {
  describe('devices', () => {
    const devices = (user: string, rest = '', method = 'GET', token = attacked().withPhone, body?: unknown) =>
      send(
        `${attacked().server.am}/json/realms/root/users/${user}/devices/2fa/push${rest}`,
        body,
        { iplanetdirectorypro: token },
        method,
      );
    const ownId = async (): Promise<string> => {
      const { body } = await devices('ada', '?_queryFilter=true');
      return String((body.result as readonly { readonly _id: string }[])[0]?._id);
    };

    test('are shown to nobody without a session', async () => {
      const answer = await devices('ada', '?_queryFilter=true', 'GET', 'no-such-token');
      expect([answer.status, answer.body]).toEqual([401, refusal(401, 'Unauthorized', 'Access Denied')]);
    });

    test.each(['bob', 'nobody-here', 'ada%00', 'amadmin'])('of %s are not for ada (A125)', async (user) => {
      const id = await ownId();
      for (const [rest, method] of [
        ['?_queryFilter=true', 'GET'],
        [`/${id}`, 'DELETE'],
        ['/00000000-0000-0000-0000-000000000000', 'DELETE'],
        [`/${id}`, 'PUT'],
        ['?_action=reset', 'POST'],
      ] as const) {
        const answer = await devices(user, rest, method, attacked().withPhone, {});
        expect([403, 404]).toContain(answer.status);
        if (!user.includes('%')) {
          expect([answer.status, answer.body]).toEqual([403, refusal(403, 'Forbidden', 'User is not authorized')]);
        }
      }
      expect((await devices('ada', '?_queryFilter=true')).body.resultCount).toBe(1);
    });

    test.each(['/ada/../bob', '/ada%2f..%2fbob', '/ada/./../bob', '/ada;x=1'])(
      'are not reached by %s (A125)',
      async (path) => {
        const answer = await rawRequest(
          attacked().server.origin,
          `/am/json/realms/root/users${path}/devices/2fa/push?_queryFilter=true`,
          {
            method: 'GET',
            headers: { iplanetdirectorypro: attacked().withPhone },
          },
        );
        expect(answer.status).toBe(404);
      },
    );

    test.each([
      '?_queryFilter=true',
      '?_queryFilter=true&_fields=sharedSecret,recoveryCodes,communicationId',
      '?_queryFilter=sharedSecret%20sw%20%22a%22',
      '?_queryFilter=true&_pageSize=1000000000&_sortKeys=__proto__',
      `?_queryFilter=${'('.repeat(3000)}`,
    ])('show no secret, whatever is asked: %.60s (A126, A129, SEC-23, SEC-52)', async (query) => {
      const { text, status } = await devices('ada', query);
      expect([200, 400, 414, 431]).toContain(status);
      expect(text).not.toMatch(/secret|recoveryCodes|token-|challenge|communicationId|x_key/i);
    });

    test('are not changed by a password alone (A127, SEC-51)', async () => {
      const id = await ownId();
      for (const [rest, method] of [
        [`/${id}`, 'DELETE'],
        [`/${id}`, 'PUT'],
        ['?_action=reset', 'POST'],
      ] as const) {
        const answer = await devices('ada', rest, method, attacked().passwordOnly, { deviceName: 'mine' });
        expect([answer.status, answer.body.reason]).toEqual([403, 'Forbidden']);
        expect(answer.body.message).toMatch(/phone or a recovery code/);
      }
      const skip = await devices('ada', '?_action=skip', 'POST', attacked().passwordOnly, { value: true });
      expect(skip.status).toBe(403);
      expect(await ownId()).toBe(id);
    });

    test('change their name, and nothing else (A128)', async () => {
      const id = await ownId();
      const answer = await devices('ada', `/${id}`, 'PUT', attacked().withPhone, {
        deviceName: 'Pocket <b>',
        uuid: '00000000-0000-0000-0000-000000000000',
        sharedSecret: 'x',
        status: 'off',
      });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ _id: id, uuid: id, deviceName: 'Pocket <b>' });
      expect(answer.body).not.toHaveProperty('status');
    });

    test('are not reset by a form of another site (A130)', async () => {
      const reset = (headers: Readonly<Record<string, string>>) =>
        rawRequest(attacked().server.origin, '/am/json/realms/root/users/ada/devices/2fa/push?_action=reset', {
          headers: { cookie: `iPlanetDirectoryPro=${attacked().withPhone}`, ...headers },
          body: '{}',
        });
      expect((await reset({ 'content-type': 'text/plain' })).status).toBe(415);
      expect((await reset({ 'content-type': 'application/json' })).status).toBe(403);
      const marked = { 'content-type': 'application/json', 'x-requested-with': 'x' };
      expect((await reset({ ...marked, origin: 'https://evil.example' })).status).toBe(403);
      expect((await reset({ ...marked, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await devices('ada', '?_queryFilter=true')).body.resultCount).toBe(1);
    });
  });

  describe('sessions', () => {
    const sessions = (query: string, headers: Readonly<Record<string, string>> = {}, body: unknown = {}) =>
      send(`${attacked().server.am}/json/realms/root/sessions${query}`, body, headers);

    test.each([
      ['cut', (token: string) => token.slice(0, -1)],
      ['changed', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
      ['lengthened', (token: string) => `${token}A`],
      ['of wild characters', () => '*'],
    ])('a token that was %s is none (A149, SEC-30)', async (_, change) => {
      const tokenId = change(attacked().passwordOnly);
      expect((await sessions('?_action=validate', {}, { tokenId })).body).toEqual({ valid: false });
      const info = await sessions('?_action=getSessionInfo', {}, { tokenId });
      expect([info.status, info.body]).toEqual([401, refusal(401, 'Unauthorized', 'Access Denied')]);
    });

    test('a token of the root realm tells nothing in another realm (A149)', async () => {
      const answer = await send(`${attacked().server.am}/json/realms/root/realms/alpha/sessions?_action=validate`, {
        tokenId: attacked().passwordOnly,
      });
      expect(answer.body).toEqual({ valid: false });
    });

    test('a token that was signed out is none (A149, SEC-62)', async () => {
      const tokenId = attacked().expectSession(await attacked().login('bob'));
      const out = await sessions('?_action=logout', {}, { tokenId });
      expect(out.body).toEqual({ result: 'Successfully logged out' });
      expect(out.headers.get('set-cookie')).toMatch(/^iPlanetDirectoryPro=; Max-Age=0;/);
      expect((await sessions('?_action=validate', {}, { tokenId })).body).toEqual({ valid: false });
      expect((await sessions('?_action=logout', {}, { tokenId })).body).toEqual({ result: 'Token has expired' });
    });

    test('a token is read from body, header and cookie, and from nowhere else (A148)', async () => {
      const missing = refusal(400, 'Bad Request', 'iPlanetDirectoryCookie not set on request');
      expect((await sessions('?_action=validate', { iplanetdirectorypro: attacked().passwordOnly })).body.valid).toBe(
        true,
      );
      expect(
        (await sessions('?_action=validate', { cookie: `iPlanetDirectoryPro=${attacked().passwordOnly}` })).body.valid,
      ).toBe(true);
      for (const headers of [
        {},
        { cookie: `other=${attacked().passwordOnly}` },
        { cookie: `iPlanetDirectoryPro=${attacked().passwordOnly}; iPlanetDirectoryPro=${attacked().withPhone}` },
        { referer: `http://localhost/?tokenId=${attacked().passwordOnly}` },
      ]) {
        const answer = await sessions(`?_action=validate&tokenId=${attacked().passwordOnly}`, headers);
        expect([answer.status, answer.body]).toEqual([400, missing]);
      }
    });
  });

  describe('other sites', () => {
    const forged = (headers: Readonly<Record<string, string>>) =>
      rawRequest(attacked().server.origin, '/am/json/realms/root/sessions?_action=logout', {
        headers: { cookie: `iPlanetDirectoryPro=${attacked().passwordOnly}`, ...headers },
        body: '{}',
      });

    test('cannot send a form with the cookie (A146)', async () => {
      expect((await forged({ 'content-type': 'text/plain' })).status).toBe(415);
      expect((await forged({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
      expect((await forged({ 'content-type': 'application/json' })).status).toBe(403);
      expect((await attacked().client.session('validate', attacked().passwordOnly)).body.valid).toBe(true);
    });

    test.each([
      'null',
      'https://evil.example',
      'https://good.example.evil.example',
      'https://xgood.example',
      'http://good.example',
      'https://good.example:444',
      'https://GOOD.example',
      'https://goodxexample',
    ])('%s is not the listed origin (A145)', async (origin) => {
      const marked = { 'content-type': 'application/json', 'x-requested-with': 'x', origin };
      const { status, headers } = await forged(marked);
      expect([status, headers['access-control-allow-origin'], headers.vary]).toEqual([403, undefined, 'Origin']);
      expect((await attacked().client.session('validate', attacked().passwordOnly)).body.valid).toBe(true);
    });

    test('the listed origin is named back, with credentials (A145)', async () => {
      const answer = await send(attacked().client.authenticateUrl('Login'), {}, { origin: 'https://good.example' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://good.example');
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
      expect(answer.headers.get('vary')).toBe('Origin');
    });

    test('a realm of its own does not share the list of the root realm', async () => {
      const answer = await send(
        `${attacked().server.am}/json/realms/root/realms/alpha/authenticate`,
        {},
        { origin: 'https://good.example' },
      );
      expect(answer.status).toBe(403);
    });
  });

  testThatLogHoldsNoSecret(attacked);
};

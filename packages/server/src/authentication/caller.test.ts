import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { JourneyRequest } from '@assent/engine';
import { heldKeys, seededRandom, simulatedClock } from '@assent/engine/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, ServedRequest } from '../http/call.ts';
import { Cookies } from '../http/cookies.ts';
import { journeyRequest } from './caller.ts';
import { KnownBrowsers } from './known-browsers.ts';

/** What must be found nowhere. */
const SECRET = 'AQIC5-the-secret';

let received: ((request: IncomingMessage) => void) | undefined;
const server = createServer((request, response) => {
  received?.(request);
  response.end();
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A request as Node's server reads it off the wire, header by header. */
const requestWith = async (lines: readonly string[]): Promise<ServedRequest> => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end(['POST / HTTP/1.1', 'host: localhost', 'connection: close', ...lines, '', ''].join('\r\n'));
    });
    socket.on('error', reject);
    received = (request) => {
      resolve(request as ServedRequest);
      socket.destroy();
    };
  });
};

const cookies = new Cookies({ publicUrl: 'https://login.example.org/am' });
const browsers = new KnownBrowsers(heldKeys(new Uint8Array(32)), {
  cookies,
  clock: simulatedClock(),
  random: seededRandom(),
});

const shown = async (
  lines: readonly string[],
  { isFromTrustedProxy = false, query = {} }: Partial<Pick<Call, 'isFromTrustedProxy' | 'query'>> = {},
): Promise<JourneyRequest> => {
  const request = await requestWith(lines);
  const call = { request, query, clientAddress: '', transactionId: '', isFromTrustedProxy };
  return journeyRequest(call as Call, undefined, browsers);
};

/** All that a journey can get out of a request, the headers of a sign-in apart. */
const everything = (request: JourneyRequest, names: readonly string[]): string =>
  JSON.stringify([
    request.headers,
    request.parameters,
    request.cookies,
    names.map((name) => [request.header(name), request.headerCount(name)]),
  ]);

const CREDENTIALS = [
  'Cookie',
  'Authorization',
  'Proxy-Authorization',
  'iPlanetDirectoryPro',
  '__Host-iPlanetDirectoryPro',
  'jb',
  '__Host-jb',
  'X-OpenAM-Username',
  'X-OpenAM-Password',
  'X-OpenAM-Anything',
  'X-Assent-AuthId',
  'CurrentPassword',
  'kb',
  '__Host-kb',
  'X-Forwarded-Access-Token',
  'Set-Cookie',
];
const OF_PROXIES = [
  'X-Forwarded-User',
  'X-Forwarded-For',
  'Remote-User',
  'X-SSL-Client-Cert',
  'X-Real-IP',
  'Forwarded',
];

const inAnyCase = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((isUpper) => [...name].map((it, at) => (isUpper[at] ? it.toUpperCase() : it.toLowerCase())).join(''));

describe('what a journey is shown of a request (A2, SEC-72)', () => {
  test.each(CREDENTIALS)('has nothing of %s, however it is written, from whomever it comes', async (name) => {
    await fc.assert(
      fc.asyncProperty(inAnyCase(name), inAnyCase(name), fc.boolean(), async (sent, asked, isFromTrustedProxy) => {
        const request = await shown([`${sent}: ${SECRET}`], { isFromTrustedProxy });
        expect(everything(request, [asked, sent, name.toLowerCase()])).not.toContain(SECRET);
        expect(request.headerCount(asked)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });

  test.each(OF_PROXIES)('has %s from a proxy that is trusted alone', async (name) => {
    const forged = await shown([`${name}: ${SECRET}`]);
    expect(everything(forged, [name])).not.toContain(SECRET);
    const told = await shown([`${name}: ${SECRET}`], { isFromTrustedProxy: true });
    expect(told.header(name)).toBe(SECRET);
    expect(told.headers?.[name.toLowerCase()]).toEqual([SECRET]);
  });

  test('has the cookies of others, and none of the server’s own', async () => {
    const session = [
      'iPlanetDirectoryPro',
      'IPLANETDIRECTORYPRO',
      '__Host-iPlanetDirectoryPro',
      '__host-iplanetdirectorypro',
    ];
    const own = [...session, 'jb', '__Host-jb', '__host-JB', 'kb', '__Host-kb'];
    const { cookies } = await shown([`Cookie: mine=1; ${own.map((name) => `${name}=${SECRET}`).join('; ')}`]);
    expect(cookies).toEqual({ mine: '1' });
  });

  test('has no parameter that carries a token, and all others', async () => {
    const names = ['tokenId', 'sessionUpgradeSSOTokenId', 'suspendedId', 'iPlanetDirectoryPro', 'authId'];
    const query = { goto: '/here', ...Object.fromEntries(names.map((name) => [name, SECRET])) };
    expect((await shown([], { query })).parameters).toEqual({ goto: ['/here'] });
  });

  test.each([
    [`https://app.example.org/x?a=1&tokenId=${SECRET}&b=2`, 'https://app.example.org/x?a=1&b=2'],
    [`https://app.example.org/x#access_token=${SECRET}`, 'https://app.example.org/x'],
    [`https://demo:${SECRET}@app.example.org/x`, 'https://app.example.org/x'],
    [`nonsense?suspendedId=${SECRET}`, 'nonsense'],
    ['https://app.example.org', 'https://app.example.org'],
    ['https://app.example.org/X?b=%7E&a=', 'https://app.example.org/X?b=%7E&a='],
  ])('has the page %s that it comes from without its tokens', async (referer, told) => {
    const request = await shown([`Referer: ${referer}`]);
    expect(request.header('Referer')).toBe(told);
    expect(request.headers?.referer).toEqual([told]);
  });

  test('has the headers of a sign-in apart, each value by itself', async () => {
    const request = await shown(['X-OpenAM-Username: demo', 'X-OpenAM-Password: a', 'X-OpenAM-Password: b']);
    expect(request.signInHeaders).toEqual({ 'x-openam-username': ['demo'], 'x-openam-password': ['a', 'b'] });
  });

  test('has what anybody may see', async () => {
    const request = await shown(['User-Agent: Firefox', 'X-Mine: a', 'X-Mine: b', 'Accept-Language: de']);
    expect(request.header('USER-AGENT')).toBe('Firefox');
    expect(request.headerCount('x-mine')).toBe(2);
    expect(request.locales).toContain('de');
  });
});

test('a page of ours says what its browser can do, and whoever is none says nothing', async () => {
  const page = await shown(['x-assent-page: 1, userVerifyingPlatformAuthenticator']);
  expect(page.pageCan?.('userVerifyingPlatformAuthenticator')).toBe(true);
  expect(page.pageCan?.('conditionalCreate')).toBe(false);
  for (const lines of [['x-assent-page: 1'], []]) {
    expect((await shown(lines)).pageCan?.('userVerifyingPlatformAuthenticator')).toBe(false);
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';
import { PAGE_LANGUAGES } from './page-languages.ts';
import { rootTexts } from './root-texts.ts';

const PORT = 18_491;

describe('GET / on the public listener', () => {
  let server: SteeredServer;
  beforeAll(async () => {
    server = await steeredServer({ port: PORT });
  });
  afterAll(() => server.assent.stop());

  const ask = (headers: Readonly<Record<string, string>>, { method = 'GET' as 'GET' | 'HEAD', url = '/' } = {}) =>
    inject(server.assent, { method, url, headers: { host: `localhost:${PORT}`, ...headers } });

  test.each(PAGE_LANGUAGES)('tells a person in %s what is here, with a link to each page', async (language) => {
    const { statusCode, headers, body } = await ask({ accept: 'text/html,*/*;q=0.8', 'accept-language': language });
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
    expect(body).toContain(`<a href="/am/login">${rootTexts[language].login}</a>`);
    expect(body).not.toMatch(/\{\w+\}|undefined/);
    for (const [, href = ''] of body.matchAll(/href="([^"]+)"/g)) {
      const answer = await ask({ accept: 'text/html' }, { url: href });
      expect([href, answer.statusCode]).toEqual([href, 200]);
    }
  });

  test('has the headers of our pages, and no script', async () => {
    const { headers, body } = await ask({ accept: 'text/html' });
    const nonce = /<style nonce="([^"]+)">/.exec(body)?.[1] ?? 'none';
    expect(headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers.vary).toContain('Accept-Language');
    expect(body).not.toContain('<script');
    expect((await ask({ accept: 'text/html' })).body).not.toContain(nonce);
  });

  test('answers HEAD as GET; that no body is sent is for the HTTP server of Node', async () => {
    const { statusCode, headers } = await ask({ accept: 'text/html' }, { method: 'HEAD' });
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await ask({ accept: 'application/json' }, { method: 'HEAD' })).statusCode).toBe(404);
  });

  test.each(['application/json', 'application/json, text/plain, */*', 'application/json;q=0.9, text/html;q=0.1'])(
    'answers %s with JSON as before',
    async (accept) => {
      const { statusCode, headers, body } = await ask({ accept });
      expect([statusCode, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
      expect(JSON.parse(body)).toMatchObject({ code: 404 });
    },
  );

  test('writes nothing of the request into the page', async () => {
    const { body } = await ask(
      { accept: 'text/html', 'accept-language': 'de"><b>' },
      { url: '/?locale=%22%3E%3Cb%3E&x=canary' },
    );
    expect(body).not.toMatch(/canary|<b>/);
  });
});

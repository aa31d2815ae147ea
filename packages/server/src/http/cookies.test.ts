import { describe, expect, test } from 'vitest';
import { Cookies } from './cookies.ts';

const onHttps = new Cookies({ publicUrl: 'https://login.example.com/am' });
const onHttp = new Cookies({ publicUrl: 'http://localhost:8080/am' });
const partsOf = (cookie: string): readonly string[] => cookie.split('; ').slice(1).sort();

describe('the cookie of a session', () => {
  test('is out of reach of scripts and of forms of other sites, and goes over TLS alone', () => {
    expect(onHttps.session('t')).toMatch(/^iPlanetDirectoryPro=t;/);
    expect(partsOf(onHttps.session('t'))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect(partsOf(onHttps.endSession())).toEqual(['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  test('on http has nothing that a browser would drop it for', () => {
    expect(partsOf(onHttp.session('t'))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
    expect(onHttp.bindingName).toBe('jb');
    expect(onHttps.bindingName).toBe('__Host-jb');
  });

  test('goes along with requests from other sites where the operator has said so, and there is TLS', () => {
    const settings = { sessionCookieSameSite: 'None' } as const;
    const open = new Cookies({ publicUrl: 'https://login.example.com/am', ...settings });
    expect(partsOf(open.session('t'))).toEqual(['HttpOnly', 'Path=/', 'SameSite=None', 'Secure']);
    expect(partsOf(open.endSession())).toEqual(['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=None', 'Secure']);
    expect(partsOf(open.binding('b'))).toContain('SameSite=Lax');
    expect(partsOf(new Cookies({ publicUrl: 'http://localhost/am', ...settings }).session('t'))).toContain(
      'SameSite=Lax',
    );
  });

  test('has a name that browsers take from this host alone where the operator has said so, and there is TLS', () => {
    const settings = { sessionCookiePrefix: '__Host-', sessionCookieSameSite: 'None' } as const;
    const strict = new Cookies({ publicUrl: 'https://login.example.com/am', ...settings });
    expect(strict.sessionName).toBe('__Host-iPlanetDirectoryPro');
    for (const cookie of [strict.session('t'), strict.endSession()]) {
      expect(cookie).toMatch(/^__Host-iPlanetDirectoryPro=/);
      expect(partsOf(cookie)).toEqual(expect.arrayContaining(['HttpOnly', 'Path=/', 'SameSite=None', 'Secure']));
      expect(cookie).not.toContain('Domain');
    }
    expect(new Cookies({ publicUrl: 'http://localhost/am', ...settings }).sessionName).toBe('iPlanetDirectoryPro');
    expect(strict.isReserved('iPlanetDirectoryPro') && strict.isReserved(strict.sessionName)).toBe(true);
  });

  test('goes along with calls from another site only if it was asked for there, and never without TLS', () => {
    const forOtherSites = { isForOtherSites: true };
    expect(partsOf(onHttps.session('t', forOtherSites))).toEqual(['HttpOnly', 'Path=/', 'SameSite=None', 'Secure']);
    expect(partsOf(onHttp.session('t', forOtherSites))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
  });
});

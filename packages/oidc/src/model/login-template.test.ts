// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of AM are written so.
import { describe, expect, test } from 'vitest';
import { fillLoginTemplate, type LoginTemplate, readLoginTemplate } from './login-template.ts';

const DOCUMENTED =
  'https://login.example.com/?goto=${goto}<#if acrValues??>&acr_values=${acrValues}</#if><#if realm??>&realm=${realm}</#if><#if module??>&module=${module}</#if><#if service??>&service=${service}</#if><#if locale??>&locale=${locale}</#if>';
const readable = (text: string) => readLoginTemplate(text) as LoginTemplate;

describe('a template of the address of a login page', () => {
  test('is filled as AM documents it, without the parts whose value is missing', () => {
    const template = readable(DOCUMENTED);
    expect(
      fillLoginTemplate(template, { goto: 'https://id.example/am/oauth2/authorize?a=1&b=2', realm: '/alpha' }),
    ).toBe(
      'https://login.example.com/?goto=https%3A%2F%2Fid.example%2Fam%2Foauth2%2Fauthorize%3Fa%3D1%26b%3D2&realm=%2Falpha',
    );
    expect(fillLoginTemplate(template, { goto: 'g', service: 'PushLogin', acrValues: 'push mfa', locale: 'de' })).toBe(
      'https://login.example.com/?goto=g&acr_values=push%20mfa&service=PushLogin&locale=de',
    );
  });

  test('encodes values once, also where the template asks for it', () => {
    expect(fillLoginTemplate(readable('https://x.example/?g=${goto?url}'), { goto: 'a b' })).toBe(
      'https://x.example/?g=a%20b',
    );
  });

  test('lets no value add a parameter, a fragment or another host', () => {
    const template = readable('https://login.example.com/${realm}?goto=${goto}');
    const filled = new URL(fillLoginTemplate(template, { realm: '/../\\@evil.example', goto: 'x&realm=/other#y' }));
    expect(filled.origin).toBe('https://login.example.com');
    expect([...filled.searchParams]).toEqual([['goto', 'x&realm=/other#y']]);
    expect(filled.hash).toBe('');
  });

  test.each(['.', '..'])('lets no value lead out of its place in a path: %s', (realm) => {
    const template = readable('https://login.example.com/login/${realm}${locale}/start');
    for (const values of [{ realm }, { realm, locale: realm }]) {
      expect(new URL(fillLoginTemplate(template, values)).pathname).toBe('/login//start');
    }
  });

  test.each([
    ['no address', 'login', 'does not begin with a scheme and a host'],
    ['a relative one', '/login?goto=${goto}', 'does not begin with a scheme and a host'],
    ['no web address', 'javascript://x/%0aalert(1)', 'does not begin with a scheme and a host'],
    ['a host that a request names', 'https://${realm}/?goto=${goto}', 'does not begin with a scheme and a host'],
    ['an end of a host that a request names', 'https://x.example${goto}', 'does not begin with a scheme and a host'],
    ['an address that a request names', '${goto}', 'does not begin with a scheme and a host'],
    ['a user in front of the host', 'https://x.example@evil.example/', 'does not begin with a scheme and a host'],
    ['a host that is none', 'https://[x/', 'does not begin with a scheme and a host'],
    ['a variable that AM does not have', 'https://x.example/?g=${gotoUrl}', 'has the variable gotoUrl'],
    ['a condition that is not closed', 'https://x.example/?<#if realm??>r', 'has an <#if> without its </#if>'],
    ['an end without a condition', 'https://x.example/?</#if>', 'has a </#if> without its <#if>'],
    ['conditions in one another', 'https://x.example/?<#if realm??><#if goto??></#if></#if>', 'inside another'],
    ['other FreeMarker', 'https://x.example/?<#list a as b></#list>', 'has <# where'],
    ['a call', 'https://x.example/?${"freemarker.template.utility.Execute"?new()("id")}', 'has ${ where'],
    ['a text that is too long', `https://x.example/?${'a'.repeat(2_000)}`, 'more than 2000 characters'],
  ])('is refused for %s', (_what, text, problem) => {
    expect(readLoginTemplate(text)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

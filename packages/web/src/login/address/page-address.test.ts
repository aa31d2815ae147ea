import { expect, test } from 'vitest';
import { realmName, realmPath } from '../../kit/browser/realm-path.ts';
import { landingOf } from './landing.ts';
import { readPageAddress, withoutFragment } from './page-address.ts';

test('a realm cannot leave its path', () => {
  expect(realmPath('/../../x')).toBe('realms/root/realms/x');
  expect(realmPath('/a b?c#d')).toBe('realms/root/realms/a%20b%3Fc%23d');
});

test.each([
  ['', '/', 'realms/root', 'Assent'],
  ['?realm=/', '/', 'realms/root', 'Assent'],
  ['?realm=alpha', '/alpha', 'realms/root/realms/alpha', 'alpha'],
  ['?realm=/alpha/', '/alpha', 'realms/root/realms/alpha', 'alpha'],
])('%j is realm %s', (query, realm, path, name) => {
  const address = readPageAddress(`https://x.example/am/login${query}`);
  expect(address).toMatchObject({ realm, context: 'https://x.example/am/' });
  expect(realmPath(realm)).toBe(path);
  expect(realmName(realm)).toBe(name);
});

test('without a journey in the address the realm chooses', () => {
  expect([...readPageAddress('https://x.example/am/login?authIndexType=service').start]).toEqual([]);
});

test('an index of another type is passed on', () => {
  const { start } = readPageAddress(
    'https://x.example/am/login?authIndexType=composite_advice&authIndexValue=%3CAdvices%2F%3E',
  );
  expect(Object.fromEntries(start)).toEqual({ authIndexType: 'composite_advice', authIndexValue: '<Advices/>' });
});

test.each([
  ['?login_hint=demo', 'demo'],
  ['?login_hint=a%20b%40x.example', 'a b@x.example'],
  ['?realm=/', ''],
  // A name of that length cannot be typed either.
  [`?login_hint=${'x'.repeat(257)}`, ''],
])('%.40j hints at %j', (query, hint) => {
  const { loginHint, start } = readPageAddress(`https://x.example/am/login${query}`);
  expect(loginHint).toBe(hint);
  // It is for the page, and no word of the journey.
  expect([...start]).toEqual([]);
});

const place = { href: 'https://x.example/am/login', context: 'https://x.example/am/' };

test.each(['javascript:alert(1)', 'data:text/html,x', 'blob:https://x.example/1', 'https://', undefined])(
  'a landing at %j is the account page',
  (url) => {
    expect(landingOf(url, place)).toBe('https://x.example/am/account');
  },
);

test('a landing is followed as the server gave it', () => {
  expect(landingOf('/am/console', place)).toBe('https://x.example/am/console');
  expect(landingOf('https://y.example/app?x=1', place)).toBe('https://y.example/app?x=1');
});

test.each([
  ['https://x.example/am/login?realm=/', 'https://x.example/am/', '/am/login'],
  ['https://x.example/am/XUI/?realm=/', 'https://x.example/am/', '/am/XUI/'],
  ['https://x.example/XUI/', 'https://x.example/', '/XUI/'],
])('the page at %s finds the API below %s', (href, context, path) => {
  expect(readPageAddress(href)).toMatchObject({ context, path });
});

const GOTO = 'https%3A%2F%2Fapp.example%2F%3Fa%3D1%26b%3D2';
test.each([
  ['#login', undefined],
  ['#login/', undefined],
  ['', undefined],
  ['#dashboard/&realm=/alpha', undefined],
  [`#login/&realm=/alpha&goto=${GOTO}`, `?realm=%2Falpha&goto=${GOTO}`],
  ['#login&service=PushLogin', '?service=PushLogin'],
  ['#login?service=PushLogin', '?service=PushLogin'],
  ['#login/alpha&service=PushLogin', '?service=PushLogin&realm=%2Falpha'],
])('what stands in %j is read as if it stood in the query', (fragment, query) => {
  const page = 'https://x.example/am/XUI/';
  expect(withoutFragment(`${page}${fragment}`)).toBe(query && `${page}${query}`);
});

test('the query goes before what stands behind it', () => {
  expect(withoutFragment('https://x.example/am/XUI/?realm=/beta#login/&realm=/alpha&locale=de')).toBe(
    'https://x.example/am/XUI/?realm=%2Fbeta&locale=de',
  );
});

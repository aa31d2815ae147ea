import { expect, test } from 'vitest';
import { COMMON_HEADERS, PAGE_HEADERS, PHONE_HEADERS, pageHeaders } from './security-headers.ts';

const formActionOf = (formTarget?: string): string | undefined =>
  /form-action ([^;]*)/.exec(pageHeaders('n', { formTarget })['content-security-policy'] ?? '')?.[1];

test.each([
  [undefined, "'self'"],
  ['https://planner.example', "'self' https:"],
  ['https://planner.example/callback?x=1;y', "'self' https:"],
  ['http://127.0.0.1:3000', "'self' http: https:"],
  ['http://[::1]:3000', "'self' http: https:"],
  ['com.example.app:', "'self' com.example.app:"],
  ['COM.example:/x', "'self' com.example:"],
  // Nothing that is no scheme gets into a header.
  ["x'; script-src *:", "'self'"],
  ['', "'self'"],
])('a form that leads to %s may go on by %s', (target, sources) => {
  expect(formActionOf(target)).toBe(sources);
});

test('a page leaves its opener, but where it may stand in a popup', () => {
  expect(pageHeaders('n')).toMatchObject({ 'cross-origin-opener-policy': 'same-origin' });
  expect(pageHeaders('n', { keepsOpener: true })).not.toHaveProperty('cross-origin-opener-policy');
});

test.each([
  ['a page that is rendered', pageHeaders('n')],
  ['a page that is served as it was built', PAGE_HEADERS],
  ['the phone', PHONE_HEADERS],
])('%s may ask for passkeys and make them, and no frame in it may', (_name, headers) => {
  expect(headers['permissions-policy']).toMatch(
    /, publickey-credentials-get=\(self\), publickey-credentials-create=\(self\)$/,
  );
});

test('pages keep what every answer forbids', () => {
  expect(PAGE_HEADERS['permissions-policy']?.startsWith(`${COMMON_HEADERS['permissions-policy']}, `)).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { pathOf, pointerOf, secretValuesOf, valueAt, withValueAt } from './secret-values.ts';

const pointersIn = (body: Parameters<typeof secretValuesOf>[0]) =>
  secretValuesOf(body, new Map()).map(({ pointer }) => pointer);

describe('what leaves a server only sealed (SEC-72, OPS-64)', () => {
  const shared = JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] });
  const seen = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', kid: 'k' }] });

  test.each([
    ['a shared key of a client', { inherited: false, value: shared }, 1],
    ['one that stands there by itself', shared, 1],
    ['a public key', { inherited: false, value: seen }, 0],
    ['no key', { inherited: false }, 0],
  ])('%s', (_, jwkSet, count) => {
    expect(pointersIn({ application: { a: { signEncOAuth2ClientConfig: { jwkSet } } } })).toHaveLength(count);
  });

  test('all of a service and of a node that nobody here knows', () => {
    const node = { _id: 'n', _type: { _id: 'Theirs' }, apiKey: 'k', url: 'u' };
    const body = { service: { theirs: { _type: {}, key: 'k' } }, nodes: { n: node } };
    expect(pointersIn(body)).toEqual(['/nodes/n/apiKey', '/nodes/n/url', '/service/theirs/key']);
  });

  test('no name of a value that stands elsewhere', () => {
    expect(pointersIn({ service: { email: { password: '&{esv.mail.password}' } } })).toEqual([]);
    expect(pointersIn({ service: { email: { password: 'p' } } })).toEqual(['/service/email/password']);
  });
});

describe('places in a file', () => {
  test('have any name, and lead to what is there alone', () => {
    const path = ['webhook', 'a/b~c', 'headers', '__proto__'];
    expect(pathOf(pointerOf(path))).toEqual(path);
    expect(valueAt({}, ['constructor', 'name'])).toBeUndefined();
    expect(withValueAt({ a: {} }, ['b', 'c'], 1)).toEqual({ a: {} });
    expect(withValueAt({ a: { b: 1, c: 2 } }, ['a', 'b'], undefined)).toEqual({ a: { c: 2 } });
    expect(valueAt(withValueAt({ a: {} }, ['a', '__proto__'], 1), ['a', '__proto__'])).toBe(1);
  });
});

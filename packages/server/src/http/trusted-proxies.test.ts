import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { TrustedProxies } from './trusted-proxies.ts';

const request = (forwarded: string) =>
  ({ socket: { remoteAddress: '10.0.0.1' }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

test('OPS-59: whose word is taken may change between two requests (SEC-63)', () => {
  let ranges: readonly string[] = [];
  const proxies = new TrustedProxies(() => ranges);
  expect(proxies.trusts('10.0.0.1', 0)).toBe(false);
  expect(proxies.clientOf(request('203.0.113.7'))).toBe('10.0.0.1');
  ranges = ['10.0.0.0/8'];
  expect(proxies.trusts('10.0.0.1', 0)).toBe(true);
  expect(proxies.clientOf(request('198.51.100.1, 203.0.113.7'))).toBe('203.0.113.7');
  ranges = ['192.0.2.0/24'];
  expect(proxies.clientOf(request('203.0.113.7'))).toBe('10.0.0.1');
});

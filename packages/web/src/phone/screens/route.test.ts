import { describe, expect, test } from 'vitest';
import { hashOf, readRoute } from './route.ts';

describe('the fragment of the address', () => {
  test.each([
    ['', { name: 'requests' }],
    ['#history', { name: 'history' }],
    ['#nonsense', { name: 'requests' }],
    ['#account/1', { name: 'account', id: '1' }],
    ['#add', { name: 'add', code: undefined }],
    ['#add=pushauth://push/Acme%20Inc:jane?m=1', { name: 'add', code: 'pushauth://push/Acme%20Inc:jane?m=1' }],
    ['#add=pushauth%3A%2F%2Fpush%2FAcme%2520Inc', { name: 'add', code: 'pushauth://push/Acme%20Inc' }],
    ['#add=%E0%A4%A', { name: 'add', code: '%E0%A4%A' }],
  ])('%s', (hash, route) => {
    expect(readRoute(hash)).toEqual(route);
  });

  test('leads back to where it came from', () => {
    for (const route of [{ name: 'settings' }, { name: 'account', id: '1' }] as const) {
      expect(readRoute(hashOf(route))).toEqual(route);
    }
  });
});

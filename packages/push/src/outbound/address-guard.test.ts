import type { LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NOT_PUBLIC_ADDRESSES } from '../testing/hostile-addresses.ts';
import { AddressRefused, addressGuard } from './address-guard.ts';

const PUBLIC = '93.184.215.14';
const USUAL = [389, 636];

/** Where a connection to that host and port would lead, or what is thrown; names lead to `address`. */
const whereTo = async (
  hostname: string,
  { port = 389, address = '10.0.0.7', privateHosts = [] as readonly string[], allowsLoopback = false } = {},
): Promise<string> => {
  const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
  try {
    const lookup = addressGuard({ resolve, privateHosts, allowsLoopback }).of('/alpha').lookupOf(hostname, port, USUAL);
    const found = (await promisify(lookup)(hostname, { all: true })) as unknown as readonly LookupAddress[];
    return found.map((it) => it.address).join(' ');
  } catch (error) {
    return error instanceof Error ? error.name : '';
  }
};

test.each(NOT_PUBLIC_ADDRESSES)(
  '%s is not called, neither by its number nor by a name that leads to it (SEC-69)',
  async (address) => {
    const hostname = address.includes(':') ? `[${address}]` : address;
    // A connection to a number looks nothing up: it is refused before.
    const guard = addressGuard({ allowsLoopback: false }).of('/alpha');
    for (const number of [hostname, address]) {
      expect(() => guard.lookupOf(number, 389, USUAL)).toThrow(AddressRefused);
    }
    expect(await whereTo('directory.example.com', { address })).toBe('AddressRefused');
  },
);

test.each([
  ['an address', '10.0.0.7'],
  ['a name', 'directory.internal'],
])('of %s that is not called it is said what would have to list it', async (_what, hostname) => {
  const resolve = async () => [{ address: '10.0.0.7', family: 4 }];
  const guard = addressGuard({ resolve, allowsLoopback: false }).of('/alpha');
  await expect(
    (async () => promisify(guard.lookupOf(hostname, 389, USUAL))(hostname, { all: true }))(),
  ).rejects.toThrow(/may (?:not )?be called: .*privateHosts/);
});

test('a name that leads to a public address is called there', async () => {
  expect(await whereTo('directory.example.com', { address: PUBLIC })).toBe(PUBLIC);
});

test.each([
  [['directory.internal'], 'directory.internal', 389, true],
  [['directory.internal'], 'Directory.INTERNAL', 636, true],
  [['directory.internal'], 'directory.internal', 22, false],
  [['directory.internal:3389'], 'directory.internal', 3389, true],
  [['directory.internal:636'], 'directory.internal', 636, true],
  [['directory.internal:636'], 'directory.internal', 389, false],
  [['*.internal'], 'directory.internal', 636, true],
  [['*.internal'], 'directory.internal', 22, false],
  [['*.internal'], 'directory.internal.example.com', 389, false],
  [['10.0.0.7'], '10.0.0.7', 389, true],
  [['10.0.0.7'], '10.0.0.8', 389, false],
  [['10.0.0.7'], 'directory.internal', 389, false],
  [['[fd00::1]:389'], '[fd00::1]', 389, true],
  [['[fd00::1]:389'], 'fd00::1', 389, true],
  [['[fd00::1]'], 'FD00:0:0::0001', 636, true],
  [['[fd00::1]'], 'fd00::1', 22, false],
  [['[fd00::1]'], 'fd00::2', 389, false],
  [['[fe80::1]'], 'fe80::1%eth0', 389, false],
])('of private hosts %j, %s with port %i may be called: %s', async (privateHosts, hostname, port, isCalled) => {
  expect((await whereTo(hostname, { privateHosts, port })) !== 'AddressRefused').toBe(isCalled);
});

test('where this machine is allowed, no other within the network is', async () => {
  const allowed = { allowsLoopback: true };
  expect(await whereTo('localhost', { ...allowed, address: '127.0.0.1', port: 40_001 })).toBe('127.0.0.1');
  expect(await whereTo('localhost', allowed)).toBe('AddressRefused');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type NameAnswer, startNameServer } from '../testing/name-server.ts';
import { hostResolver } from './host-resolver.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-names-'));
afterAll(() => rmSync(directory, { recursive: true }));
const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

let files = 0;
const written = (text: string): string => {
  files += 1;
  const path = join(directory, String(files));
  writeFileSync(path, text);
  return path;
};

const world = async ({
  names = {},
  hosts = '',
  rules = 'search .',
}: {
  names?: Record<string, NameAnswer>;
  hosts?: string;
  rules?: string;
}) => {
  const server = await startNameServer((name) => names[name] ?? 'NXDOMAIN');
  closings.push(server.close);
  const hostsPath = written(hosts);
  const resolve = hostResolver({ hostsPath, resolverPath: written(rules), servers: [server.address] });
  const addressesOf = async (name: string, signal = new AbortController().signal): Promise<string> => {
    try {
      return (await resolve(name, signal)).map(({ address, family }) => `${address}/${family}`).join(' ');
    } catch (error) {
      return `${(error as NodeJS.ErrnoException).code}`;
    }
  };
  return { server, hostsPath, addressesOf };
};

describe('a host name', () => {
  test('has its addresses of both families, IPv4 first', async () => {
    const { addressesOf } = await world({
      names: { 'both.example': ['2a00::1', '93.184.215.14'], 'six.example': ['2a00::6'] },
    });
    expect(await addressesOf('both.example')).toBe('93.184.215.14/4 2a00::1/6');
    expect(await addressesOf('Both.Example.')).toBe('93.184.215.14/4 2a00::1/6');
    expect(await addressesOf('six.example')).toBe('2a00::6/6');
  });

  test('has at most 32 addresses', async () => {
    const many = Array.from({ length: 60 }, (_, at) => `93.184.215.${at}`);
    const { addressesOf } = await world({ names: { 'many.example': many.slice(0, 29).concat(many.slice(0, 10)) } });
    expect((await addressesOf('many.example')).split(' ')).toHaveLength(32);
  });

  test.each([
    ['unknown.example', 'ENOTFOUND'],
    ['none.example', 'ENOTFOUND'],
    ['broken.example', 'ESERVFAIL'],
    ['two..dots', 'EBADNAME'],
    ['evil.example/.internal', 'ENOTFOUND'],
    ['evil.example?.internal', 'ENOTFOUND'],
    ['user@evil.example', 'ENOTFOUND'],
    ['', 'ENOTFOUND'],
  ])('%j fails with %s', async (name, code) => {
    const { addressesOf, server } = await world({
      names: { 'none.example': [], 'broken.example': 'SERVFAIL', 'evil.example': ['10.0.0.7'] },
    });
    expect(await addressesOf(name)).toBe(code);
    expect(server.asked).not.toContain('evil.example');
  });

  test.each([
    ['93.184.215.14', '93.184.215.14/4'],
    ['2a00::1', '2a00::1/6'],
    ['127.1', '127.0.0.1/4'],
    ['localhost', '127.0.0.1/4 ::1/6'],
    ['app.localhost', '127.0.0.1/4 ::1/6'],
  ])('%s is answered without a name server', async (name, expected) => {
    const { addressesOf, server } = await world({});
    expect(await addressesOf(name)).toBe(expected);
    expect(server.asked).toEqual([]);
  });

  test('is taken from the hosts file first, also after the file has changed', async () => {
    const hosts =
      '# comment\n10.0.0.7\tmail.internal Mail # ours\nfd00::7 mail.internal\n127.0.0.2 localhost\nbroken line\n';
    const { addressesOf, hostsPath, server } = await world({ hosts, names: { 'next.internal': ['10.0.0.9'] } });
    expect(await addressesOf('MAIL.internal')).toBe('10.0.0.7/4 fd00::7/6');
    expect(await addressesOf('mail')).toBe('10.0.0.7/4');
    expect(await addressesOf('localhost')).toBe('127.0.0.2/4');
    expect(server.asked).toEqual([]);
    expect(await addressesOf('next.internal')).toBe('10.0.0.9/4');
    writeFileSync(hostsPath, '10.0.0.8 next.internal # listed from now on');
    expect(await addressesOf('next.internal')).toBe('10.0.0.8/4');
    rmSync(hostsPath);
    expect(await addressesOf('next.internal')).toBe('10.0.0.9/4');
  });
});

describe('search domains of resolv.conf', () => {
  const KUBERNETES =
    'search prod.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';

  test.each([
    // A service of the same namespace, of another one, and with its full name.
    ['mail', ['mail.prod.svc.cluster.local']],
    ['mail.infra', ['mail.infra.prod.svc.cluster.local', 'mail.infra.svc.cluster.local']],
    [
      'mail.infra.svc',
      ['mail.infra.svc.prod.svc.cluster.local', 'mail.infra.svc.svc.cluster.local', 'mail.infra.svc.cluster.local'],
    ],
    ['mail.infra.svc.cluster.local.', ['mail.infra.svc.cluster.local']],
  ])('complete the name %s of a Kubernetes service as the C library does', async (name, asked) => {
    const { addressesOf, server } = await world({
      rules: KUBERNETES,
      names: { 'mail.prod.svc.cluster.local': ['10.1.0.1'], 'mail.infra.svc.cluster.local': ['10.1.0.2'] },
    });
    expect(await addressesOf(name)).toBe(name === 'mail' ? '10.1.0.1/4' : '10.1.0.2/4');
    expect(server.asked).toEqual(asked);
  });

  test('a public name is asked for as it is after the search domains, and before them with enough dots', async () => {
    const names = { 'mail.example.com': ['93.184.215.14'] };
    const { addressesOf, server } = await world({ rules: KUBERNETES, names });
    expect(await addressesOf('mail.example.com')).toBe('93.184.215.14/4');
    expect(server.asked.at(-1)).toBe('mail.example.com');
    expect(server.asked).toHaveLength(4);
    const usual = await world({ rules: 'search corp.example\n', names });
    expect(await usual.addressesOf('mail.example.com')).toBe('93.184.215.14/4');
    expect(usual.server.asked).toEqual(['mail.example.com']);
  });

  test('Docker Compose has none: the name of a service is asked for as it is', async () => {
    const { addressesOf, server } = await world({
      rules: 'nameserver 127.0.0.11\nsearch .\noptions edns0 trust-ad ndots:0\n',
      names: { db: ['172.18.0.2'] },
    });
    expect(await addressesOf('db')).toBe('172.18.0.2/4');
    expect(server.asked).toEqual(['db']);
  });

  test('the last search or domain counts, and a fault of one domain does not end the search', async () => {
    const { addressesOf, server } = await world({
      rules:
        'search first.example\n# search second.example\ndomain third.example\nsearch .Broken.example. good.example',
      names: { 'mail.broken.example': 'SERVFAIL', 'mail.good.example': ['10.0.0.7'] },
    });
    expect(await addressesOf('mail')).toBe('10.0.0.7/4');
    expect(await addressesOf('other')).toBe('ENOTFOUND');
    expect(server.asked.slice(0, 2)).toEqual(['mail.broken.example', 'mail.good.example']);
  });
});

describe('name servers that do not answer (SEC-93)', () => {
  test('end with the signal, and another name is found while 64 wait', async () => {
    const { addressesOf, server } = await world({ names: { 'good.example': ['93.184.215.14'] } });
    const silent = await startNameServer(() => 'silent');
    closings.push(silent.close);
    const resolve = hostResolver({ servers: [silent.address], resolverPath: written('search .') });
    const endings = Array.from({ length: 64 }, () => new AbortController());
    const settled: string[] = [];
    const waiting = endings.map(({ signal }, at) =>
      resolve(`host-${at}.silent.example`, signal).then(
        () => settled.push('found'),
        () => settled.push('ended'),
      ),
    );
    await silent.whenAsked(64);
    expect(await addressesOf('good.example')).toBe('93.184.215.14/4');
    expect(settled).toEqual([]);
    expect(server.asked).toEqual(['good.example']);
    for (const ending of endings) ending.abort();
    await Promise.all(waiting);
    expect(new Set(settled)).toEqual(new Set(['ended']));
  });

  test('no query is sent for a look-up that has ended, and none of the next search domain', async () => {
    const ending = new AbortController();
    const { addressesOf, server } = await world({
      rules: 'search silent.example next.example',
      names: { 'mail.silent.example': 'silent', 'mail.next.example': ['10.0.0.7'] },
    });
    const found = addressesOf('mail', ending.signal);
    await server.whenAsked(1);
    ending.abort();
    await found;
    await addressesOf('mail', ending.signal);
    expect(server.asked).toEqual(['mail.silent.example']);
  });
});

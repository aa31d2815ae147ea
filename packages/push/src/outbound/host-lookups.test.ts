import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { startNameServer } from '../testing/name-server.ts';
import { addressGuard } from './address-guard.ts';
import { HOST_LOOKUPS, isLookupRefused } from './host-lookups.ts';
import { hostResolver, type ResolveHost } from './host-resolver.ts';

const PUBLIC = '93.184.215.14';
const { concurrencyOfRealm, mostOfRealm, deadlineMillis, lookupMillis } = HOST_LOOKUPS;

let asked: string[];
let ended: string[];
let timers: { readonly millis: number; action: (() => void) | undefined }[];
let guard: ReturnType<typeof addressGuard>;

/** Names with "silent" have no answer until they are ended. */
const resolve: ResolveHost = (name, signal) => {
  asked.push(name);
  if (!name.includes('silent')) return Promise.resolve([{ address: PUBLIC, family: 4 }]);
  return new Promise((_, fail) => {
    signal.addEventListener('abort', () => {
      ended.push(name);
      fail(signal.reason);
    });
  });
};

const lookUp = (realm: string, name: string, port = 443): Promise<string> => {
  const found = promisify(guard.of(realm).lookupOf(name, port, [443]))(name, {}) as unknown as Promise<string>;
  return found.catch((error: NodeJS.ErrnoException) => `${error.code}: ${error.message}`);
};
const turn = () => new Promise((done) => setImmediate(done));
const lets = (millis: number) => {
  for (const timer of timers.filter((it) => it.millis === millis)) timer.action?.();
};
const names = (realm: string, count: number) =>
  Array.from({ length: count }, (_, at) => `silent-${at}.${realm.slice(1)}${at}.co.uk`);

beforeEach(() => {
  asked = [];
  ended = [];
  timers = [];
  guard = addressGuard({
    resolve,
    allowsLoopback: false,
    timer: (millis, action) => {
      const timer: (typeof timers)[number] = { millis, action };
      timers.push(timer);
      return () => {
        timer.action = undefined;
      };
    },
  });
});

describe('host names whose name servers do not answer (SEC-93)', () => {
  test('hold 4 places of their realm, and look-ups of other realms go on at once, also below the same public suffix', async () => {
    const silent = names('/evil', 50).map((name) => lookUp('/evil', name));
    await turn();
    expect(asked).toHaveLength(concurrencyOfRealm);
    expect(await lookUp('/beta', 'mail.victim.co.uk', 465)).toBe(PUBLIC);
    expect(await lookUp('', 'api.push.apple.com')).toBe(PUBLIC);
    expect(asked.slice(concurrencyOfRealm)).toEqual(['mail.victim.co.uk', 'api.push.apple.com']);
    expect(silent).toHaveLength(50);
  });

  test('end after 3 seconds with an error that names the host, and give their places to the next ones', async () => {
    const [first] = names('/evil', 10).map((name) => lookUp('/evil', name));
    await turn();
    lets(lookupMillis);
    expect(await first).toBe('ETIMEOUT: No name server answered for "silent-0.evil0.co.uk" within 3 seconds.');
    await turn();
    expect(ended).toHaveLength(concurrencyOfRealm);
    expect(asked).toHaveLength(2 * concurrencyOfRealm);
  });

  test('of one purpose are in turn with those of another: mail of the realm is next, and not after 60 others', async () => {
    void names('/evil', 60).map((name) => lookUp('/evil', name));
    const mail = lookUp('/evil', 'mail.good.example', 465);
    await turn();
    lets(lookupMillis);
    expect(await mail).toBe(PUBLIC);
    expect(asked.indexOf('mail.good.example')).toBeLessThan(2 * concurrencyOfRealm);
  });

  test('are refused beyond a bound of the realm, and after 4 seconds in the line, as such that say nothing of the host', async () => {
    const all = names('/evil', concurrencyOfRealm + mostOfRealm + 5).map((name) => lookUp('/evil', name));
    const refused = await Promise.all(all.slice(-5));
    expect(refused).toEqual(
      Array(5).fill('EAI_AGAIN: Too many host names of the realm are looked up. Try again later.'),
    );
    lets(deadlineMillis);
    expect(await all[concurrencyOfRealm]).toBe(refused[0]);
    expect(asked).toHaveLength(concurrencyOfRealm);
    expect(isLookupRefused(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }))).toBe(false);
  });

  test('32 realms with nothing else leave no other realm without a place for longer than one look-up', async () => {
    for (let realm = 0; realm < 40; realm += 1) {
      void names(`/evil-${realm}`, 20).map((name) => lookUp(`/evil-${realm}`, name));
    }
    const victim = lookUp('/beta', 'mail.victim.example');
    await turn();
    expect(asked).toHaveLength(HOST_LOOKUPS.concurrency);
    lets(lookupMillis);
    expect(await victim).toBe(PUBLIC);
  });

  test('are looked up once for all that ask at once in a realm, and by each realm for itself', async () => {
    for (const realm of ['/alpha', '/alpha', '/alpha', '/beta']) void lookUp(realm, 'silent.example');
    await turn();
    expect(asked).toEqual(['silent.example', 'silent.example']);
    lets(lookupMillis);
    await turn();
    void lookUp('/alpha', 'silent.example');
    await turn();
    expect(asked).toHaveLength(3);
  });

  test('neither silent nor slow name servers of a realm come before a look-up of another realm', async () => {
    let answerSlowOnes = (): void => undefined;
    const slow = new Promise<readonly string[]>((done) => {
      answerSlowOnes = () => done([PUBLIC]);
    });
    const server = await startNameServer((name) => {
      if (name.includes('silent')) return 'silent';
      return name.includes('slow') ? slow : [PUBLIC];
    });
    guard = addressGuard({
      resolve: hostResolver({ servers: [server.address], resolverPath: '/dev/null' }),
      allowsLoopback: false,
    });
    const order: string[] = [];
    const noted = (realm: string, name: string) => lookUp(realm, name).then((found) => order.push(`${name} ${found}`));
    const evil = ['/evil-1', '/evil-2'].flatMap((realm) =>
      [1, 2, 3].map((at) => noted(realm, `slow-${at}.example`)).concat(noted(realm, 'silent.example')),
    );
    await server.whenAsked(evil.length);
    await Promise.all(['/beta', '/gamma', ''].map((realm) => noted(realm, 'mail.good.example')));
    expect(order).toEqual(Array(3).fill(`mail.good.example ${PUBLIC}`));
    answerSlowOnes();
    await Promise.all(evil.filter((_, at) => at % 4 !== 3));
    expect(order.slice(3).sort()).toEqual([1, 1, 2, 2, 3, 3].map((at) => `slow-${at}.example ${PUBLIC}`));
    server.close();
  });
});

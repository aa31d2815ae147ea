import type { ClientDocument } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { type ClientConfiguration, RealmClients } from './realm-clients.ts';

const URL_OF_SERVER = 'https://login.example.com/am';
const alpha = newRealmSettings('/alpha', URL_OF_SERVER);

const client = (id: string, origins: readonly string[], status = 'Active'): ClientDocument => ({
  realm: '/alpha',
  id,
  document: {
    coreOAuth2ClientConfig: {
      status,
      get scopes(): never {
        throw new Error('A client is read whole for its origins.');
      },
    },
    advancedOAuth2ClientConfig: { javascriptOrigins: origins },
  },
});

const realmWith = (clients: readonly ClientDocument[]) => {
  let reads = 0;
  const configuration: ClientConfiguration = {
    realm: () => alpha,
    service: () => {
      throw new Error('The provider is read for origins.');
    },
    client: (_, id) => clients.find((it) => it.id === id),
    clients: () => {
      reads += 1;
      return clients;
    },
    trees: () => [],
  };
  return { ofRealm: new RealmClients(configuration, URL_OF_SERVER), reads: () => reads };
};

/** Rounds of the event loop until the promise settles. */
const turnsUntil = async (work: Promise<void>): Promise<number> => {
  let turns = 0;
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((next) => setImmediate(next));
    turns += 1;
  }
  await done;
  return turns;
};

test('the origins of a realm are read in turns of the event loop, without scopes, keys or the provider (SEC-93)', async () => {
  const clients = Array.from({ length: 2_000 }, (_, at) => client(`c${at}`, [`https://a${at}.example`]));
  const { ofRealm } = realmWith(clients);
  expect(await turnsUntil(ofRealm.readOrigins(alpha) ?? Promise.resolve())).toBeGreaterThanOrEqual(20);
  expect(ofRealm.readOrigins(alpha)).toBeUndefined();
  expect(ofRealm.isOrigin(alpha, 'https://a1999.example')).toBe(true);
  expect(ofRealm.isOrigin(alpha, 'https://other.example')).toBe(false);
});

test('requests that come meanwhile share one reading of the realm (SEC-93)', async () => {
  const { ofRealm, reads } = realmWith([
    client(
      'c',
      Array.from({ length: 400 }, (_, at) => `https://a${at}.example`),
    ),
  ]);
  const both = [ofRealm.readOrigins(alpha), ofRealm.readOrigins(alpha)];
  expect(both[0]).toBe(both[1]);
  await Promise.all(both);
  expect(ofRealm.isOrigin(alpha, 'https://a0.example')).toBe(true);
  expect(reads()).toBe(1);
});

test('an inactive client has no origins', () => {
  const { ofRealm } = realmWith([client('on', ['https://on.example']), client('off', ['https://off.example'], 'Off')]);
  expect(ofRealm.isOrigin(alpha, 'https://on.example')).toBe(true);
  expect(ofRealm.isOrigin(alpha, 'https://off.example')).toBe(false);
});

import { describe, expect, test } from 'vitest';
import { newApnsKey, newServiceAccount } from '../testing/providers/provider-keys.ts';
import { willingProvider } from '../testing/stored/push-world.ts';
import { realmTransports } from './realm-transports.ts';

const sns = {
  accessKey: 'AKIAEXAMPLE',
  secret: 'secret',
  appleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:us-east-1:123456789012:app/GCM/phone',
};
const relayAlone = { delegateFactory: 'relay' };
const fcm = { projectId: 'acme-login', serviceAccount: newServiceAccount().file };
const apns = { teamId: 'TEAM123456', keyId: 'KEY1234567', key: newApnsKey().file, topic: 'com.example.phone' };

type Services = Readonly<Record<string, Record<string, unknown>>>;

/** The transports of a configuration that is stored anew with each change, as a server reads it. */
const world = (services: Services = {}) => {
  let stored = services;
  const made = { relay: willingProvider([]), webpush: willingProvider([]) };
  const calls: string[] = [];
  const byVendor = (vendor: string) => (_settings: unknown, realm: string) => {
    calls.push(`${vendor} ${realm}`);
    return { ...willingProvider([]), vendor };
  };
  let documents = new Map<string, { realm: string; type: string; config: Record<string, unknown> }>();
  const set = (next: Services): void => {
    stored = next;
    documents = new Map(Object.entries(stored).map(([type, config]) => [type, { realm: '/', type, config }]));
  };
  set(services);
  const transports = realmTransports({
    configuration: { service: (realm, type) => (realm === '/' ? documents.get(type) : undefined) },
    ...made,
    sns: byVendor('sns'),
    fcm: byVendor('fcm'),
    apns: byVendor('apns'),
  });
  const vendor = (type: string, address?: string) => {
    const found = transports.find('/', type, address);
    return found !== undefined && 'vendor' in found ? found.vendor : found;
  };
  return { transports, vendor, set, calls, ...made };
};

describe('how phones are reached', () => {
  test.each<readonly [what: string, Services, readonly string[]]>([
    ['no service at all', {}, []],
    ['a service that cannot be used', { pushNotification: { delegateFactory: 'nonsense' } }, []],
    ['the relay alone', { pushNotification: relayAlone }, ['relay', 'webpush']],
    ['Amazon', { pushNotification: sns }, ['relay', 'webpush', 'gcm', 'apns']],
    ['Amazon without its secret', { pushNotification: { ...sns, secret: '' } }, ['relay', 'webpush']],
    [
      'Amazon for one of them',
      { pushNotification: { ...sns, appleEndpoint: '', delegateFactory: 'relay' } },
      ['relay', 'webpush', 'gcm'],
    ],
    ['Google', { pushNotification: relayAlone, pushFcm: fcm }, ['relay', 'webpush', 'gcm']],
    ['Apple', { pushNotification: relayAlone, pushApns: apns }, ['relay', 'webpush', 'apns']],
    ['both', { pushNotification: relayAlone, pushFcm: fcm, pushApns: apns }, ['relay', 'webpush', 'gcm', 'apns']],
    [
      'Google with a key that is none',
      { pushNotification: relayAlone, pushFcm: { ...fcm, serviceAccount: '{}' } },
      ['relay', 'webpush'],
    ],
    ['Google without a push service', { pushFcm: fcm }, []],
  ])('with %s', (_what, services, served) => {
    expect(world(services).transports.served('/')).toEqual(served);
  });

  test('each type has its transport, and no other word has one', () => {
    const { transports, relay, webpush, vendor } = world({ pushNotification: sns });
    expect(transports.find('/', 'relay')).toBe(relay);
    expect(transports.find('/', 'webpush')).toBe(webpush);
    expect([vendor('gcm'), vendor('apns')]).toEqual(['sns', 'sns']);
    for (const word of ['pigeon', '__proto__', 'GCM', '']) expect(transports.find('/', word)).toBeUndefined();
    expect(transports.find('/other', 'relay')).toBeUndefined();
  });
});

describe('a realm that moves from Amazon to Google and Apple (OPS-47)', () => {
  const both = { pushNotification: sns, pushFcm: fcm, pushApns: apns };

  test('registers phones with Google and Apple from then on', () => {
    const { vendor } = world(both);
    expect([vendor('gcm'), vendor('apns')]).toEqual(['fcm', 'apns']);
  });

  test.each([
    ['gcm', 'arn:aws:sns:us-east-1:123456789012:endpoint/GCM/phone/1', 'sns'],
    ['apns', 'arn:aws:sns:us-east-1:123456789012:endpoint/APNS/phone/1', 'sns'],
    ['gcm', 'gcm:token', 'fcm'],
    ['apns', 'apns:abcd', 'apns'],
    ['gcm', 'apns:abcd', 'sns'],
  ])('still rings %s at %s, by %s', (type, address, by) => {
    expect(world(both).vendor(type, address)).toBe(by);
  });

  test('rings nobody by Amazon any more once its settings are gone, and says what is missing', () => {
    const { transports, vendor } = world({ ...both, pushNotification: relayAlone });
    expect(vendor('gcm', 'arn:aws:sns:us-east-1:1:endpoint/GCM/x')).toBeUndefined();
    expect(transports.missing('/', 'gcm')).toContain('lacks accessKey, secret, googleEndpoint');
  });

  test('and back: who has a token of Google is not rung by Amazon', () => {
    const { transports, vendor } = world({ pushNotification: sns });
    expect(vendor('gcm', 'gcm:token')).toBeUndefined();
    expect(transports.missing('/', 'gcm')).toContain('no usable pushFcm service');
  });
});

test('what is made of a service is kept while its settings stay, whatever else is configured', () => {
  const { transports, set, calls } = world({ pushNotification: sns, pushFcm: fcm, pushApns: apns });
  const ofNow = () => [
    transports.find('/', 'gcm'),
    transports.find('/', 'apns'),
    transports.find('/', 'gcm', 'arn:aws:sns:us-east-1:1:endpoint/GCM/x'),
  ];
  const first = ofNow();
  set({ pushNotification: { ...sns }, pushFcm: { ...fcm }, pushApns: { ...apns }, email: {} });
  for (const [at, transport] of ofNow().entries()) expect(transport).toBe(first[at]);
  expect(calls).toEqual(['fcm /', 'apns /', 'sns /']);

  set({ pushNotification: sns, pushFcm: { ...fcm, projectId: 'acme-other' }, pushApns: apns });
  expect(transports.find('/', 'gcm')).not.toBe(first[0]);
  expect(transports.find('/', 'apns')).toBe(first[1]);
  set({});
  expect(transports.hasService('/')).toBe(false);
});

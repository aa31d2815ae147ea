import { readFileSync } from 'node:fs';
import {
  ATTESTATION_NAME,
  type CertificateOptions,
  issueCertificate,
  newAuthority,
  newSoftwareKey,
  pemOf,
} from '@assent/factors/testing';
import { newApnsKey, newServiceAccount } from '@assent/push/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';

const world = administeredServer();
const { admin } = world;
const live = () => world.server.assent;

let realm: string;
let services: string;
beforeEach(async () => {
  realm = await world.newRealm();
  services = `${realm}/realm-config/services`;
});

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../wire/golden/${name}.json`, import.meta.url), 'utf8')).body;

const SNS = {
  accessKey: 'AKIA',
  secret: 'top-secret',
  appleEndpoint: 'arn:apple',
  googleEndpoint: 'arn:google',
  _id: '',
  _type: {},
};

describe('realm services', () => {
  test.each([
    [{ ...SNS, mdConcurrency: 17 }, 'Data validation failed for the attribute, mdConcurrency'],
    [{ ...SNS, region: 'Mars' }, 'Data validation failed for the attribute, region'],
    [{ secret: 'x' }, 'Data validation failed for the attribute, accessKey'],
    [[], 'The body must be a JSON object.'],
  ])('refuses %j', async (body, message) => {
    const answer = await admin('PUT', `${services}/pushNotification`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(message);
    expect(live().configuration.service(realm, 'pushNotification')).toBeUndefined();
  });

  describe('Google and Apple themselves (OPS-47)', () => {
    const FCM = { projectId: 'acme-login', serviceAccount: newServiceAccount().file };
    const APNS = { teamId: 'ACMETEAM01', keyId: 'ACMEKEY001', key: newApnsKey().file, topic: 'com.example.phone' };

    test.each<readonly [service: string, body: object, attribute: string, reason: string]>([
      ['pushFcm', { ...FCM, projectId: undefined }, 'projectId', 'It is not set.'],
      ['pushFcm', { ...FCM, projectId: 'x/../y' }, 'projectId', 'Must be the id of a Firebase project'],
      ['pushFcm', { ...FCM, serviceAccount: undefined }, 'serviceAccount', 'It is not set.'],
      ['pushFcm', { ...FCM, serviceAccount: 'AIzaSy' }, 'serviceAccount', 'it is no JSON'],
      ['pushFcm', { ...FCM, serviceAccount: '{"type":"authorized_user"}' }, 'serviceAccount', 'not service_account'],
      [
        'pushFcm',
        { ...FCM, serviceAccount: FCM.serviceAccount.replace('BEGIN PRIVATE', 'BEGIN') },
        'serviceAccount',
        'private_key is no RSA key',
      ],
      ['pushFcm', { ...FCM, endpoint: 'fcm.example.com' }, 'endpoint', 'Must be an http or https URL'],
      ['pushApns', { ...APNS, teamId: 'short' }, 'teamId', 'ten capital letters and digits of a team'],
      ['pushApns', { ...APNS, keyId: undefined }, 'keyId', 'It is not set.'],
      ['pushApns', { ...APNS, key: FCM.serviceAccount }, 'key', 'Must be the text of a .p8 file'],
      ['pushApns', { ...APNS, topic: 'com.example/phone' }, 'topic', 'Must be the bundle id'],
      ['pushApns', { ...APNS, sandbox: 'no' }, 'sandbox', ''],
      ['pushApns', { ...APNS, endpoint: 'https://apns.example.com/3' }, 'endpoint', 'Must be an http or https URL'],
    ])('%s: %j is refused by %s', async (service, body, attribute, reason) => {
      const answer = await admin('PUT', `${services}/${service}`, body);
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute } } });
      expect(answer.body.message).toContain(reason);
      expect(live().configuration.service(realm, service)).toBeUndefined();
    });

    test.each([
      ['pushFcm', FCM, 'serviceAccount', { projectId: 'acme-other' }],
      ['pushFcm', FCM, 'serviceAccount', { endpoint: 'https://evil.example.com' }],
      ['pushApns', APNS, 'key', { endpoint: 'https://evil.example.com' }],
      ['pushApns', APNS, 'key', { keyId: 'ACMEKEY002' }],
    ])('%s is set, keeps its secret to itself, and gives it to nobody new', async (service, body, secret, other) => {
      const path = `${services}/${service}`;
      expect(await admin('PUT', path, body)).toMatchObject({ status: 201, body: { [secret]: null, endpoint: '' } });
      const { body: read } = await admin('GET', path);
      expect(read).toMatchObject({ [secret]: null });
      expect(await admin('PUT', path, read)).toMatchObject({ status: 200 });
      expect(live().configuration.service(realm, service)?.config).toMatchObject(body);
      const moved = await admin('PUT', path, { ...read, ...other });
      expect(moved).toMatchObject({ status: 400, body: { detail: { attribute: secret } } });
    });
  });

  test('what was seeded without a setting reads, and is saved, as with its default', async () => {
    const at = '/realms/root/realm-config/services/pushNotification';
    expect(live().configuration.service('/', 'pushNotification')?.config).toEqual({ delegateFactory: 'relay' });
    const { body } = await admin('GET', at);
    expect(body).toMatchObject({ delegateFactory: 'relay', region: 'us-east-1', mdDuration: 120, secret: null });
    expect((await admin('PUT', at, body, { 'if-match': String(body._rev) })).body).toEqual(body);
  });

  test('what has no use here is kept and named in the log, and our own service has nothing of the kind (B6)', async () => {
    const path = `${services}/validation`;
    const { body } = await admin('PUT', path, { validGotoDestinations: ['https://app.example.com/*'], colour: null });
    expect(body).toMatchObject({ validGotoDestinations: ['https://app.example.com/*'], colour: null });
    expect((await admin('GET', path)).body).toEqual(body);
    expect(world.server.logged()).toContainEqual(
      expect.objectContaining({ service: 'validation', unknown: ['colour'] }),
    );
    await admin('DELETE', path);
    expect((await admin('GET', path)).body).not.toHaveProperty('colour');
    const ours = await admin('PUT', `${services}/assent`, { maxDevices: 2, colour: 'red' });
    expect([ours.status, ours.body]).toMatchObject([
      400,
      { message: 'Invalid attribute specified.', detail: { validAttributes: expect.arrayContaining(['maxDevices']) } },
    ]);
  });

  test('the email service of AM comes in without a server, and what we have no use for stays (B6)', async () => {
    const path = `${services}/email`;
    const asExported = {
      emailAddressAttribute: 'mail',
      emailRateLimitSeconds: 1,
      emailImplClassName: 'org.example.MailServer',
      port: 465,
      sslState: 'SSL',
      _id: '',
      _type: {},
    };
    const { status, body } = await admin('PUT', path, asExported);
    expect([status, body]).toMatchObject([201, { emailAddressAttribute: 'mail', emailRateLimitSeconds: 1, port: 465 }]);
    const lacking = ['hostname', 'from'];
    expect(world.server.logged()).toContainEqual(expect.objectContaining({ service: 'email', lacking }));
    expect((await admin('PUT', path, body)).body).toEqual(body);
    expect((await admin('PUT', path, { ...asExported, port: 'x' })).status).toBe(400);
    const whole = { ...asExported, hostname: 'mail.example.com', from: 'door@example.com', password: 'secret' };
    expect((await admin('PUT', path, whole)).body).toMatchObject({ hostname: 'mail.example.com', password: null });
    expect(JSON.stringify((await admin('GET', path)).body)).not.toContain('secret');
    await admin('DELETE', path);
  });

  test('a service that this server does not have is said to be none of its own (B6)', async () => {
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await admin(method, `${services}/baseurl`, body)).toMatchObject({
        status: 404,
        body: { code: 404, reason: 'Not Found', message: expect.stringContaining('not supported here') },
      });
    }
    expect(await admin('DELETE', `${services}/email`)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
  });

  test('a service is made once, read without its secret, replaced keeping it, and deleted', async () => {
    const made = await admin('PUT', `${services}/pushNotification`, SNS);
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/am/json${services}/pushNotification`, etag: `"${made.body._rev}"` },
      body: { _id: '', secret: null, region: 'us-east-1', mdDuration: 120, mdCacheSize: 10_000 },
    });
    expect(made.body._type).toEqual({ _id: 'pushNotification', name: 'Push Notification Service', collection: false });

    const { _rev, ...content } = made.body;
    expect(content).toEqual(golden('service/push-notification'));

    const read = await admin('GET', `${services}/pushNotification`);
    expect(read.body).toEqual(made.body);
    const replaced = await admin('PUT', `${services}/pushNotification`, { ...read.body, mdDuration: 60 });
    expect(replaced).toMatchObject({ status: 200, body: { mdDuration: 60, secret: null } });
    expect(live().configuration.service(realm, 'pushNotification')?.config).toMatchObject({
      secret: 'top-secret',
      mdDuration: 60,
    });
    expect(live().configuration.service('/', 'pushNotification')?.config).not.toHaveProperty('mdDuration', 60);

    const stale = { 'if-match': String(made.headers.etag) };
    expect((await admin('PUT', `${services}/pushNotification`, SNS, stale)).status).toBe(412);
    expect((await admin('DELETE', `${services}/pushNotification`, undefined, stale)).status).toBe(412);
    expect((await admin('PUT', `${services}/pushNotification`, SNS, { 'if-none-match': '*' })).status).toBe(412);
    expect((await admin('POST', `${services}/pushNotification?_action=create`, SNS)).status).toBe(409);

    const deleted = await admin('DELETE', `${services}/pushNotification`);
    expect(deleted).toMatchObject({ status: 200, body: { mdDuration: 60, secret: null } });
    expect((await admin('GET', `${services}/pushNotification`)).status).toBe(404);
    expect((await admin('DELETE', `${services}/pushNotification`)).status).toBe(404);
  });

  test('journeys for tasks of self-service are kept as AM has them', async () => {
    const path = `${services}/selfServiceTrees`;
    expect(await admin('GET', path)).toMatchObject({ status: 404 });
    const mapping = { enabled: true, treeMapping: { registration: 'Register', resetPassword: 'ResetPassword' } };
    const type = { _id: 'selfServiceTrees', name: 'Self Service Trees', collection: false };
    expect(await admin('PUT', path, mapping)).toMatchObject({ status: 201, body: { ...mapping, _type: type } });
    expect(await admin('GET', path)).toMatchObject({ status: 200, body: { _id: '', ...mapping, _type: type } });
    expect(await admin('DELETE', path)).toMatchObject({ status: 200 });
  });

  test('the lists say what there is, what could be, and what each may hold', async () => {
    const ids = async (path: string) =>
      ((await admin('POST', path)).body.result as { readonly _id: string }[]).map(({ _id }) => _id);
    expect(await ids(`${services}?_action=nextdescendents`)).toEqual(['assent', 'validation', 'oauth-oidc']);
    await admin('POST', `${services}/authenticatorPushService?_action=create`, {});
    expect(await ids(`${services}?_action=nextdescendents`)).toContain('authenticatorPushService');
    expect(await ids(`${services}?_action=getCreatableTypes`)).toEqual([
      'androidKeyAttestation',
      'authenticatorOathService',
      'authenticatorWebAuthnService',
      'deviceBindingService',
      'webAuthnMetadataService',
      'pushNotification',
      'pushFcm',
      'pushApns',
      'ldap',
      'email',
      'selfservice.consent',
      'selfservice.kba',
      'selfServiceTrees',
      'amSessionPropertyWhitelist',
      'selfservice.terms',
      'webhooks',
    ]);
    expect(await ids(`${services}?_action=getAllTypes`)).toHaveLength(20);
    expect(await ids(`${services}/pushNotification?_action=nextdescendents`)).toEqual([]);

    const { body: schema } = await admin('POST', `${services}/pushNotification?_action=schema`);
    expect(schema).toMatchObject({
      type: 'object',
      properties: {
        secret: { type: 'string', format: 'password' },
        mdConcurrency: { type: 'integer', minimum: 1, maximum: 16, default: 16 },
        mdCacheSize: { type: 'integer', minimum: 0 },
      },
    });
    expect(JSON.stringify(schema)).not.toContain('9007199254740991');
    const { body: template } = await admin('POST', `${services}/pushNotification?_action=template`);
    expect(template).toMatchObject({ mdDuration: 120, region: 'us-east-1', secret: null });
    expect((await admin('POST', `${services}/pushNotification?_action=explode`)).status).toBe(501);
    expect((await admin('GET', `${services}/unheardOf`)).status).toBe(404);
  });

  describe('certificates that authenticators are trusted by', () => {
    const authority = newAuthority('Root');
    const root = authority.pem;
    const issued = (dates: Partial<CertificateOptions> = {}) =>
      pemOf(
        issueCertificate(authority, {
          serial: Uint8Array.of(5),
          subject: ATTESTATION_NAME,
          subjectKey: newSoftwareKey().publicKey,
          ...dates,
        }),
      );
    const over = issued({ notBefore: '20200101000000Z', notAfter: '20210101000000Z' });
    const save = (config: object) => admin('PUT', `${services}/webAuthnMetadataService`, config);

    test('are kept by their alias', async () => {
      expect((await save({ trustStores: { trustalias: root } })).status).toBe(201);
      const { body } = await admin('GET', `${services}/webAuthnMetadataService`);
      expect(body).toMatchObject({ trustStores: { trustalias: root }, metadataSigner: 'mds.fidoalliance.org' });
    });

    test.each([
      ['is none', 'trustStores', { trustStores: { trustalias: 'x' } }, 'Must be certificates in PEM'],
      [
        'is over',
        'trustStores',
        { trustStores: { trustalias: over } },
        'The certificate of Test Authenticator is good from Jan  1 00:00:00 2020 GMT until Jan  1 00:00:00 2021 GMT, and not now.',
      ],
      ['is no authority', 'metadataRoots', { metadataRoots: issued() }, 'is not that of an authority'],
    ])('of which one %s are not saved', async (_what, attribute, config, reason) => {
      const answer = await save(config);
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute } } });
      expect(answer.body.message).toContain(reason);
      expect((await admin('GET', `${services}/webAuthnMetadataService`)).status).toBe(404);
    });
  });

  describe('a stored secret is shown to nobody new (SEC-72)', () => {
    const EMAIL = {
      hostname: 'mail.example.com',
      port: 465,
      username: 'postman',
      password: 'canary-1',
      sslState: 'SSL',
      from: 'login@example.com',
    };
    const at = () => `${services}/email`;
    const stored = () => live().configuration.service(realm, 'email')?.config;
    beforeEach(async () => {
      expect((await admin('PUT', at(), EMAIL)).status).toBe(201);
    });

    test.each([
      ['hostname', 'mail.attacker.example'],
      ['port', 2525],
      ['username', 'somebody'],
      ['username', null],
      ['sslState', 'Non SSL'],
    ])('a save with another %s, %j, has to give it again', async (name, value) => {
      const { password: _, ...body } = EMAIL;
      const answer = await admin('PUT', at(), { ...body, [name]: value });
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute: 'password' } } });
      expect(answer.body.message).toMatch(
        new RegExp(`^Data validation failed for the attribute, password: Give it again, .* the same ${name}\\.$`),
      );
      expect(stored()).toEqual(EMAIL);
    });

    test('a save that changes only whom the mail is from keeps it', async () => {
      const { body } = await admin('GET', at());
      expect((await admin('PUT', at(), { ...body, from: 'other@example.com' })).status).toBe(200);
      expect(stored()).toEqual({ ...EMAIL, from: 'other@example.com' });
    });

    test('a save that gives a secret, or an empty one, may name another host', async () => {
      await admin('PUT', at(), { ...EMAIL, hostname: 'second', password: 'canary-2' });
      expect(stored()).toMatchObject({ hostname: 'second', password: 'canary-2' });
      await admin('PUT', at(), { ...EMAIL, hostname: 'third', password: '' });
      expect(stored()).toMatchObject({ hostname: 'third', password: '' });
    });

    test('Amazon’s secret goes with its key', async () => {
      const sns = `${services}/pushNotification`;
      expect((await admin('PUT', sns, SNS)).status).toBe(201);
      const { secret: _, ...body } = SNS;
      expect(await admin('PUT', sns, { ...body, accessKey: 'other' })).toMatchObject({
        status: 400,
        body: { detail: { attribute: 'secret' } },
      });
    });
  });

  test('the audit trail names the settings that changed, and no value (SEC-72)', async () => {
    await admin('PUT', `${services}/pushNotification`, SNS);
    const amadmin = await live().store.identities.find('/', 'amadmin');
    const [event] = await live().store.audit.ofUser(amadmin?.id ?? '', 1);
    expect(event).toMatchObject({ event: 'SERVICE_CREATE', realm, outcome: 'pushNotification' });
    expect(JSON.stringify(event)).toContain('secret');
    expect(JSON.stringify(event)).not.toContain('top-secret');
  });
});

import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CALLBACK,
  claimsOf,
  type OAuthApplication,
  oauthApplication,
  putClient,
} from '../src/testing/oauth-application.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// SEC-85: the password alone does not become a second factor that is sent.

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const DAY = 86_400_000;
const HEADERS = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
const SCRIPT = '01e1a3c0-038b-4c16-956a-6c9d89328d01';

const smtp = new SmtpServer();
let server: SteeredServer;
let app: OAuthApplication;
let rest: RestClient;
let admin: string | undefined;
let users = 0;

beforeAll(async () => {
  const hostPort = await smtp.listen();
  server = await steeredServer({ port: 18_710, insecure: true, privateHosts: ['127.0.0.1'] });
  app = oauthApplication(server);
  rest = app.rest;
  await server.createRealm(REALM);
  await configuring(server.assent.store).change({
    putScripts: [
      {
        realm: REALM,
        id: SCRIPT,
        name: 'address',
        description: '',
        default: false,
        language: 'JAVASCRIPT',
        context: 'AUTHENTICATION_TREE_DECISION_NODE',
        createdBy: '',
        lastModifiedBy: '',
        creationDate: 1,
        lastModifiedDate: 1,
        evaluatorVersion: '1.0',
        source: `
          var name = nodeState.get('username').asString();
          idRepository.setAttribute(name, 'mail', ['other@example.org']);
          idRepository.setAttribute(name, 'telephoneNumber', ['other@sms.example']);
          outcome = 'true';`,
      },
    ],
  });
  const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
  const first = {
    name: ['UsernameCollectorNode', { outcome: 'secret' }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
  } as const;
  const code = (sender: string) =>
    ({
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: [sender, { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
    }) as const;
  const SMS = 'OneTimePasswordSmsSenderNode';
  const codeByTwo = (sender: string, second: string) =>
    ({
      ...code(sender),
      send: [sender, { outcome: 'second' }, mailServer],
      second: [second, { outcome: 'ask' }, mailServer],
    }) as const;
  const checks = (to: string) => ['DataStoreDecisionNode', { true: to, false: FAILURE }] as const;
  const script = { script: SCRIPT, outcomes: ['true'], inputs: ['*'], outputs: ['*'] };
  const trees = {
    MailCode: { ...first, check: checks('gen'), ...code('OneTimePasswordSmtpSenderNode') },
    SmsCode: { ...first, check: checks('gen'), ...code('OneTimePasswordSmsSenderNode') },
    MailThenSms: { ...first, check: checks('gen'), ...codeByTwo('OneTimePasswordSmtpSenderNode', SMS) },
    SmsThenMail: { ...first, check: checks('gen'), ...codeByTwo(SMS, 'OneTimePasswordSmtpSenderNode') },
    // The code is sent in the submit that writes the address.
    ScriptThenMail: {
      ...first,
      check: checks('script'),
      script: ['ScriptedDecisionNode', { true: 'gen' }, script],
      ...code('OneTimePasswordSmtpSenderNode'),
    },
    Script: { ...first, check: checks('script'), script: ['ScriptedDecisionNode', { true: SUCCESS }, script] },
    Patch: {
      ...first,
      check: checks('ask'),
      ask: ['AttributeCollectorNode', { outcome: 'patch' }, { attributesToCollect: ['mail', 'telephoneNumber'] }],
      patch: ['PatchObjectNode', { PATCHED: SUCCESS, FAILURE }, { ignoredFields: ['password'] }],
    },
  } as const;
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes, REALM);
  await configuring(server.assent.store).saveService({
    realm: REALM,
    type: 'oauth-oidc',
    config: { advancedOIDCConfig: { loaMapping: { mailed: 'MailCode', texted: 'SmsCode' } } },
  });
  await configuring(server.assent.store).saveService({
    realm: REALM,
    type: 'email',
    config: { hostname: '127.0.0.1', port: hostPort, from: 'login@example.org', sslState: 'Non SSL' },
  });
  await server.assent.configuration.refresh();
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
});
afterAll(async () => {
  await server?.assent.stop();
  await smtp.close();
});

const OLD = { mail: ['jane@example.org'], telephoneNumber: ['jane@sms.example'] };
const NEW = { mail: ['other@example.org'], telephoneNumber: ['other@sms.example'] };

const someone = async (attributes: Readonly<Record<string, readonly string[]>> = OLD): Promise<string> => {
  users += 1;
  const name = `jane${users}`;
  await server.createUser(REALM, name, PASSWORD);
  if (Object.keys(attributes).length > 0) await server.setAttributes(REALM, name, attributes);
  return name;
};
const attributesOf = async (name: string) => (await server.assent.store.identities.find(REALM, name))?.attributes ?? {};

interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

/** Takes the next code that was mailed, past notices to users. */
const nextCode = async (): Promise<string> => {
  for (;;) {
    const code = /Password: (\d+)/.exec(await smtp.nextMail())?.[1];
    if (code !== undefined) return code;
  }
};

/** Walks a journey with the password, what is collected, and the code that is mailed; the token of its session. */
const walk = async (tree: string, name: string): Promise<string> => {
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`;
  let { body } = await rest('POST', path, { body: {}, headers: HEADERS });
  const secrets = [PASSWORD];
  for (let steps = 0; body.tokenId === undefined && steps < 6; steps += 1) {
    const callbacks = body.callbacks as readonly Callback[];
    if (callbacks === undefined) throw new Error(JSON.stringify(body));
    const isCode = callbacks[0]?.type === 'PasswordCallback' && secrets.length === 0;
    const secret = isCode ? await nextCode() : undefined;
    const answers = callbacks.map(({ type, input, ...callback }, at) => {
      const value =
        type === 'NameCallback'
          ? name
          : type === 'PasswordCallback'
            ? (secret ?? secrets.shift())
            : [NEW.mail, NEW.telephoneNumber][at]?.[0];
      return { ...callback, type, input: input?.map((it, number) => (number === 0 ? { ...it, value } : it)) };
    });
    ({ body } = await rest('POST', path, { body: { authId: body.authId, callbacks: answers }, headers: HEADERS }));
  }
  return String(body.tokenId);
};
/** The class that a walk of the journey meets. */
const classOf = async (tree: string, name: string, acr: string): Promise<unknown> => {
  const token = await walk(tree, name);
  return claimsOf((await app.tokens(token, { acr_values: acr, prompt: 'none' })).id).acr;
};

const putOwn = async (name: string, body: object) =>
  rest('PUT', `${REALM}/users/${name}`, {
    token: await signIn(rest, REALM, name, PASSWORD),
    body,
    headers: { currentpassword: PASSWORD },
  });

const CODES = [
  ['MailCode', 'mailed'],
  ['SmsCode', 'texted'],
] as const;

describe('a code to an address that was changed by the password alone', () => {
  const writers: Readonly<Record<string, (name: string) => Promise<void>>> = {
    'over REST': async (name) => {
      expect((await putOwn(name, NEW)).status).toBe(200);
    },
    'by the node Patch Object': async (name) => {
      await walk('Patch', name);
    },
    'by a script': async (name) => {
      await walk('Script', name);
    },
  };

  test.each(
    Object.keys(writers).flatMap((how) =>
      CODES.flatMap((code) => [OLD, {}].map((before) => [how, ...code, before] as const)),
    ),
  )(
    '%s lets the journey %s go on and meets no class %s for 7 days, from %j (SEC-85)',
    async (how, tree, acr, before) => {
      const name = await someone(before);
      if (before === OLD) expect(await classOf(tree, name, acr)).toBe(acr);
      await writers[how]?.(name);
      expect(await attributesOf(name)).toMatchObject(NEW);
      expect(await classOf(tree, name, acr)).not.toBe(acr);
      server.clock.advance(7 * DAY);
      admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
      expect(await classOf(tree, name, acr)).toBe(acr);
    },
  );

  test('proves nothing in the submit that changes the address (SEC-85)', async () => {
    const name = await someone();
    expect(await classOf('ScriptThenMail', name, 'mailed')).not.toBe('mailed');
    expect(await attributesOf(name)).toMatchObject(NEW);
  });

  test.each(CODES)(
    'meets the class of %s at once where an administrator has set the address (SEC-85)',
    async (tree, acr) => {
      const name = await someone();
      await putOwn(name, NEW);
      const vouched = { mail: ['third@example.org'], telephoneNumber: ['third@sms.example'] };
      const answer = await rest('PUT', `${REALM}/users/${name}`, { token: admin, body: vouched });
      expect(answer.status).toBe(200);
      expect(await classOf(tree, name, acr)).toBe(acr);
    },
  );

  test('stays marked, also where the user or an administrator writes the mark (SEC-85)', async () => {
    const name = await someone();
    await putOwn(name, { mail: NEW.mail });
    const { assentAddressChanges } = await attributesOf(name);
    expect(assentAddressChanges).toHaveLength(1);
    for (const body of [{ assentAddressChanges: [] }, { assentAddressChanges: ['mail 2000-01-01T00:00:00.000Z'] }]) {
      await putOwn(name, body);
      await rest('PUT', `${REALM}/users/${name}`, { token: admin, body });
    }
    expect((await attributesOf(name)).assentAddressChanges).toEqual(assentAddressChanges);
  });
});

describe.each(['MailThenSms', 'SmsThenMail'])('one code by two ways, in the journey %s,', (tree) => {
  /** The one of the two classes that a walk meets. */
  const met = async (name: string): Promise<readonly unknown[]> => {
    const classes = [];
    for (const [, acr] of CODES) {
      smtp.mails.length = 0;
      classes.push(await classOf(tree, name, acr));
    }
    return classes.filter((acr, at) => acr === CODES[at]?.[1]);
  };

  test('meets the class of the lesser way, and no class once one address was changed by the password alone (SEC-85)', async () => {
    const name = await someone();
    expect(await met(name)).toEqual(['mailed']);
    expect((await putOwn(name, { mail: NEW.mail })).status).toBe(200);
    expect(await met(name)).toEqual([]);
    expect(await attributesOf(name)).toHaveProperty('assentClaimedMail');
  });

  test('proves no claimed address, also after 7 days: a code to that address alone does (SEC-87)', async () => {
    const mallory = await someone();
    expect((await putOwn(mallory, { mail: [`victim${users}@example.org`] })).status).toBe(200);
    for (const days of [0, 7]) {
      server.clock.advance(days * DAY);
      expect(await met(mallory)).toEqual([]);
      expect(await attributesOf(mallory), `${days} days later`).toHaveProperty('assentClaimedMail');
      smtp.mails.length = 0;
      await walk('MailCode', mallory);
      const { assentClaimedMail } = await attributesOf(mallory);
      expect(assentClaimedMail === undefined, `${days} days later`).toBe(days === 7);
    }
    admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  });
});

describe('the notice', () => {
  const noticesTo = async (count: number): Promise<readonly string[]> => {
    const mails = await Promise.all(Array.from({ length: count }, () => smtp.nextMail()));
    return mails.map((mail) => /^To: (.*)$/m.exec(mail)?.[1] ?? '').toSorted();
  };

  test('of a changed address goes to the former one as well, by every role that may change it (SEC-13)', async () => {
    for (const how of ['the user', 'an administrator', 'a script']) {
      smtp.mails.length = 0;
      const name = await someone();
      if (how === 'the user') await putOwn(name, NEW);
      else if (how === 'a script') await walk('Script', name);
      else await rest('PUT', `${REALM}/users/${name}`, { token: admin, body: NEW });
      expect(await noticesTo(2), how).toEqual(['jane@example.org', 'other@example.org']);
    }
  });

  test('of a change by the password alone goes to the proven address, also after further values and further changes (SEC-13)', async () => {
    const name = await someone();
    const token = await signIn(rest, REALM, name, PASSWORD);
    const recipients = async (body: object, count: number) => {
      smtp.mails.length = 0;
      const answer = await rest('PUT', `${REALM}/users/${name}`, {
        token,
        body,
        headers: { currentpassword: PASSWORD },
      });
      expect(answer.status).toBe(200);
      return noticesTo(count);
    };
    const thief = 'thief@attacker.example';
    expect(await recipients({ mail: ['jane@example.org', thief] }, 1)).toEqual(['jane@example.org']);
    expect(await recipients({ mail: [thief] }, 2)).toEqual(['jane@example.org', thief]);
    expect(await recipients({ telephoneNumber: ['+4915112345678'] }, 2)).toEqual(['jane@example.org', thief]);
    // The user cannot take the mark away.
    expect((await attributesOf(name)).assentFormerMail).toHaveLength(1);
    await putOwn(name, { assentFormerMail: [] });
    expect((await attributesOf(name)).assentFormerMail).toHaveLength(1);
  });

  test('of an address that is not proven goes there 3 times an hour without the name of the user, and 10 times to the former address (SEC-13)', async () => {
    users += 1;
    const name = `You have won${users} Open evil.example now`;
    await server.createUser(REALM, name, PASSWORD);
    await server.setAttributes(REALM, name, OLD);
    smtp.mails.length = 0;
    const token = await signIn(rest, REALM, name, PASSWORD);
    const spellings = ['victim@third.example', 'Victim@third.example'];
    for (let number = 0; number < 60; number += 1) {
      server.clock.advance(1_000);
      const answer = await rest('PUT', `${REALM}/users/${encodeURIComponent(name)}`, {
        token,
        body: { mail: [spellings[number % 2]] },
        headers: { currentpassword: PASSWORD },
      });
      expect(answer.status).toBe(200);
    }
    const id = (await server.assent.store.identities.find(REALM, name))?.id ?? '';
    const rows = async (event: string) =>
      (await server.assent.store.audit.page(id, { events: [event], since: 0, limit: 200 })).events;
    // For each change one notice to the new address, and one to the address before the first change.
    await expect.poll(async () => (await rows('MAIL')).length).toBe(120);
    expect((await rows('USER_ADDRESS_SET')).length).toBe(60);
    const outcomes = (await rows('MAIL')).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(13);
    expect(outcomes.filter((outcome) => outcome === 'too many')).toHaveLength(107);
    const toThird = smtp.mails.filter((mail) => /third\.example/i.test(mail));
    expect(toThird).toHaveLength(3);
    const others = smtp.mails.filter((mail) => !toThird.includes(mail)).map((mail) => /^To: (.*)$/m.exec(mail)?.[1]);
    expect(others).toEqual(Array.from({ length: 10 }, () => OLD.mail[0]));
    for (const mail of toThird) expect(mail).not.toMatch(/evil|won/);
  });

  test('of a changed password goes to the user (SEC-13)', async () => {
    for (const how of ['the user', 'an administrator']) {
      smtp.mails.length = 0;
      const name = await someone();
      const path = `${REALM}/users/${name}`;
      if (how === 'the user') {
        const token = await signIn(rest, REALM, name, PASSWORD);
        const body = { currentpassword: PASSWORD, userpassword: 'another horse 88' };
        await rest('POST', `${path}?_action=changePassword`, { token, body });
      } else await rest('PUT', path, { token: admin, body: { userpassword: 'another horse 88' } });
      expect(await smtp.nextMail(), how).toContain('Your password was changed.');
    }
  });
});

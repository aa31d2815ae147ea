import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CALLBACK, claimsOf, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import {
  type SteeredServer,
  type SteeredServerOptions,
  steeredServer,
  TEST_ADMINISTRATOR,
} from '../src/testing/steered-server.ts';

// A reader of the former mailbox of a user cannot sign in by a link or a code that was mailed before the address was changed (SEC-61, SEC-85).

const PASSWORD = 'correct horse 7';
const OTHER_PASSWORD = 'another word 9 for it';
const REALM = '/alpha';
const HOUR = 3_600_000;
const INPUTS: ReadonlySet<string> = new Set(['NameCallback', 'PasswordCallback', 'ValidatedCreatePasswordCallback']);

interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

const describeFormerAddress = (
  where: () => Promise<Pick<SteeredServerOptions, 'dataDir' | 'databaseUrl'>>,
  port: number,
): void => {
  const smtp = new SmtpServer();
  let server: SteeredServer;
  let other: SteeredServer;
  let rest: RestClient;
  let users = 0;

  beforeAll(async () => {
    const hostPort = await smtp.listen();
    const options = { port, ...(await where()), insecure: true, privateHosts: ['127.0.0.1'] };
    server = await steeredServer(options);
    await server.createRealm(REALM);
    const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
    const link = { objectLookup: true, emailTemplateName: 'link', suspendDuration: 1_440 };
    const name = (next: string) => ['UsernameCollectorNode', { outcome: next }] as const;
    const trees = {
      Link: { name: name('mail'), mail: ['EmailSuspendNode', { outcome: SUCCESS }, link] },
      Reset: {
        name: name('mail'),
        mail: ['EmailSuspendNode', { outcome: 'next' }, link],
        next: ['ValidatedPasswordNode', { outcome: 'patch' }, { validateInput: false }],
        patch: ['PatchObjectNode', { PATCHED: SUCCESS, FAILURE }, { patchAsObject: false }],
      },
      Code: {
        name: name('gen'),
        gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
        send: ['OneTimePasswordSmtpSenderNode', { outcome: 'ask' }, mailServer],
        // A wrong one is followed by a new one, which goes to the address that the user has then.
        ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: 'gen' }],
      },
    } as const;
    for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes, REALM);
    await server.assent.configuration.refresh();
    other = await steeredServer({ ...options, clock: server.clock });
    rest = restClient(server);
    const token = await administrator();
    await rest('PUT', `${REALM}/realm-config/services/email`, {
      token,
      body: { hostname: '127.0.0.1', port: hostPort, sslState: 'Non SSL', from: 'login@example.org' },
    });
    const template = {
      _id: 'emailTemplate/link',
      defaultLocale: 'en',
      mimeType: 'text/plain',
      subject: { en: 'S' },
      message: { en: 'LINK {{object.resumeURI}}' },
    };
    await rest('PUT', `${REALM}/realm-config/email-templates/link`, { token, body: template });
    await putClient(rest, token, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
    await other.assent.configuration.refresh();
  });
  afterAll(async () => {
    await Promise.all([server, other].map((it) => it?.assent.stop()));
    await smtp.close();
  });

  const administrator = () => signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const someone = async (): Promise<string> => {
    users += 1;
    const name = `jane${users}`;
    await server.createUser(REALM, name, PASSWORD);
    await server.setAttributes(REALM, name, { mail: [`${name}@example.org`] });
    server.clock.advance(HOUR);
    return name;
  };
  /** Takes what is looked for from the next mail that has it, past notices to users. */
  const inMail = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const text = (await smtp.nextMail()).replace(/=\n/g, '').replaceAll('=3D', '=');
      const [, found] = wanted.exec(text) ?? [];
      if (found !== undefined) return found;
    }
  };
  const answer = async (tree: string, body: JsonObject, value: string) => {
    const callbacks = (body.callbacks as readonly Callback[]).map(({ type, input, ...callback }) => ({
      ...callback,
      type,
      input: input?.map((it, at) => (at === 0 && INPUTS.has(type) ? { ...it, value } : it)),
    }));
    return rest('POST', `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`, {
      body: { authId: body.authId, callbacks },
    });
  };
  const begun = async (tree: string, name: string) => {
    const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`;
    return (await answer(tree, (await rest('POST', path, { body: {} })).body as JsonObject, name)).body as JsonObject;
  };
  const linkTo = async (tree: string, name: string): Promise<string> => {
    await begun(tree, name);
    return new URL(await inMail(/LINK (\S+)/)).search;
  };
  const follow = (search: string) => rest('POST', `${REALM}/authenticate${search}`, {});
  const CODE = /Password: (\d+)/;
  const rowsOf = async (name: string, event: string) => {
    const user = await server.assent.store.identities.find(REALM, name);
    return (await server.assent.store.audit.ofUser(user?.id ?? '', 1_000)).filter((it) => it.event === event);
  };

  /** Each is done at another instance. */
  const changes = {
    'an administrator': async (name: string, mail: readonly string[]) =>
      restClient(other)('PUT', `${REALM}/users/${name}`, { token: await administrator(), body: { mail } }),
    'the owner': async (name: string, mail: readonly string[]) =>
      restClient(other)('PUT', `${REALM}/users/${name}`, {
        token: await signIn(rest, REALM, name, PASSWORD),
        body: { mail },
        headers: { currentpassword: PASSWORD },
      }),
  };

  describe.each(Object.entries(changes))('changed by %s', (_who, change) => {
    test.each(['Link', 'Reset'])('a link of %s opens nothing, now and later (SEC-61)', async (tree) => {
      const name = await someone();
      const link = await linkTo(tree, name);
      // One that never was, for the answer.
      const unknown = await follow(link.replace(/suspendedId=.{3}/, 'suspendedId=AAA'));
      expect((await change(name, [`new-${name}@example.org`])).status).toBe(200);
      expect(await follow(link)).toMatchObject({ status: 401, body: unknown.body });
      expect((await rowsOf(name, 'AUTH_FAIL')).map(({ outcome }) => outcome)).toEqual(['addressChanged']);
      // It is used up, also for an address that comes back.
      expect((await change(name, [`${name}@example.org`])).status).toBe(200);
      expect(await follow(link)).toMatchObject({ status: 401, body: unknown.body });
      expect(await signIn(rest, REALM, name, PASSWORD)).toBeDefined();
    });

    test('a link is good where the user has the address among others, or as other letters', async () => {
      const name = await someone();
      const link = await linkTo('Link', name);
      const mail = [`new-${name}@example.org`, `${name.toUpperCase()}@example.org`];
      expect((await change(name, mail)).status).toBe(200);
      expect((await follow(link)).body).toHaveProperty('tokenId');
    });

    test('a link that was followed before goes on, and a new one goes to the new address', async () => {
      const name = await someone();
      const { body } = await follow(await linkTo('Reset', name));
      expect((await change(name, [`new-${name}@example.org`])).status).toBe(200);
      expect((await answer('Reset', body as JsonObject, OTHER_PASSWORD)).body).toHaveProperty('tokenId');
      server.clock.advance(HOUR);
      expect((await follow(await linkTo('Link', name))).body).toHaveProperty('tokenId');
    });

    test('a code opens nothing, and the next one goes to the new address (SEC-85)', async () => {
      const name = await someone();
      const asked = await begun('Code', name);
      const code = await inMail(CODE);
      expect((await change(name, [`new-${name}@example.org`])).status).toBe(200);
      const refused = await answer('Code', asked, code);
      expect(refused.body).not.toHaveProperty('tokenId');
      expect((await rowsOf(name, 'AUTH_FAIL')).map(({ outcome }) => outcome)).toEqual(['oneTimePassword']);
      const mail = await mailWith(CODE);
      expect(mail).toContain(`new-${name}@example.org`);
      const { body } = await answer('Code', refused.body as JsonObject, CODE.exec(mail)?.[1] ?? '');
      expect(body).toHaveProperty('tokenId');
    });

    test('a code that came back before is a proof (SEC-85)', async () => {
      const name = await someone();
      const asked = await begun('Code', name);
      const { body } = await answer('Code', asked, await inMail(CODE));
      expect((await change(name, [`new-${name}@example.org`])).status).toBe(200);
      const { id } = await oauthApplication(server).tokens(String(body.tokenId));
      expect(claimsOf(id).amr).toEqual(['otp']);
    });
  });

  /** The next mail that has it, with its header. */
  const mailWith = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const text = (await smtp.nextMail()).replace(/=\n/g, '');
      if (wanted.test(text)) return text;
    }
  };
};

describe('the former address of a user, on SQLite,', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-former-address-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  describeFormerAddress(async () => ({ dataDir }), 18_760);
});

describeWith(['postgres'], 'the former address of a user, on PostgreSQL,', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database?.close());
  describeFormerAddress(async () => ({ databaseUrl: database.url }), 18_761);
});

import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { expect } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { type SteeredServerOptions, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

export const PASSWORD = 'correct horse 7';
export const HOUR = 3_600_000;

/** Where a caller is, and with the cookie by which a browser is known, if it is. */
export interface From {
  readonly address: string;
  readonly cookie?: string;
}
interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

/** A server with journeys that send codes and links, its mail server, and callers at any address. */
export const mailWorld = async (port: number, where: Pick<SteeredServerOptions, 'dataDir' | 'databaseUrl'> = {}) => {
  const smtp = new SmtpServer();
  const hostPort = await smtp.listen();
  const server = await steeredServer({
    port,
    ...where,
    insecure: true,
    privateHosts: ['127.0.0.1'],
    trustedProxies: ['127.0.0.1'],
  });
  const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
  await configuring(server.assent.store).saveService({
    realm: '/',
    type: 'email',
    config: { hostname: '127.0.0.1', port: hostPort, from: 'login@example.org', sslState: 'Non SSL' },
  });
  const name = (next: string) => ['UsernameCollectorNode', { outcome: next }] as const;
  const code = (sender: string) =>
    ({
      name: name('secret'),
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: 'gen', false: FAILURE }],
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: [sender, { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
    }) as const;
  const byMail = { emailTemplateName: 'link', identityAttribute: 'mail' };
  const trees = {
    MailCode: code('OneTimePasswordSmtpSenderNode'),
    CodeAlone: {
      name: name('gen'),
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: ['OneTimePasswordSmtpSenderNode', { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: 'ask' }],
    },
    Generator: {
      name: name('code'),
      code: [
        'OathTokenVerifierNode',
        { successOutcome: SUCCESS, failureOutcome: FAILURE, notRegisteredOutcome: FAILURE },
        { algorithm: 'TOTP', totpTimeSteps: 1 },
      ],
    },
    SmsCode: code('OneTimePasswordSmsSenderNode'),
    Password: {
      name: name('secret'),
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: SUCCESS, false: FAILURE }],
    },
    Link: {
      name: name('mail'),
      mail: ['EmailSuspendNode', { outcome: 'user' }, { ...byMail, objectLookup: true, suspendDuration: 30 }],
      user: ['IdentifyExistingUserNode', { true: SUCCESS, false: FAILURE }, { identityAttribute: 'mail' }],
    },
    LinkAndPassword: {
      name: name('mail'),
      mail: ['EmailSuspendNode', { outcome: 'user' }, { ...byMail, objectLookup: true, suspendDuration: 30 }],
      user: ['IdentifyExistingUserNode', { true: 'secret', false: FAILURE }, { identityAttribute: 'mail' }],
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: SUCCESS, false: FAILURE }],
    },
    Template: {
      name: name('mail'),
      mail: ['EmailTemplateNode', { EMAIL_SENT: FAILURE, EMAIL_NOT_SENT: FAILURE }, byMail],
    },
    Register: {
      name: name('attributes'),
      attributes: [
        'AttributeCollectorNode',
        { outcome: 'mail' },
        { attributesToCollect: ['mail', 'givenName', 'sn'], required: false },
      ],
      mail: ['EmailSuspendNode', { outcome: 'create' }, { emailTemplateName: 'link', suspendDuration: 30 }],
      create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }],
    },
  } as const;
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes);
  const rest = restClient(server);
  const administrator = () => signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const body = {
    _id: 'emailTemplate/link',
    defaultLocale: 'en',
    mimeType: 'text/plain',
    subject: { en: 'Sign in' },
    message: { en: 'LINK {{object.resumeURI}}' },
  };
  const token = await administrator();
  const saved = await rest('PUT', '/realm-config/email-templates/link', { token, body });
  expect(saved.status).toBe(201);
  await server.assent.configuration.refresh();

  let strangers = 0;
  /** A stranger at another address each time. */
  const stranger = (): From => {
    strangers += 1;
    return { address: `198.51.${100 + Math.floor(strangers / 250)}.${1 + (strangers % 250)}` };
  };

  const postTo = async (query: string, body: object, { address, cookie }: From) => {
    const answer = await inject(server.assent, {
      method: 'POST',
      url: `/am/json/authenticate${query}`,
      headers: {
        host: `localhost:${port}`,
        'content-type': 'application/json',
        'accept-api-version': 'resource=2.1, protocol=1.0',
        ...PAGE,
        'x-forwarded-for': address,
        ...(cookie && { cookie }),
      },
      payload: JSON.stringify(body),
    });
    const cookies = [answer.headers['set-cookie'] ?? []].flat().map(String);
    return {
      body: answer.json<JsonObject>(),
      isSuccess: answer.statusCode === 200 && answer.json<JsonObject>().successUrl !== undefined,
      /** The cookie by which the browser is known from now on. */
      known: cookies.map((it) => it.split(';')[0] ?? '').find((it) => /kb=/.test(it)),
    };
  };
  const post = (tree: string, body: object, from: From) =>
    postTo(`?authIndexType=service&authIndexValue=${tree}`, body, from);
  /** Answers each callback with the next of these values, the last of them for all that follow. */
  const answer = (tree: string, { authId, callbacks }: JsonObject, from: From, ...values: readonly string[]) =>
    post(
      tree,
      {
        authId,
        callbacks: (callbacks as unknown as readonly Callback[]).map((it, at) => ({
          ...it,
          input: [{ ...it.input?.[0], value: values[at] ?? values.at(-1) }],
        })),
      },
      from,
    );
  const walk = async (tree: string, values: readonly string[], from: From) => {
    let step = await post(tree, {}, from);
    for (const value of values) step = await answer(tree, step.body, from, value);
    return step;
  };

  /** What stands behind the word in the next mail to that address. Mails of the test before may still arrive. */
  const inMail = async (to: string, pattern: RegExp): Promise<string> => {
    for (;;) {
      const text = (await smtp.nextMail()).replace(/=\r?\n/g, '').replaceAll('=3D', '=');
      const found = text.includes(to) ? pattern.exec(text)?.[1] : undefined;
      if (found !== undefined) return found;
    }
  };
  const codeFor = (to: string) => inMail(to, /Password: (\d+)/);
  /** Follows the link in the next mail to that address, in that browser. */
  const followLink = async (to: string, from: From) => postTo(new URL(await inMail(to, /LINK (\S+)/)).search, {}, from);

  /** How many of so many walks mail something. The outbox mails templates later, so that what was refused is counted in the log. */
  const mailsOf = async (count: number, one: () => Promise<unknown>): Promise<number> => {
    server.takeLogged();
    for (let number = 0; number < count; number += 1) await one();
    return count - server.takeLogged().filter(({ msg }) => String(msg).startsWith('Too many m')).length;
  };

  return {
    server,
    smtp,
    hostPort,
    rest,
    administrator,
    stranger,
    post,
    answer,
    walk,
    codeFor,
    followLink,
    mailsOf,
    async stop() {
      await server.assent.stop();
      await smtp.close();
    },
  };
};

export type MailWorld = Awaited<ReturnType<typeof mailWorld>>;

import { expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { SmtpServer } from '../src/testing/smtp-server.ts';
import { steeredServer } from '../src/testing/steered-server.ts';
import { PAGE } from '../src/testing/waiting-page.ts';

// SEC-87: users who have a password and a mailbox show a mailed code, while a stranger at one address guesses at it.

const PASSWORD = 'correct horse 7';
const MINUTE = 60_000;
const PORT = 18_714;

interface From {
  readonly address: string;
  readonly cookie?: string;
}
interface Step {
  readonly authId?: string;
  readonly callbacks?: readonly { readonly input?: readonly object[] }[];
}

const fill = ({ authId, callbacks = [] }: Step, value: string) => ({
  authId,
  callbacks: callbacks.map((it) => ({ ...it, input: it.input?.map((input) => ({ ...input, value })) })),
});

test('an owner known by the password is refused no mailed code while one address guesses for days (SEC-57, SEC-87)', async () => {
  const smtp = new SmtpServer();
  const hostPort = await smtp.listen();
  const server = await steeredServer({
    port: PORT,
    insecure: true,
    privateHosts: ['127.0.0.1'],
    trustedProxies: ['127.0.0.1'],
  });
  try {
    const mailServer = { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' };
    await publishTree(server, 'Code', {
      name: ['UsernameCollectorNode', { outcome: 'gen' }],
      gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
      send: ['OneTimePasswordSmtpSenderNode', { outcome: 'ask' }, mailServer],
      ask: ['OneTimePasswordCollectorDecisionNode', { true: SUCCESS, false: FAILURE }],
    });
    await publishTree(server, 'Password', {
      name: ['UsernameCollectorNode', { outcome: 'secret' }],
      secret: ['PasswordCollectorNode', { outcome: 'check' }],
      check: ['DataStoreDecisionNode', { true: SUCCESS, false: FAILURE }],
    });
    await server.assent.configuration.refresh();
    await server.createUser('/', 'jane', PASSWORD);
    await server.setAttributes('/', 'jane', { mail: ['jane@example.org'] });

    const post = async (tree: string, body: object, { address, cookie }: From) => {
      const answer = await inject(server.assent, {
        method: 'POST',
        url: `/am/json/authenticate?authIndexType=service&authIndexValue=${tree}`,
        headers: {
          host: `localhost:${PORT}`,
          'content-type': 'application/json',
          'accept-api-version': 'resource=2.1, protocol=1.0',
          ...PAGE,
          'x-forwarded-for': address,
          ...(cookie !== undefined && { cookie }),
        },
        payload: JSON.stringify(body),
      });
      const cookies = [answer.headers['set-cookie'] ?? []].flat().map((it) => String(it).split(';')[0] ?? '');
      return { status: answer.statusCode, body: answer.json<Step>(), cookies };
    };
    /** Shows the code that was mailed, or another one. */
    const walk = async (from: From, isRight: boolean): Promise<number> => {
      smtp.mails.length = 0;
      const first = await post('Code', {}, from);
      const asked = await post('Code', fill(first.body, 'jane'), from);
      const code = smtp.mails.flatMap((mail) => /Password: (\d+)/.exec(mail)?.[1] ?? []).at(-1);
      return (await post('Code', fill(asked.body, isRight ? (code ?? 'none') : '000000x'), from)).status;
    };

    const home: From = { address: '192.0.2.10' };
    let step = await post('Password', {}, home);
    for (const value of ['jane', PASSWORD]) step = await post('Password', fill(step.body, value), home);
    expect(step.status).toBe(200);
    const known = step.cookies.filter((it) => /kb/.test(it)).join('; ');
    expect(known).not.toBe('');

    const stranger: From = { address: '198.51.100.7' };
    const owner: number[] = [];
    for (let hour = 0; hour < 48; hour += 1) {
      for (let n = 0; n < 6; n += 1) expect(await walk(stranger, false)).toBe(401);
      server.clock.advance(5 * MINUTE);
      if (hour % 4 === 0) owner.push(await walk({ address: `203.0.113.${hour + 1}`, cookie: known }, true));
      server.clock.advance(55 * MINUTE);
    }
    expect(owner).toEqual(Array(12).fill(200));
    // Without any cookie the owner is a stranger, of whom one address has not used up the part.
    expect(await walk({ address: '192.0.2.77' }, true)).toBe(200);
  } finally {
    await server.assent.stop();
    await smtp.close();
  }
});

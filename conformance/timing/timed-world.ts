import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { openSqlite } from '../faults/servers/stored.ts';
import { asAdministrator } from '../support/administrator.ts';
import { Phone } from '../support/phone.ts';
import { startServerProcess } from '../support/server-process.ts';
import { sendByFetch } from '../support/wire.ts';

const PASSWORD = 'Timing-Password-93b1';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';

interface Step {
  readonly authId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly output: readonly { name: string; value: unknown }[];
  }[];
}

interface Timed {
  readonly status: number;
  readonly body: Step;
  readonly micros: number;
}

/** How names of a class look: equally long, and of one alphabet. */
const nameOf = (kind: string, at: number): string => `${kind}${String(at).padStart(6, '0')}`;

/**
 * A started server, and one caller on one connection, who asks one thing after the other, each from an address of its own: no limit of an
 * address has anything to say.
 */
export const timedWorld = async () => {
  const server = await startServerProcess({ env: { ASSENT_TRUSTED_PROXIES: '127.0.0.1,::1' } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { port } = new URL(server.origin);
  let calls = 0;

  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Timed> => {
    calls += 1;
    const from = `10.${(calls >> 16) & 255}.${(calls >> 8) & 255}.${calls & 255}`;
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        agent,
        method: 'POST',
        path: `/am${path}`,
        headers: {
          host: `localhost:${port}`,
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(text)),
          'accept-api-version': 'protocol=1.0,resource=2.1',
          'x-forwarded-for': from,
          ...headers,
        },
      };
      const began = process.hrtime.bigint();
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const micros = Number(process.hrtime.bigint() - began) / 1_000;
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()), micros });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  };

  const journey = (tree: string) => `/json/realms/root/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const begin = async (tree: string): Promise<Step> => (await post(journey(tree), {})).body;
  const answerWith = (tree: string, { authId }: Step, ...values: readonly [type: string, value: string][]) =>
    post(journey(tree), {
      authId,
      callbacks: values.map(([type, value], at) => ({ type, input: [{ name: `IDToken${at + 1}`, value }] })),
    });

  const putJourney = async (name: string, nodes: Readonly<Record<string, readonly [string, object, object]>>) => {
    const ids = Object.fromEntries(Object.keys(nodes).map((key) => [key, crypto.randomUUID()]));
    const idOf = (key: string) => ids[key] ?? key;
    const put = async (path: string, body: object) => {
      const at = `/json/realms/root/realm-config/authentication/authenticationtrees/${path}`;
      const answer = await asAdministrator(server, 'PUT', at, body);
      if (answer.status > 201) throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
    };
    for (const [key, [type, config]] of Object.entries(nodes)) await put(`nodes/${type}/${idOf(key)}`, config);
    await put(`trees/${name}`, {
      entryNodeId: idOf(Object.keys(nodes)[0] ?? ''),
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([key, [nodeType, , to]]) => [
          idOf(key),
          {
            displayName: key,
            nodeType,
            connections: Object.fromEntries(Object.entries(to).map(([outcome, next]) => [outcome, idOf(String(next))])),
          },
        ]),
      ),
    });
  };

  const addUsers = async (kind: string, count: number, status?: string): Promise<void> => {
    const signedIn = await post(
      '/json/realms/root/authenticate',
      {},
      {
        'x-openam-username': server.administrator.name,
        'x-openam-password': server.administrator.password,
      },
    );
    const { tokenId } = signedIn.body as { readonly tokenId?: string };
    for (let at = 0; at < count; at += 1) {
      const user = { username: nameOf(kind, at), userpassword: PASSWORD, ...(status && { inetUserStatus: status }) };
      const made = await post('/json/realms/root/users?_action=create', user, {
        'accept-api-version': 'resource=4.0',
        iPlanetDirectoryPro: tokenId ?? '',
      });
      if (made.status !== 201) throw new Error(`${user.username} was refused: ${JSON.stringify(made.body)}`);
    }
  };

  /** A sign-in by name and a wrong password; the time of its answer alone. */
  const guess = async (name: string): Promise<Timed> =>
    answerWith('Login', await begin('Login'), ['NameCallback', name], ['PasswordCallback', 'wrong']);

  return {
    addUsers,
    nameOf,

    async guessedPassword(name: string): Promise<Timed> {
      const timed = await guess(name);
      if (timed.status !== 401) throw new Error(`a wrong password of ${name} got ${timed.status}`);
      return timed;
    },

    /** Locks accounts that were guessed at, for longer than any run takes: what a stranger does by twenty guesses at each. */
    async lock(names: readonly string[]): Promise<void> {
      for (const name of names) await guess(name);
      await server.stop();
      const database = openSqlite(join(server.dataDir, 'assent.db'));
      database.exec("UPDATE throttle SET locked_until = 4000000000000 WHERE subject LIKE 'strangers:%'");
      database.close();
      await server.start();
    },

    /** A journey that asks for a name, and then the phone of whoever has it; and phones for those users. */
    async addPhones(kind: string, count: number): Promise<void> {
      const name = ['UsernameCollectorNode', {}, { outcome: 'next' }] as const;
      await putJourney('Enrol', {
        name,
        next: [
          'PushRegistrationNode',
          {},
          { successOutcome: SUCCESS, failureOutcome: FAILURE, timeoutOutcome: FAILURE },
        ],
      });
      await putJourney('Passwordless', {
        name,
        next: ['PushAuthenticationSenderNode', { mandatory: true }, { SENT: 'wait', NOT_REGISTERED: FAILURE }],
        wait: ['PushWaitNode', {}, { DONE: 'result', EXITED: FAILURE }],
        result: ['PushResultVerifierNode', {}, { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'wait' }],
      });
      for (let at = 0; at < count; at += 1) {
        const shown = await answerWith('Enrol', await begin('Enrol'), ['NameCallback', nameOf(kind, at)]);
        const uri = JSON.stringify(shown.body).match(/pushauth:[^"\\]+/)?.[0];
        if (uri === undefined) throw new Error(`no code was shown: ${JSON.stringify(shown.body)}`);
        const phone = new Phone({ send: sendByFetch, now: Date.now });
        const { status } = await phone.register(uri);
        if (status !== 200) throw new Error(`the phone was refused with ${status}`);
        const callbacks = shown.body.callbacks ?? [];
        const again = await post(journey('Enrol'), { authId: shown.body.authId, callbacks });
        if (again.status !== 200) throw new Error(`the phone was not stored: ${JSON.stringify(again.body)}`);
      }
    },

    async askedPhone(name: string): Promise<Timed> {
      const timed = await answerWith('Passwordless', await begin('Passwordless'), ['NameCallback', name]);
      if (timed.body.authId === undefined) throw new Error(`${name} waits for nothing: ${JSON.stringify(timed.body)}`);
      return timed;
    },

    close: async () => {
      agent.destroy();
      await server.close();
    },
  };
};

export type TimedWorld = Awaited<ReturnType<typeof timedWorld>>;

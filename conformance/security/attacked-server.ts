import { expect, test } from 'vitest';
import { addUser } from '../support/people.ts';
import { Phone } from '../support/phone.ts';
import { hiddenValue, outputOf, type RestAnswer, RestClient, setupCode } from '../support/rest-client.ts';
import { assent, type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { sendByFetch } from '../support/wire.ts';

/** Easy to find again in the log, whose every line is searched at the end. */
export const PASSWORD = 'Canary-Password-7f3a';
export const WRONG = 'Canary-Wrong-Password-91be';

/** The body of a refusal, as AM writes it. */
export const refusal = (code: number, reason: string, message: string) => ({ code, reason, message });
export const EXPIRED = { ...refusal(401, 'Unauthorized', 'Session has timed out'), detail: { errorCode: '110' } };

/** What is attacked: one server, or several that stand for one. */
export type Attackable = Pick<ServerProcess, 'administrator' | 'am' | 'close' | 'origin' | 'output'>;

/** How a server is started that is attacked. */
export const ATTACKED = {
  args: ['--log-level', 'trace'],
  env: { ASSENT_CORS_ORIGINS: 'https://good.example' },
} as const;

/** A server with `ada`, who has a phone, and `bob`, who has none; it logs all that it can. */
export interface AttackedServer {
  readonly server: Attackable;
  readonly client: RestClient;
  /** Sessions of `ada`: by password alone, and by password and phone. */
  readonly passwordOnly: string;
  readonly withPhone: string;
  login(user: string, tree?: string, password?: string): Promise<RestAnswer>;
  /** The token of an answer that has to be a success. */
  expectSession(answer: RestAnswer): string;
  /** Notes what no line of the log may hold, and gives it back. */
  keep(secret: string): string;
  readonly secrets: ReadonlySet<string>;
  logLines(): readonly string[];
  close(): Promise<void>;
}

export const startAttackedServer = async (): Promise<AttackedServer> => {
  const server = await startServerProcess(ATTACKED);
  await server.stop();
  await assent(['realm', 'create', '/alpha', '--data-dir', server.dataDir]);
  await server.start();
  return whatIsAttacked(server);
};

/** Makes the users of a server that has the realm `/alpha`. */
export const whatIsAttacked = async (server: Attackable): Promise<AttackedServer> => {
  const secrets = new Set<string>([PASSWORD, WRONG]);
  const keep = (secret: string): string => {
    if (secret.length >= 6) secrets.add(secret);
    return secret;
  };
  const client = new RestClient(server.am);
  const login = async (user: string, tree = 'Login', password = PASSWORD): Promise<RestAnswer> =>
    client.submit(await client.start(tree), { 0: user, 1: password });
  const expectSession = (answer: RestAnswer): string => {
    expect(answer.status).toBe(200);
    return keep(answer.tokenId ?? '');
  };

  for (const user of ['ada', 'bob']) await addUser(server, user, PASSWORD);

  const phone = new Phone({ send: sendByFetch, now: Date.now });
  const setup = await client.chooseRegister(await client.passPassword('ada', PASSWORD));
  const uri = keep(setupCode(setup));
  keep(new URL(uri).searchParams.get('s') ?? '');
  await phone.register(uri);
  const shown = await client.submit(setup);
  const codes = String(outputOf(shown.callbacks[0], 'message')).match(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g) ?? [];
  expect(codes).toHaveLength(10);
  for (const code of codes) keep(code);
  const wait = await client.submit(shown);
  await phone.approve(await phone.request(), keep(hiddenValue(wait, 'pushChallengeNumber')));
  return {
    server,
    client,
    withPhone: expectSession(await client.submit(wait)),
    passwordOnly: expectSession(await login('ada')),
    login,
    expectSession,
    keep,
    secrets,
    logLines: () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{')),
    close: () => server.close(),
  };
};

/** What is known of `ada` before any attack: two passwords, a setup code and its key, ten codes, a number, two sessions. */
const MIN_SECRETS = 17;

/** The last test of a file, so that it sees what all the others have left behind. */
export const testThatLogHoldsNoSecret = (attacked: () => AttackedServer): void =>
  test('the log holds no password, code, token, number or key of all that this file has used (I5) (SEC-09, SEC-23)', () => {
    const { secrets, logLines } = attacked();
    expect(secrets.size).toBeGreaterThanOrEqual(MIN_SECRETS);
    const log = logLines().join('\n');
    expect(log).not.toBe('');
    expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
  });

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthenticationMetadata, RegistrationMetadata } from '@assent/factors';
import { SoftwareAuthenticator } from '@assent/factors/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLBACK, type OAuthApplication, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestAnswer, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { costOf, type RequestCost } from './request-costs.ts';

const PORT = 18_473;
const ORIGIN = `http://localhost:${PORT}`;
const PASSWORD = 'correct horse';

type Budget = Pick<RequestCost, 'statements' | 'rows' | 'commits'> & Partial<Pick<RequestCost, 'crypto'>>;

/**
 * The most that a request may cost. A change that raises a figure gives the reason in its entry of `.changeset`. PostgreSQL counts COMMIT, what begins
 * a transaction and what locks rows, and returns the rows that it locks. Its driver hashes each statement that it sends for the first time, so calls of
 * `node:crypto` are counted on SQLite alone.
 */
const BUDGETS: Readonly<Record<'SQLite' | 'PostgreSQL', Readonly<Record<string, Budget>>>> = {
  SQLite: {
    refresh: { statements: 5, rows: 3, commits: 1, crypto: 8 },
    'start by passkey': { statements: 0, rows: 0, commits: 0, crypto: 4 },
    'answer by passkey': { statements: 13, rows: 4, commits: 1, crypto: 7 },
  },
  PostgreSQL: {
    refresh: { statements: 7, rows: 3, commits: 1 },
    'start by passkey': { statements: 0, rows: 0, commits: 0 },
    'answer by passkey': { statements: 12, rows: 5, commits: 1 },
  },
};

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

const callbacksOf = ({ body }: RestAnswer): readonly Callback[] => (body.callbacks ?? []) as readonly Callback[];
/** `data` of the ceremony. */
const dataOf = <Metadata>(step: RestAnswer): Metadata =>
  callbacksOf(step)
    .find(({ type }) => type === 'MetadataCallback')
    ?.output.find(({ name }) => name === 'data')?.value as Metadata;

for (const storage of ['SQLite', 'PostgreSQL'] as const) {
  describeWith(storage === 'PostgreSQL' ? ['postgres'] : [], `the budget of requests, data in ${storage}`, () => {
    let server: SteeredServer;
    let app: OAuthApplication;
    let directory: string;
    let database: TestDatabase | undefined;
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'assent-budgets-'));
      database = storage === 'PostgreSQL' ? await createDatabase() : undefined;
      server = await steeredServer({
        port: PORT,
        ...(storage === 'SQLite' && { dataDir: directory }),
        ...(database && { databaseUrl: database.url }),
      });
      app = oauthApplication(server);
    });
    afterAll(async () => {
      await server?.assent.stop();
      await database?.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const post = (tree: string, body: object): Promise<RestAnswer> =>
      app.rest('POST', `/authenticate?authIndexType=service&authIndexValue=${tree}`, {
        body,
        headers: { 'accept-api-version': 'resource=2.1, protocol=1.0' },
      });
    const submit = (tree: string, step: RestAnswer, values: Readonly<Record<string, unknown>>): Promise<RestAnswer> =>
      post(tree, {
        authId: step.body.authId,
        callbacks: callbacksOf(step).map((callback) =>
          Object.hasOwn(values, callback.type)
            ? { ...callback, input: callback.input?.map((it) => ({ ...it, value: values[callback.type] })) }
            : callback,
        ),
      });
    const expectWithin = (name: string, cost: RequestCost): void => {
      const budget = BUDGETS[storage][name];
      if (budget === undefined) throw new RangeError(`There is no budget for ${name}.`);
      const beyond = Object.entries(budget).filter(([what, most]) => cost[what as keyof Budget] > most);
      expect(beyond.map(([what]) => `${what}: ${cost[what as keyof Budget]}`)).toEqual([]);
    };

    test('a refresh of tokens', async () => {
      const { rest } = app;
      const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
      await server.createRealm('/alpha');
      await server.createUser('/alpha', 'kim', PASSWORD);
      await putClient(rest, token, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
      const session = (await signIn(rest, '/alpha', 'kim', PASSWORD)) ?? '';
      const { refresh } = await app.tokens(session);
      const first = await app.refresh(refresh);
      // The first refresh of a process reads keys that later ones find in memory.
      const { result, cost } = await costOf(server, () => app.refresh(String(first.body.refresh_token)));
      expect(result.body).toHaveProperty('access_token');
      expectWithin('refresh', cost);
    });

    test('a login by passkey', async () => {
      await server.createUser('/', 'lee', PASSWORD);
      const authenticator = new SoftwareAuthenticator();
      const adding = await submit('AddPasskey', await post('AddPasskey', {}), {
        NameCallback: 'lee',
        PasswordCallback: PASSWORD,
      });
      const { text } = authenticator.register(dataOf<RegistrationMetadata>(adding), ORIGIN);
      const codes = await submit('AddPasskey', adding, { HiddenValueCallback: text });
      expect((await submit('AddPasskey', codes, {})).body).toHaveProperty('tokenId');
      const login = async () => {
        const begun = await costOf(server, () => post('PasskeyLogin', {}));
        const answer = authenticator.signIn(dataOf<AuthenticationMetadata>(begun.result), ORIGIN).text;
        const ended = await costOf(server, () => submit('PasskeyLogin', begun.result, { HiddenValueCallback: answer }));
        expect(ended.result.body).toHaveProperty('tokenId');
        return { begun, ended };
      };
      await login();
      const { begun, ended } = await login();
      expectWithin('start by passkey', begun.cost);
      expectWithin('answer by passkey', ended.cost);
    });
  });
}

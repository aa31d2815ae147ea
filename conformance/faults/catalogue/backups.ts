import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@assent/test-servers';
import { runAssent } from '../../support/server-process.ts';
import { sendByFetch, type WireAnswer } from '../../support/wire.ts';
import type { FaultSession } from '../fault-session.ts';
import { ADMINISTRATOR } from '../servers/cluster.ts';
import { Instance } from '../servers/instance.ts';
import { expectThat, type Fault } from './fault.ts';
import { DATABASE, firstWords } from './start-on-copy.ts';

const run = promisify(execFile);

const PROTOCOL = { 'accept-api-version': 'protocol=1.0,resource=2.1' };

/** What somebody holds that was given out before the backup. */
interface Held {
  readonly token: string;
  /** A first step, which is good for one answer. */
  readonly step: WireAnswer;
}

const hold = async (am: string): Promise<Held> => {
  const url = `${am}/json/realms/root/authenticate`;
  const credentials = {
    'x-openam-username': ADMINISTRATOR.name,
    'x-openam-password': ADMINISTRATOR.password,
  };
  const signedIn = await sendByFetch({ method: 'POST', url, headers: { ...PROTOCOL, ...credentials }, body: {} });
  const step = await sendByFetch({
    method: 'POST',
    url: `${url}?authIndexType=service&authIndexValue=Login`,
    headers: PROTOCOL,
    body: {},
  });
  return { token: String(signedIn.body.tokenId), step };
};

interface Callback {
  readonly type: string;
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}

/** The step with name and password of the administrator. */
const answered = (step: WireAnswer['body']): unknown => {
  const { name, password } = ADMINISTRATOR;
  const callbacks = (step.callbacks as readonly Callback[]).map((callback) => ({
    ...callback,
    input: callback.input?.map((input) => ({ ...input, value: callback.type === 'NameCallback' ? name : password })),
  }));
  return { ...step, callbacks };
};

/** What becomes of them at a server. */
const used = async (am: string, { token, step }: Held) => {
  const session = await sendByFetch({
    method: 'POST',
    url: `${am}/json/realms/root/sessions?_action=validate`,
    headers: { 'accept-api-version': 'resource=2.1', iPlanetDirectoryPro: token },
    body: {},
  });
  const { status } = await sendByFetch({
    method: 'POST',
    url: `${am}/json/realms/root/authenticate`,
    headers: PROTOCOL,
    body: answered(step.body),
  });
  return { isSignedIn: session.body.valid === true, isStepGood: status === 200 };
};

/** A server on a copy of the database of yesterday, beside those that serve. */
interface Yesterday {
  /** Where the copy is, as settings have it. */
  readonly env: Readonly<Record<string, string>>;
  /** As an operator puts it back. */
  readonly restore: readonly string[];
  close(): Promise<void>;
}

const dataOf = (session: FaultSession): string => {
  const folder = join(session.cluster.scratch, 'yesterday');
  mkdirSync(folder, { recursive: true });
  return folder;
};

const envOf = ({ cluster }: FaultSession, env: Readonly<Record<string, string>>) => ({
  ...cluster.instances[0]?.env,
  ASSENT_INSTANCE: 'yesterday',
  ...env,
});

/** Copied while people log in, and laid where the database would be, by hand. */
const yesterdayOfSqlite = async (session: FaultSession): Promise<Yesterday> => {
  const folder = dataOf(session);
  const backup = join(session.cluster.scratch, 'backup.db');
  const env = envOf(session, { ASSENT_DATA_DIR: folder });
  const { code, stderr } = await runAssent(['backup', backup, '--force'], { env: envOf(session, {}) });
  expectThat(code === 0, `there is no backup: ${stderr}`);
  copyFileSync(backup, join(folder, DATABASE));
  return { env, restore: ['restore', backup], close: async () => undefined };
};

const yesterdayOfPostgres = async (session: FaultSession): Promise<Yesterday> => {
  const { postgres } = session.cluster;
  if (postgres === undefined) throw new Error('There is no PostgreSQL.');
  const { superuserUrl: from, server } = postgres;
  const other = await server.createDatabase();
  const dump = join(session.cluster.scratch, 'backup.dump');
  // Beside the loop, which passes on what the instances say to their database.
  await run('pg_dump', ['-Fc', '--no-owner', '--file', dump, from]);
  await run('pg_restore', ['--no-owner', '--dbname', other.url, dump]);
  const env = envOf(session, { ASSENT_DATA_DIR: dataOf(session), ASSENT_DATABASE_URL: other.url });
  return { env, restore: ['restore', '--in-place'], close: () => other.close() };
};

/** Takes away the recovery codes that were told of, which ends once more what was begun since the first time. */
const voidCodes = async (
  instance: Instance,
  { env }: Yesterday,
  { am, held, codes }: { readonly am: string; readonly held: Held; readonly codes: string },
): Promise<void> => {
  await instance.end('SIGTERM');
  const { stdout, stderr } = await runAssent(['restore', '--in-place', '--void-codes'], { env });
  expectThat(stdout.includes(`Void: ${codes} recovery codes`), `the codes are not taken away: ${stdout}${stderr}`);
  expectThat(await instance.start(), `it does not start once more:\n${instance.output}`);
  const after = await used(am, held);
  expectThat(!after.isSignedIn && !after.isStepGood, 'what was given out between two restores is good');
};

export const backupFaults: readonly Fault[] = [
  {
    id: 'F40',
    title: 'a backup is made while people log in, and put back',
    expected: 'known for a backup; what was given out before is void',
    async inject(session) {
      const { cluster } = session;
      const held = await hold(cluster.am);
      const before = await used(cluster.am, await hold(cluster.am));
      expectThat(before.isSignedIn && before.isStepGood, 'what was given out was never good');
      const yesterday = await (cluster.store === 'sqlite' ? yesterdayOfSqlite : yesterdayOfPostgres)(session);
      const instance = new Instance(await freePort(), yesterday.env);
      try {
        expectThat(!(await instance.start()), 'it serves on a backup as if nothing had been');
        const refusal = firstWords(instance.output);
        const { code, stdout, stderr } = await runAssent(yesterday.restore, { env: yesterday.env });
        expectThat(code === 0 && stdout.includes('Everybody signs in anew'), `it is not put back: ${stderr}`);
        expectThat(await instance.start(), `it does not start:\n${instance.output}`);
        const am = `http://127.0.0.1:${instance.port}/am`;
        const after = await used(am, held);
        expectThat(!after.isSignedIn, 'a session of before is good');
        expectThat(!after.isStepGood, 'a step of before is good');
        const anew = await used(am, await hold(am));
        expectThat(anew.isSignedIn && anew.isStepGood, 'nobody can sign in');
        const codes = /there are (\d+)/.exec(stdout)?.[1] ?? 'no';
        await voidCodes(instance, yesterday, { am, held: await hold(am), codes });
        return `${refusal}; ${/\d+ sessions/.exec(stdout)?.[0]} over, ${codes} codes told of and taken away`;
      } finally {
        await instance.end('SIGKILL');
        await yesterday.close();
      }
    },
  },
];

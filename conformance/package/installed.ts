import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@assent/test-servers';
import { hiddenValue, type RestAnswer, RestClient, setupCode } from '../support/rest-client.ts';

// What somebody does who has nothing but the package: a folder in which it is installed, and a Node.

/** How the package is used: where it is installed, with which programs on the path. */
export interface Installation {
  /** The folder whose `node_modules` has the package. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command that starts it there, such as `npx assent`. */
  readonly command: readonly string[];
}

export interface Printed {
  readonly code: number | null;
  /** Both outputs, as they came. */
  readonly text: string;
}

const DEMO = { name: 'demo', password: 'Ch4ng31t!' };

/** Runs a program in the folder to its end. */
export const runIn = async (
  { directory, env }: Pick<Installation, 'directory' | 'env'>,
  [program = '', ...args]: readonly string[],
): Promise<Printed> => {
  const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code: code as number | null, text };
};

const mustRun = async (installation: Installation, command: readonly string[]): Promise<string> => {
  const { code, text } = await runIn(installation, command);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${text}`);
  return text;
};

/** The node that the README shows, written as the README says. */
export const writeNode = (directory: string, ending: 'mjs' | 'ts'): string => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  if (code === undefined) throw new Error('README.md shows no node.');
  const file = join(directory, `office-hours.${ending}`);
  writeFileSync(file, code);
  return file;
};

const OWN_TEST = `
import assert from 'node:assert/strict';
import { runNode, simulatedClock } from 'assent/testing';
import { officeHours } from './office-hours.mjs';

const at = (iso) => ({ clock: simulatedClock(Date.parse(iso)) });
const day = await runNode(officeHours, { nodeId: 'n1', state: { username: 'ann' }, ports: at('2026-01-05T12:00:00Z') });
const night = await runNode(officeHours, { nodeId: 'n1', state: { username: 'ann' }, ports: at('2026-01-05T23:00:00Z') });
assert.deepEqual([day.action.outcome, night.action.outcome], ['open', 'closed']);
`;

/** An own node, and a test of it that needs no server. */
export const testOwnNode = async (installation: Installation): Promise<void> => {
  writeNode(installation.directory, 'mjs');
  writeFileSync(join(installation.directory, 'office-hours.test.mjs'), OWN_TEST);
  await mustRun(installation, ['node', 'office-hours.test.mjs']);
};

interface Served {
  readonly am: string;
  readonly firstScreen: string;
  stop(): Promise<void>;
}

/** Starts the server and waits for its first screen. It is a group of its own, since npx ends alone on a signal. */
export const serve = async (installation: Installation, args: readonly string[] = []): Promise<Served> => {
  const port = await freePort();
  const [program = '', ...before] = installation.command;
  const child: ChildProcess = spawn(program, [...before, 'serve', '--port', String(port), ...args], {
    cwd: installation.directory,
    env: { ...installation.env, ASSENT_DRAIN_SECONDS: '0' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const closed = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk;
        if (/^ {2}Stop .*\n/m.test(output)) resolve();
      });
    }
  });
  const ended = closed.then(([code]) => {
    throw new Error(`The server ended with ${String(code)} before it was ready:\n${output}`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return {
    am: `http://localhost:${port}/am`,
    firstScreen: output,
    async stop() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await closed;
    },
  };
};

/** A push login of the demo user whose phone is the command line of the package. */
export const signInByPhone = async (installation: Installation, am: string): Promise<void> => {
  const phone = (...args: readonly string[]): Promise<string> =>
    mustRun(installation, [...installation.command, 'phone', ...args, '--store', 'phone.json', '--json']);
  const client = new RestClient(am);
  const setup = await client.chooseRegister(await client.passPassword(DEMO.name, DEMO.password));
  await phone('register', setupCode(setup));
  const wait = await client.submit(await client.submit(setup));
  await phone('approve', '--number', hiddenValue(wait, 'pushChallengeNumber'));
  const end: RestAnswer = await client.submit(wait);
  if (end.tokenId === undefined) throw new Error(`The login did not end in a session: ${end.status} ${end.text}`);
};

/** The page of the package, and a file that it loads. */
export const openPage = async (am: string): Promise<void> => {
  const page = await fetch(`${am}/login`);
  const text = await page.text();
  const [, asset] = /src="([^"]*assets\/[^"]+)"/.exec(text) ?? [];
  if (page.status !== 200 || asset === undefined) throw new Error(`The login page answered ${page.status}.`);
  const loaded = await fetch(new URL(asset, page.url));
  if (loaded.status !== 200) throw new Error(`${asset} of the login page answered ${loaded.status}.`);
};

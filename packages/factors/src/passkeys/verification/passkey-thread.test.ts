import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { JourneyError } from '@assent/engine';
import type { Timer } from '@assent/engine/host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newAuthority, realTimer } from '../../testing/authenticator/index.ts';
import type { ChainCall } from '../trust/trusted-chain.ts';
import { PasskeyThread } from './passkey-thread.ts';

let folder: string;
let thread: PasskeyThread;
const judge = () => thread.inLane({ realm: '/' });
const loaded = () => join(folder, 'loaded');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-passkeys-'));
  writeFileSync(
    join(folder, 'server.mjs'),
    'export const SettingsService = { getRootCertificates: () => [], setRootCertificates() {} };',
  );
});
afterEach(async () => {
  await thread.close();
  rmSync(folder, { recursive: true });
});

/** A library of ours, whose judgement of a chain is this code. */
const threadWith = (verdict: string, by: Timer = realTimer): PasskeyThread => {
  writeFileSync(
    join(folder, 'helpers.mjs'),
    `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(loaded())}, '');
export const validateCertificatePath = async ([first], [root]) => { ${verdict} };`,
  );
  const server = pathToFileURL(join(folder, 'server.mjs')).href;
  return new PasskeyThread({
    timer: by,
    modules: { server, helpers: pathToFileURL(join(folder, 'helpers.mjs')).href },
  });
};
const chain = (root = 'root', bytes = 1): ChainCall => ({ certificates: [new Uint8Array(bytes)], root });

test('nothing of the library is loaded before its first use', async () => {
  thread = threadWith('return true;');
  expect(existsSync(loaded())).toBe(false);
  expect(await judge().judgeChain(chain())).toEqual({ accepted: true });
  expect(existsSync(loaded())).toBe(true);
});

test('nobody but the thread names the library', () => {
  const packages = fileURLToPath(new URL('../../../../', import.meta.url));
  const naming = readdirSync(packages).flatMap((name) => {
    const src = join(packages, name, 'src');
    return (existsSync(src) ? readdirSync(src, { recursive: true, encoding: 'utf8' }) : [])
      .filter((path) => /\.tsx?$/.test(path) && /['"]@simplewebauthn\//.test(readFileSync(join(src, path), 'utf8')))
      .map((path) => join(name, path));
  });
  expect(naming).toEqual([join('factors', 'passkeys/verification/passkey-thread.ts')]);
});

test('what the library throws is a verdict in one clean line, and what it says is no yes is none', async () => {
  thread = threadWith(
    `if (root === 'throws') throw new Error('bad\\n\\u202e' + 'x'.repeat(400)); return root === 'yes';`,
  );
  expect(await judge().judgeChain(chain('yes'))).toEqual({ accepted: true });
  expect(await judge().judgeChain(chain('no'))).toEqual({ accepted: false, why: 'not verified' });
  expect(await judge().judgeChain(chain('throws'))).toEqual({ accepted: false, why: `bad ${'x'.repeat(252)}` });
});

test('each verdict goes to whoever asked for it', async () => {
  thread = threadWith(`await new Promise((go) => setImmediate(go)); return root === 'yes';`);
  const verdicts = await Promise.all(['yes', 'no', 'yes'].map((root) => judge().judgeChain(chain(root))));
  expect(verdicts.map(({ accepted }) => accepted)).toEqual([true, false, true]);
});

test('where the library cannot be loaded, that is an error, and no verdict', async () => {
  thread = new PasskeyThread({
    timer: realTimer,
    modules: { server: 'file:///nowhere/server.mjs', helpers: 'file:///nowhere/helpers.mjs' },
  });
  await expect(judge().judgeChain(chain())).rejects.toThrow(/could not be loaded: .*nowhere/);
});

test('a thread that ends rejects the answers that it has, and another thread judges the next ones', async () => {
  thread = threadWith(`if (root === 'exit') process.exit(3); return true;`);
  const [exit, inThread, waiting] = ['exit', 'root', 'root'].map((root) => judge().judgeChain(chain(root)));
  await expect(exit).rejects.toThrow('The thread for passkeys ended.');
  await expect(inThread).rejects.toThrow('The thread for passkeys ended.');
  expect(await waiting).toEqual({ accepted: true });
});

test('ends a thread that is busy for 10 seconds, and another thread judges the next answer', async () => {
  const timers: [millis: number, action: () => void][] = [];
  thread = threadWith(`if (root === 'busy') for (;;); return true;`, (millis, action) => {
    timers.push([millis, action]);
    return () => undefined;
  });
  const busy = judge().judgeChain(chain('busy'));
  await nextRound();
  expect(timers.map(([millis]) => millis)).toEqual([10_000]);
  for (const [, action] of timers) action();
  await expect(busy).rejects.toThrow('The thread for passkeys ended.');
  expect(await judge().judgeChain(chain())).toEqual({ accepted: true });
});

describe('more than may wait is refused (SEC-93, REL-14)', () => {
  const outcomeOf = (verdict: Promise<unknown>) =>
    verdict.then(
      () => 'judged' as const,
      (error: unknown) => (error instanceof JourneyError && error.is('OVERLOADED') ? 'refused' : 'failed'),
    );
  /** How many of so many answers of a realm are refused. */
  const refusedOf = async (outcomes: readonly Promise<string>[]) =>
    (await Promise.all(outcomes)).filter((outcome) => outcome !== 'judged');
  const answersOf = (realm: string, count: number) =>
    Array.from({ length: count }, () => outcomeOf(thread.inLane({ realm }).judgeChain(chain())));

  test('for one realm, while another one is served, and there is room again afterwards', async () => {
    thread = threadWith('return true;');
    // 2 are in the thread, and 128 of one realm wait.
    const greedy = answersOf('/greedy', 135);
    const other = answersOf('/other', 128);
    expect(await refusedOf(greedy)).toEqual(Array.from({ length: 5 }, () => 'refused'));
    expect(await refusedOf(other)).toEqual([]);
    expect(await judge().judgeChain(chain())).toEqual({ accepted: true });
  });

  test('for all realms: the one with the longest line gives up its newest answer', async () => {
    thread = threadWith('return true;');
    const lines = [answersOf('/a', 130), answersOf('/b', 128), answersOf('/c', 3)];
    const refused = await Promise.all(lines.map(refusedOf));
    expect(refused.flat()).toEqual(['refused', 'refused', 'refused']);
    expect(refused[2]).toEqual([]);
  });

  test('for an answer that is too long', async () => {
    thread = threadWith('return true;');
    const most = 128 * 1_024 - 'root'.length;
    expect(await judge().judgeChain(chain('root', most))).toEqual({ accepted: true });
    await expect(judge().judgeChain(chain('root', most + 1))).rejects.toThrow('longer than 131072 bytes');
  });
});

test('rejects the answer in the thread and all later answers once it is closed', async () => {
  thread = threadWith('for (;;);');
  const waiting = judge()
    .judgeChain(chain())
    .catch(({ message }: Error) => message);
  await nextRound();
  await thread.close();
  expect(await waiting).toBe('The thread for passkeys ended.');
  await expect(judge().judgeChain(chain())).rejects.toThrow('The thread for passkeys is closed.');
});

test('in the thread nothing is fetched, whatever a certificate says (SEC-69)', async () => {
  thread = threadWith(`return fetch(root).then(() => true, (error) => { throw error; });`);
  expect(await judge().judgeChain(chain('http://127.0.0.1:1/'))).toEqual({
    accepted: false,
    why: 'Nothing is fetched for a certificate.',
  });
});

test('the installed library is found, and judges', async () => {
  thread = new PasskeyThread({ timer: realTimer });
  const root = newAuthority('Root');
  const between = newAuthority('Between', { by: root });
  expect(await judge().judgeChain({ certificates: [between.certificate], root: root.pem })).toEqual({ accepted: true });
  expect(
    await judge().judgeChain({ certificates: [between.certificate], root: newAuthority('Root').pem }),
  ).toMatchObject({ accepted: false });
});

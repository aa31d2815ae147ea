import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newAuthority } from '../../testing/authenticator/index.ts';
import type { ChainCall } from '../trust/trusted-chain.ts';
import { PasskeyThread } from './passkey-thread.ts';

let folder: string;
let thread: PasskeyThread;
const loaded = () => join(folder, 'loaded');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-passkeys-'));
  writeFileSync(
    join(folder, 'server.mjs'),
    'export const SettingsService = { getRootCertificates: () => [], setRootCertificates() {} };',
  );
});
afterEach(async () => {
  vi.useRealTimers();
  await thread.close();
  rmSync(folder, { recursive: true });
});

/** A library of ours, whose judgement of a chain is this code. */
const threadWith = (judge: string): PasskeyThread => {
  writeFileSync(
    join(folder, 'helpers.mjs'),
    `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(loaded())}, '');
export const validateCertificatePath = async ([first], [root]) => { ${judge} };`,
  );
  const server = pathToFileURL(join(folder, 'server.mjs')).href;
  return new PasskeyThread({ server, helpers: pathToFileURL(join(folder, 'helpers.mjs')).href });
};
const chain = (root = 'root', bytes = 1): ChainCall => ({ certificates: [new Uint8Array(bytes)], root });

test('nothing of the library is loaded before its first use', async () => {
  thread = threadWith('return true;');
  expect(existsSync(loaded())).toBe(false);
  expect(await thread.judgeChain(chain())).toEqual({ accepted: true });
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
  expect(await thread.judgeChain(chain('yes'))).toEqual({ accepted: true });
  expect(await thread.judgeChain(chain('no'))).toEqual({ accepted: false, why: 'not verified' });
  expect(await thread.judgeChain(chain('throws'))).toEqual({ accepted: false, why: `bad ${'x'.repeat(252)}` });
});

test('each verdict goes to whoever asked for it', async () => {
  thread = threadWith(`await new Promise((go) => setImmediate(go)); return root === 'yes';`);
  const verdicts = await Promise.all(['yes', 'no', 'yes'].map((root) => thread.judgeChain(chain(root))));
  expect(verdicts.map(({ accepted }) => accepted)).toEqual([true, false, true]);
});

test('where the library cannot be loaded, that is an error, and no verdict', async () => {
  thread = new PasskeyThread({ server: 'file:///nowhere/server.mjs', helpers: 'file:///nowhere/helpers.mjs' });
  await expect(thread.judgeChain(chain())).rejects.toThrow(/could not be loaded: .*nowhere/);
});

test('a thread that ends rejects whoever waits, and another one follows', async () => {
  thread = threadWith(`if (root === 'exit') process.exit(3); return true;`);
  await expect(thread.judgeChain(chain('exit'))).rejects.toThrow('The thread for passkeys ended.');
  expect(await thread.judgeChain(chain())).toEqual({ accepted: true });
});

test('a thread that is busy for good is ended, and another one follows', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  thread = threadWith(`if (root === 'busy') for (;;); return true;`);
  const waiting = thread.judgeChain(chain('busy')).catch(({ message }: Error) => message);
  vi.advanceTimersByTime(10_000);
  expect(await waiting).toBe('The thread for passkeys ended.');
  expect(await thread.judgeChain(chain())).toEqual({ accepted: true });
});

describe('more than may wait is refused', () => {
  test('by number, and there is room again afterwards', async () => {
    thread = threadWith(`await new Promise((go) => setTimeout(go, 20)); return true;`);
    const waiting = Array.from({ length: 256 }, () => thread.judgeChain(chain()));
    await expect(thread.judgeChain(chain())).rejects.toThrow('Too many answers of passkeys are waiting.');
    await Promise.all(waiting);
    expect(await thread.judgeChain(chain())).toEqual({ accepted: true });
  });

  test('by bytes', async () => {
    thread = threadWith('return true;');
    const waiting = Array.from({ length: 4 }, () => thread.judgeChain(chain('', 1_024 * 1_024)));
    await expect(thread.judgeChain(chain('x'))).rejects.toThrow('Too many answers of passkeys are waiting.');
    expect(await Promise.all(waiting)).toHaveLength(4);
  });
});

test('once it is closed nobody is asked, and whoever waits is told', async () => {
  thread = threadWith('for (;;);');
  const waiting = thread.judgeChain(chain()).catch(({ message }: Error) => message);
  await thread.close();
  expect(await waiting).toBe('The thread for passkeys ended.');
  await expect(thread.judgeChain(chain())).rejects.toThrow('The thread for passkeys is closed.');
});

test('in the thread nothing is fetched, whatever a certificate says (SEC-69)', async () => {
  thread = threadWith(`return fetch(root).then(() => true, (error) => { throw error; });`);
  expect(await thread.judgeChain(chain('http://127.0.0.1:1/'))).toEqual({
    accepted: false,
    why: 'Nothing is fetched for a certificate.',
  });
});

test('the installed library is found, and judges', async () => {
  thread = new PasskeyThread();
  const root = newAuthority('Root');
  const between = newAuthority('Between', { by: root });
  expect(await thread.judgeChain({ certificates: [between.certificate], root: root.pem })).toEqual({ accepted: true });
  expect(
    await thread.judgeChain({ certificates: [between.certificate], root: newAuthority('Root').pem }),
  ).toMatchObject({ accepted: false });
});

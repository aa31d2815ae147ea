import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const POOL = fileURLToPath(new URL('../bin/thread-pool.cjs', import.meta.url));

/** Has the pool work, and counts the threads of the process. */
const PROGRAM = `
  import { pbkdf2 } from 'node:crypto';
  import { readdirSync } from 'node:fs';
  await Promise.all(Array.from({ length: 4 }, () => new Promise((done) => pbkdf2('', '', 1, 1, 'sha1', done))));
  console.log(JSON.stringify({ size: process.env.UV_THREADPOOL_SIZE, threads: readdirSync('/proc/self/task').length }));
`;

const sizeUnder = (env: Readonly<Record<string, string>>) => {
  const args = ['--require', POOL, '--input-type=module', '--eval', PROGRAM];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' })) as {
    readonly size: string;
    readonly threads: number;
  };
};

test('OPS-30: the thread pool has a thread for each password that may be hashed at once, and some more', () => {
  const own = String(Math.max(4, availableParallelism() + 2));
  const some = sizeUnder({ ASSENT_HASH_CONCURRENCY: '12' });
  const given = sizeUnder({ ASSENT_HASH_CONCURRENCY: '12', UV_THREADPOOL_SIZE: '5' });
  expect([some.size, given.size, sizeUnder({ ASSENT_HASH_CONCURRENCY: 'many' }).size]).toEqual(['14', '5', own]);
  // The variable came before the pool.
  expect(some.threads - given.threads).toBe(9);
});

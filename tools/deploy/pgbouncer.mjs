import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { inScratch, makeCertificate } from './files.mjs';
import { findProgram, missingPrograms } from './programs.mjs';

/** PgBouncer does not run as root; `nobody` has this number everywhere. */
const NOBODY = 65_534;
const isRoot = () => process.getuid?.() === 0;

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
};

/** What Assent needs of a pooler (OPS-12). */
const rulesOf = (ini) => {
  const value = (name) => new RegExp(`^${name} = (.*)$`, 'm').exec(ini)?.[1];
  const problems = [];
  if (value('pool_mode') !== 'transaction')
    problems.push('pool_mode has to be transaction, as ASSENT_DATABASE_POOLER says');
  if (!(Number(value('max_prepared_statements')) > 0))
    problems.push('max_prepared_statements has to be more than 0, or statements are mixed up');
  return problems;
};

/** Starts it with these lines on a free port, and ends it as soon as it has taken them. */
const started = async (file, folder) => {
  const child = spawn(findProgram('pgbouncer'), [file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot() && { uid: NOBODY, gid: NOBODY }),
  });
  let said = '';
  const isUp = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
        if (said.includes('process up')) resolve();
      });
    }
  });
  const ended = once(child, 'exit');
  await Promise.race([isUp, ended]);
  child.kill('SIGQUIT');
  await ended;
  return said;
};

/** There is no way to have it look at a file alone, so it is started. */
export const checkPgBouncer = async (deploy) => {
  const ini = readFileSync(join(deploy, 'pgbouncer/pgbouncer.ini'), 'utf8');
  const problems = rulesOf(ini);
  const skipped = missingPrograms(['pgbouncer', 'openssl']);
  if (skipped === undefined) {
    await inScratch(async (scratch) => {
      const { certificate, key } = await makeCertificate(scratch);
      const file = join(scratch, 'pgbouncer.ini');
      const users = join(scratch, 'userlist.txt');
      writeFileSync(users, '"assent" "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"\n');
      const here = ini
        .replace(/^listen_addr = .*$/m, 'listen_addr = 127.0.0.1')
        .replace(/^listen_port = .*$/m, `listen_port = ${await freePort()}`)
        .replace('/etc/pgbouncer/userlist.txt', users)
        .replace('/etc/pgbouncer/tls/pgbouncer.pem', certificate)
        .replace('/etc/pgbouncer/tls/pgbouncer.key', key)
        .replace('/etc/pgbouncer/tls/authority.pem', certificate);
      writeFileSync(file, here);
      if (isRoot()) for (const path of [scratch, file, users, certificate, key]) chownSync(path, NOBODY, NOBODY);
      chmodSync(scratch, 0o700);
      const said = await started(file, scratch);
      const complaints = said.split('\n').filter((line) => /\b(ERROR|FATAL|WARNING)\b/.test(line));
      problems.push(...complaints.map((line) => line.replace(/^.*?\] /, '').replaceAll(`${scratch}/`, '')));
      if (complaints.length === 0 && !said.includes('process up')) problems.push(`it does not start: ${said}`);
    });
  }
  return { problems: problems.map((problem) => `pgbouncer.ini: ${problem}`), skipped };
};

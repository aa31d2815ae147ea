import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  isListening,
  ServerProcess,
  unprivilegedOwner,
  withoutRoot,
} from '@assent/test-servers';
import { DEPLOY } from './compose-file.ts';
import type { Topology } from './topology.ts';

/** Puts what an operator has in place of what stands in a file, each of which has to be there. */
const withPlaces = (text: string, places: readonly (readonly [string, string])[]): string =>
  places.reduce((result, [given, here]) => {
    if (!result.includes(given)) throw new Error(`There is no "${given}" in the file.`);
    return result.replaceAll(given, here);
  }, text);

/** nginx by `deploy/nginx/assent.conf` before the instances of a topology, and where it is spoken to. */
export const startNginx = async (
  topology: Topology,
): Promise<{ readonly server: ServerProcess; readonly am: string }> => {
  const folder = topology.scratch.folderFor('nginx');
  const [http, https] = [await freePort(), await freePort()];
  const tls = topology.compose.secretFile('tls');
  const conf = withPlaces(readFileSync(join(DEPLOY, 'nginx/assent.conf'), 'utf8'), [
    ['server 127.0.0.1:8080 ', `server 127.0.0.1:${topology.portOf('assent-1:8080')} `],
    ['# server 10.0.0.12:8080 ', `server 127.0.0.1:${topology.portOf('assent-2:8080')} `],
    ['listen 80;', `listen 127.0.0.1:${http};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl;', `listen 127.0.0.1:${https} ssl;`],
    ['listen [::]:443 ssl;', ''],
    ['login.example.com', 'localhost'],
    // One file has both.
    ['/etc/assent/tls/fullchain.pem', tls],
    ['/etc/assent/tls/privkey.pem', tls],
    ['/var/log/nginx/', `${folder}/`],
  ]);
  writeFileSync(join(folder, 'assent.conf'), conf);
  const around = `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp { include ${folder}/assent.conf; }\n`;
  writeFileSync(join(folder, 'nginx.conf'), around);
  const server = new ServerProcess({
    name: 'nginx',
    folder,
    command: [findProgram('nginx') ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]],
    isReady: () => isListening(https),
  });
  await server.start();
  return { server, am: `https://localhost:${https}/am` };
};

/** PgBouncer by `deploy/pgbouncer/pgbouncer.ini` before the database of a topology. `secret`: what PostgreSQL keeps of the role's password. */
export const startPgBouncer = async (
  topology: Topology,
  secret: string,
): Promise<{ readonly server: ServerProcess; readonly port: number }> => {
  const folder = topology.scratch.folderFor('pgbouncer');
  const port = await freePort();
  const files = {
    'userlist.txt': `"assent" "${secret}"\n`,
    'pgbouncer.pem': topology.secret('postgres-certificate'),
    'pgbouncer.key': topology.secret('postgres-key'),
    'authority.pem': topology.secret('internal-authority'),
    'pgbouncer.ini': withPlaces(readFileSync(join(DEPLOY, 'pgbouncer/pgbouncer.ini'), 'utf8'), [
      ['host=postgres port=5432', `host=127.0.0.1 port=${topology.portOf('postgres:5432')}`],
      ['listen_addr = *', 'listen_addr = 127.0.0.1'],
      ['listen_port = 6432', `listen_port = ${port}`],
      ['/etc/pgbouncer/tls/', `${folder}/`],
      ['/etc/pgbouncer/', `${folder}/`],
    ]),
  };
  const owner = unprivilegedOwner();
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    if (owner !== undefined) chownSync(file, owner.uid, owner.gid);
  }
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const server = new ServerProcess({
    name: 'PgBouncer',
    folder,
    command: withoutRoot(findProgram('pgbouncer') ?? 'pgbouncer', [join(folder, 'pgbouncer.ini')]),
    isReady: () => isListening(port),
    stopSignal: 'SIGQUIT',
  });
  await server.start();
  return { server, port };
};

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type Finding, ok, problem, warning } from './check.ts';

/** The floor of design.md §3 decision 15. */
const MIN_NODE = [20, 19] as const;
/** Less than this, and a busy day fills the disk. */
const MIN_FREE_BYTES = 500 * 1024 * 1024;
/** Two clocks that differ by more break sign-ins: phones sign the time (design.md §3.3 "iat"). */
const MAX_DRIFT_MILLIS = 60_000;

export const checkNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isEnough
    ? ok('node', `Node ${version}.`)
    : problem('node', `Node ${version} is too old.`, `install Node ${MIN_NODE.join('.')} or newer`);
};

/** Whether the data directory, or the one that it will be made in, can be written to, and has room. */
export const checkDataDir = (
  dataDir: string,
  freeSpace: (directory: string) => { readonly bavail: number; readonly bsize: number } = statfsSync,
): Finding => {
  let directory = dataDir;
  while (!existsSync(directory) && dirname(directory) !== directory) directory = dirname(directory);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch {
    return problem(
      'data directory',
      `${directory} cannot be written to.`,
      'another --data-dir, or the right to write there',
    );
  }
  if (!statSync(directory).isDirectory())
    return problem('data directory', `${directory} is no directory.`, 'another --data-dir');
  const { bavail, bsize } = freeSpace(directory);
  const free = bavail * bsize;
  if (free < MIN_FREE_BYTES)
    return warning('data directory', `Only ${sizeText(free)} are left for ${dataDir}.`, 'make room');
  const state = directory === dataDir ? 'can be written to' : 'will be made at the first start';
  return ok('data directory', `${dataDir} ${state}; ${sizeText(free)} are free.`);
};

/** The master key opens the database, so that nobody else may read it (SEC-77). */
export const checkMasterKey = (dataDir: string): readonly Finding[] => {
  const file = join(dataDir, 'master.key');
  if (!existsSync(file)) return [];
  return (statSync(file).mode & 0o077) === 0
    ? [ok('master key', `${file} is readable for its owner only.`)]
    : [problem('master key', `${file} can be read by others.`, `chmod 600 '${file}'`)];
};

const databaseFiles = (dataDir: string): readonly string[] =>
  ['assent.db', 'assent.db-wal', 'assent.db-shm'].map((name) => join(dataDir, name)).filter((file) => existsSync(file));

export const databaseSize = (dataDir: string): string =>
  sizeText(databaseFiles(dataDir).reduce((sum, file) => sum + statSync(file).size, 0));

/** A clock that stands before the last write has been set back; then nothing expires when it should. */
export const checkClock = (dataDir: string, now: number): Finding => {
  const lastWrite = Math.max(0, ...databaseFiles(dataDir).map((file) => statSync(file).mtimeMs));
  if (lastWrite - now > MAX_DRIFT_MILLIS) {
    return problem(
      'clock',
      `The clock says ${new Date(now).toISOString()}, but the database was written at ${new Date(lastWrite).toISOString()}.`,
      'set the clock, and let NTP keep it',
    );
  }
  return ok('clock', `The clock says ${new Date(now).toISOString()}.`);
};

const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
  });

/** An address that means every address is reached through loopback. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);

/** Whether the port is free, or an Assent that is well answers there. */
export const checkPort = async (
  { host, port, contextPath }: { readonly host: string; readonly port: number; readonly contextPath: string },
  { fetch, now }: { readonly fetch: typeof globalThis.fetch; now(): number },
): Promise<Finding> => {
  const name = 'port';
  const address = reachable(host);
  if (port === 0) return ok(name, 'The system will choose a port.');
  if (!(await isListening(address, port))) return ok(name, `Port ${port} on ${host} is free.`);
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}${contextPath}/health/ready`;
  const stranger = problem(
    name,
    `Port ${port} on ${host} is in use, and what answers there is not this server.`,
    `assent serve --port ${port + 1}, or stop what uses the port`,
  );
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5_000) });
    const { status } = (await response.json()) as { readonly status?: unknown };
    if (status !== 'ready')
      return status === undefined ? stranger : problem(name, `Assent runs at ${url}, and says: ${status}.`);
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Math.abs(date - now()) > MAX_DRIFT_MILLIS) {
      return problem(name, `Assent runs at ${url}, but its clock differs from ours.`, 'restart it, or set the clock');
    }
    return ok(name, `Assent is ready on port ${port}.`);
  } catch {
    return stranger;
  }
};

const sizeText = (bytes: number): string => {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
};

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders of servers that the PATH of a user often lacks. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** Programs that look at a file of ours, and the package of Debian that brings each. */
const PACKAGES = {
  haproxy: 'haproxy',
  nginx: 'nginx',
  pgbouncer: 'pgbouncer',
  kubectl: 'kubectl',
  'systemd-analyze': 'systemd',
  openssl: 'openssl',
  promtool: 'promtool',
};

const isProgram = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program is; undefined where it is not installed. */
export const findProgram = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS]
    .map((folder) => join(folder, name))
    .find((file) => isProgram(file));

/** Why a check that needs these programs cannot run here; undefined where it can. */
export const missingPrograms = (names) => {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return undefined;
  return missing.map((name) => `there is no ${name} (Debian: ${PACKAGES[name]})`).join(', ');
};

/**
 * Runs a program to its end, and hands over what it said on both outputs together. Not to end within 80 seconds is to fail.
 *
 * @returns {Promise<{ readonly isWell: boolean, readonly said: string }>}
 */
export const runProgram = (name, args, { env = {}, ...options } = {}) =>
  new Promise((resolve) => {
    execFile(
      findProgram(name) ?? name,
      args,
      { timeout: 80_000, maxBuffer: 16_000_000, env: { ...process.env, ...env }, ...options },
      (error, stdout, stderr) => resolve({ isWell: error === null, said: `${stdout}${stderr}`, stdout }),
    );
  });

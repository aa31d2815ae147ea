// Stands in for systemctl and systemd-run on a machine without systemd: it does with what a unit says, or a command line, the little that
// decides what a server of ours is given. Paths of the machine are looked for below ROOT.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const { ROOT = '', ASSENT = '', PATH = '' } = process.env;
const below = (path) => join(ROOT, path);

/** @param {readonly (readonly [string, string])[]} properties as they stand in a unit */
const environmentOf = (properties) => {
  const values = (name) => properties.filter(([it]) => it === name).map(([, value]) => value);
  const credentials = Object.fromEntries(values('LoadCredential').map((value) => value.split(':')));
  const lines = values('EnvironmentFile').flatMap((file) => readFileSync(below(file), 'utf8').split('\n'));
  const variables = [
    ...lines.filter((line) => /^\w+=/.test(line)),
    ...values('Environment').flatMap((it) => it.split(' ')),
  ];
  return Object.fromEntries([
    ['PATH', PATH],
    ...variables.map((line) => {
      const [name, value] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)];
      const [, credential] = /^%d\/(.+)$/.exec(value) ?? [];
      const isOfMachine = value.startsWith('/');
      return [
        name,
        credential === undefined ? (isOfMachine ? below(value) : value) : below(credentials[credential] ?? credential),
      ];
    }),
  ]);
};

const unit = () =>
  readFileSync(below('/etc/systemd/system/assent.service'), 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

const pidFile = below('/pid');
const pid = () => Number(readFileSync(pidFile, 'utf8'));

const start = () => {
  const properties = unit();
  const [, command = ''] = properties.find(([name]) => name === 'ExecStart') ?? [];
  const log = openSync(below('/log'), 'a');
  const child = spawn(process.execPath, [ASSENT, ...command.split(' ').slice(1)], {
    cwd: below('/var/lib/assent'),
    env: environmentOf(properties),
    stdio: ['ignore', log, log],
    detached: true,
  });
  writeFileSync(pidFile, String(child.pid));
  child.unref();
};

const stop = async () => {
  process.kill(pid(), 'SIGTERM');
  while (existsSync(`/proc/${pid()}/cwd`)) await new Promise((resolve) => setTimeout(resolve, 50));
};

const systemctl = async ([verb, ...names]) => {
  if (!names.includes('assent')) return;
  if (verb === 'enable') start();
  if (verb === 'reload') process.kill(pid(), 'SIGHUP');
  if (verb === 'stop' || verb === 'restart') await stop();
  if (verb === 'restart') start();
};

const systemdRun = (words) => {
  const at = words.findIndex((word) => !word.startsWith('--'));
  const properties = words
    .slice(0, at)
    .filter((word) => word.startsWith('--property='))
    .map((word) => word.slice('--property='.length))
    .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  const [program = '', ...args] = words.slice(at);
  if (basename(program) !== 'assent') throw new Error(`${program} is not ours`);
  const here = args.map((word) => (word.startsWith('/') ? below(word) : word));
  const env = environmentOf(properties);
  process.exitCode = spawnSync(process.execPath, [ASSENT, ...here], { env, stdio: 'inherit' }).status ?? 1;
};

const [as, ...words] = process.argv.slice(2);
if (as === 'systemctl') await systemctl(words);
else systemdRun(words);

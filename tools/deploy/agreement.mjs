import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings, SETTINGS, SettingsRefused } from '@assent/server';
import { readVariables, readYaml } from './files.mjs';
import { documentsOf } from './kubernetes.mjs';

// What files say of each other, and of the server: settings, ports, and addresses of health.

/** Stand for what is in files that are on no machine but that of an operator. */
const STAND_INS = {
  ASSENT_MASTER_KEY: Buffer.alloc(32).toString('base64'),
  ASSENT_ADMIN_PASSWORD: 'stands for another',
};

/** As the server would have them, were the files there. */
const withoutFiles = (variables) => {
  const env = { ...variables };
  for (const { env: name, isSecret } of Object.values(SETTINGS)) {
    if (isSecret !== true || env[`${name}_FILE`] === undefined) continue;
    delete env[`${name}_FILE`];
    env[name] = STAND_INS[name];
  }
  if (env.ASSENT_DATABASE_URL !== undefined)
    env.ASSENT_DATABASE_URL = env.ASSENT_DATABASE_URL.replace(/&sslrootcert=[^&]*/, '');
  return env;
};

/** The settings that the server reads from these variables, or what it says against them. */
const settingsFrom = async (variables) => {
  try {
    const { settings } = await loadSettings({ env: withoutFiles(variables) });
    return { settings, problems: [] };
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
    return { settings: undefined, problems: error.problems };
  }
};

/** As Compose fills in a `${NAME:?…}` by the example. */
const filledIn = (environment, example) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(/\$\{(\w+)[^}]*\}/g, (_all, variable) => example[variable] ?? ''),
    ]),
  );

const composeDeployments = (deploy) => {
  const folder = join(deploy, 'compose');
  const example = readVariables(readFileSync(join(folder, 'example.env'), 'utf8'));
  const [{ services }] = readYaml(join(folder, 'compose.yaml'));
  return Object.entries(services)
    .filter(([, { environment = {} }]) => Object.keys(environment).some((name) => name.startsWith('ASSENT_')))
    .map(([name, { environment }]) => ({
      what: `compose.yaml: ${name}`,
      variables: filledIn(environment, example),
    }));
};

/** `Environment=` of a unit, where systemd puts the folder of credentials in place of `%d`. */
const variablesOfUnit = (text) =>
  readVariables([...text.matchAll(/^Environment=(.*)$/gm)].map(([, words]) => words.replaceAll(' ', '\n')).join('\n'));

const systemdDeployments = (deploy) => {
  const folder = join(deploy, 'systemd');
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  const settings = readVariables(read('assent.env'));
  const unit = variablesOfUnit(read('assent.service'));
  const dropIns = readdirSync(join(folder, 'assent.service.d'));
  return [
    { what: 'assent.env', variables: { ...settings, ...unit } },
    ...dropIns.map((name) => {
      const text = read(`assent.service.d/${name}`);
      const advised = readVariables([...text.matchAll(/^# +(ASSENT_\w+=.*)$/gm)].map(([, line]) => line).join('\n'));
      return { what: name, variables: { ...settings, ...advised, ...unit, ...variablesOfUnit(text) } };
    }),
  ];
};

const literalsOf = (folder) => {
  const [{ configMapGenerator = [] }] = readYaml(join(folder, 'kustomization.yaml'));
  return configMapGenerator.flatMap(({ literals = [], envs = [] }) => [
    ...literals,
    ...envs.map((name) => readFileSync(join(folder, name), 'utf8')),
  ]);
};

const kubernetesDeployment = (deploy) => {
  const lines = ['base', 'overlays/example'].flatMap((folder) => literalsOf(join(deploy, 'kubernetes', folder)));
  return { what: 'kubernetes/base/settings.env with the overlay', variables: readVariables(lines.join('\n')) };
};

const numberIn = (text, pattern) => Number(pattern.exec(text)?.[1]);

/** That ports which two files name are the same, each as `[who says so, the port, who listens, its port]`. */
const portProblems = (pairs) =>
  pairs
    .filter(([, said, , listens]) => said !== listens)
    .map(([who, said, listener, listens]) => `${who} says port ${said}, and ${listener} listens on ${listens}`);

const composePorts = (deploy, { services }, settings) => {
  const backend = readFileSync(join(deploy, 'haproxy/backend.cfg'), 'utf8');
  const frontend = readFileSync(join(deploy, 'haproxy/frontend.cfg'), 'utf8');
  const bound = (name) => numberIn(frontend, new RegExp(`\\{ASSENT_${name}_BIND-:(\\d+)\\}`));
  const published = (services.haproxy.ports ?? []).map((it) => it.split(':').map(Number));
  const health = numberIn(JSON.stringify(services.haproxy.healthcheck.test), /127\.0\.0\.1:(\d+)/);
  return portProblems([
    ...[...backend.matchAll(/^ {2}server \w+ "\$\{\w+-([\w-]+):(\d+)\}"/gm)].map(([, host, port]) => [
      `haproxy/backend.cfg for ${host}`,
      services[host] === undefined ? undefined : Number(port),
      'that service of compose.yaml',
      settings.port,
    ]),
    ['compose.yaml for http', published[0]?.[1], 'haproxy/frontend.cfg', bound('HTTP')],
    ['compose.yaml for https', published[1]?.[1], 'haproxy/frontend.cfg', bound('HTTPS')],
    ['the healthcheck of haproxy in compose.yaml', health, 'haproxy/frontend.cfg', bound('STATUS')],
  ]);
};

/** What the management port answers, as it is written where it is answered. */
const managementPaths = () => {
  const source = new URL('../../packages/server/src/routes/server/management-server.ts', import.meta.url);
  return [...readFileSync(source, 'utf8').matchAll(/case '(\/[\w/]+)':/g)].map(([, path]) => path);
};

const kubernetesProblems = (deploy, settings) => {
  const documents = documentsOf(join(deploy, 'kubernetes/base')).map(({ document }) => document);
  const [container] = documents.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers;
  const port = (name) => container.ports.find((it) => it.name === name)?.containerPort;
  const known = managementPaths();
  const grace = documents.find(({ kind }) => kind === 'Deployment').spec.template.spec.terminationGracePeriodSeconds;
  const needed = settings.drainSeconds + STOP_SECONDS;
  return [
    ...portProblems([
      ['deployment.yaml for http', port('http'), 'settings.env', settings.port],
      ['deployment.yaml for management', port('management'), 'settings.env', settings.managementPort],
    ]),
    ...['startupProbe', 'livenessProbe', 'readinessProbe']
      .map((name) => [name, container[name]?.httpGet])
      .filter(([, probe]) => probe !== undefined && !known.includes(probe.path))
      .map(
        ([name, { path }]) =>
          `deployment.yaml: ${name} asks ${path}, and the management port knows ${known.join(', ')}`,
      ),
    ...(grace > needed ? [] : [`deployment.yaml: a pod is killed after ${grace} s, and may take ${needed} to end`]),
  ];
};

/** How long the server takes to end at most, once it no longer answers (REL-21). */
const STOP_SECONDS = 10;

const nginxProblems = (deploy, settings) => {
  const nginx = readFileSync(join(deploy, 'nginx/assent.conf'), 'utf8');
  const port = numberIn(nginx, /^ {2}server 127\.0\.0\.1:(\d+)/m);
  return portProblems([['nginx/assent.conf', port, 'assent.env', settings.port]]);
};

/** Whether the server takes the settings of each deployment, and whether files that name the same thing name it alike. */
export const checkAgreement = async (deploy) => {
  const problems = [];
  const settled = async ({ what, variables }) => {
    const { settings, problems: found } = await settingsFrom(variables);
    problems.push(...found.map((problem) => `${what}: ${problem}`));
    return settings;
  };
  const compose = await Promise.all(composeDeployments(deploy).map(settled));
  const systemd = await Promise.all(systemdDeployments(deploy).map(settled));
  const kubernetes = await settled(kubernetesDeployment(deploy));
  const [services] = readYaml(join(deploy, 'compose/compose.yaml'));
  if (compose[0] !== undefined) problems.push(...composePorts(deploy, services, compose[0]));
  if (systemd[0] !== undefined) problems.push(...nginxProblems(deploy, systemd[0]));
  if (kubernetes !== undefined) problems.push(...kubernetesProblems(deploy, kubernetes));
  return { problems };
};

import { existsSync, readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { basename, join } from 'node:path';
import { readVariables, readYaml } from './files.mjs';

/** Put in by somebody else: the certificate that browsers see. */
const BROUGHT = new Set(['tls.pem']);

/** Rules of the linter that say how a file looks, and one that we break: HAProxy is for everybody. */
const NOT_OURS = {
  'no-unbound-port-interfaces': 0,
  'require-quotes-in-ports': 0,
  'service-keys-order': 0,
  'services-alphabetical-order': 0,
  'service-dependencies-alphabetical-order': 0,
  'service-ports-alphabetical-order': 0,
  'top-level-properties-order': 0,
  'no-version-field': 0,
  'require-project-name-field': 0,
};

/** The linter says of an unknown member where it is, and not which it is. */
const withMembers = (message, compose) => {
  const [, path] = /instancePath="([^"]*)".*additional properties/.exec(message) ?? [];
  if (path === undefined) return message;
  const at = path
    .split('/')
    .slice(1)
    .reduce((value, name) => value?.[name], compose);
  return `${path.slice(1)} has a member that Compose does not know; it has ${Object.keys(at ?? {}).join(', ')}`;
};

const lintProblems = async (file, compose) => {
  // Many modules, which only this check needs.
  const { DCLinter } = await import('dclint');
  const linter = new DCLinter({ rules: NOT_OURS, quiet: true, debug: false, exclude: [] });
  return linter
    .lintFiles([file], false)
    .flatMap(({ messages }) => messages)
    .map(({ line, message }) => `line ${line}: ${withMembers(message, compose)}`);
};

/** A job, which ends by itself. */
const isOneOff = (service) => service.restart === 'on-failure';

/** Whether a name says that its value is a secret, and not a file with one. */
const isSecretName = (name) => /(PASSWORD|SECRET|TOKEN|_KEY)$/.test(name);

const hardeningProblems = (service) => {
  const problems = [];
  const { image = '', read_only, cap_drop = [], security_opt = [], restart, healthcheck } = service;
  if (!image.startsWith('${') && (!/:[^/]+$/.test(image) || image.endsWith(':latest')))
    problems.push(`the image ${image} has no version`);
  if (read_only !== true) problems.push('has to be read_only');
  if (!cap_drop.includes('ALL')) problems.push('has to drop ALL capabilities');
  if (!security_opt.includes('no-new-privileges:true')) problems.push('needs no-new-privileges:true');
  if (restart === undefined) problems.push('does not say when it is started anew');
  if (healthcheck === undefined && !isOneOff(service)) problems.push('has no healthcheck');
  return problems;
};

const secretProblems = (service, declared) => {
  const mounted = new Set(service.secrets ?? []);
  const text = JSON.stringify([service.command, service.environment, service.healthcheck]);
  const named = [...text.matchAll(/\/run\/secrets\/([\w.-]+)/g)].map(([, name]) => name);
  return [
    ...Object.keys(service.environment ?? {})
      .filter(isSecretName)
      .map((name) => `${name} puts a secret into the environment: give ${name}_FILE`),
    ...[...mounted].filter((name) => declared[name] === undefined).map((name) => `the secret ${name} is not declared`),
    ...[...new Set(named)].filter((name) => !mounted.has(name)).map((name) => `/run/secrets/${name} is not mounted`),
  ];
};

const dependencyProblems = ({ depends_on = [] }, services) =>
  (Array.isArray(depends_on) ? depends_on.map((name) => [name, {}]) : Object.entries(depends_on)).flatMap(
    ([name, { condition }]) => {
      const other = services[name];
      if (other === undefined) return [`depends on ${name}, which is no service`];
      if (condition === 'service_healthy' && other.healthcheck === undefined) return [`${name} never gets healthy`];
      return [];
    },
  );

/** Browsers and phones come in by the proxy alone, and what stores things is where nobody else is. */
const networkProblems = (services, networks) =>
  Object.entries(services).flatMap(([name, service]) => {
    const joined = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {});
    const isInside = joined.every((network) => networks[network]?.internal === true);
    const isPublished = (service.ports ?? []).length > 0;
    if (isPublished && name !== 'haproxy')
      return [`${name}: publishes ${service.ports.join(', ')}, and HAProxy alone may`];
    return ['postgres', 'valkey'].includes(name) && !isInside ? [`${name}: is in a network that others reach`] : [];
  });

/** Whether HAProxy has the address that instances believe. */
const trustProblems = (services) => {
  const address = services.haproxy?.networks?.edge?.ipv4_address;
  return Object.entries(services)
    .filter(([, { environment = {} }]) => environment.ASSENT_TRUSTED_PROXIES !== undefined)
    .filter(([, { environment }]) => environment.ASSENT_TRUSTED_PROXIES !== address)
    .map(
      ([name, { environment }]) => `${name}: believes ${environment.ASSENT_TRUSTED_PROXIES}, and HAProxy is ${address}`,
    );
};

const isAddressIn = (address, range) => {
  const list = new BlockList();
  const [network, bits] = range.split('/');
  list.addSubnet(network, Number(bits));
  return list.check(address);
};

/** Whether nobody else gets the address that instances believe: an engine gives any that is free, of the whole subnet where no range is named. */
const rangeProblems = ({ services, networks }) => {
  const address = services.haproxy?.networks?.edge?.ipv4_address;
  return (networks.edge?.ipam?.config ?? [])
    .filter(({ subnet, ip_range = subnet }) => address !== undefined && isAddressIn(address, ip_range))
    .map(() => `the network edge: may give ${address}, which instances believe, to somebody else than HAProxy`);
};

const fileProblems = (folder, { secrets, configs, services }) => {
  const maker = readFileSync(join(folder, 'make-secrets'), 'utf8');
  const used = new Set(Object.values(services).flatMap((it) => it.secrets ?? []));
  const isMade = (file) => BROUGHT.has(basename(file)) || maker.includes(basename(file));
  return [
    ...Object.entries(configs)
      .filter(([, { file }]) => !existsSync(join(folder, file)))
      .map(([name, { file }]) => `the config ${name} is ${file}, which is not there`),
    ...Object.entries(secrets)
      .filter(([, { file }]) => !isMade(file))
      .map(([name, { file }]) => `the secret ${name} is ${file}, which make-secrets does not make`),
    ...Object.keys(secrets)
      .filter((name) => !used.has(name))
      .map((name) => `the secret ${name} is used by no service`),
  ];
};

/** Variables that Compose asks for have to stand in the example. */
const exampleProblems = (folder, text) => {
  const example = readVariables(readFileSync(join(folder, 'example.env'), 'utf8'));
  const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  return [
    ...[...asked].filter((name) => example[name] === undefined).map((name) => `example.env does not say ${name}`),
    ...Object.keys(example)
      .filter((name) => !asked.has(name))
      .map((name) => `example.env says ${name}, and nobody asks for it`),
  ];
};

export const checkCompose = async (deploy) => {
  const folder = join(deploy, 'compose');
  const file = join(folder, 'compose.yaml');
  const problems = [];
  const [compose] = readYaml(file);
  for (const [name, service] of Object.entries(compose.services)) {
    const found = [
      ...hardeningProblems(service),
      ...secretProblems(service, compose.secrets),
      ...dependencyProblems(service, compose.services),
    ];
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  problems.push(
    ...networkProblems(compose.services, compose.networks),
    ...trustProblems(compose.services),
    ...rangeProblems(compose),
    ...fileProblems(folder, compose),
    ...exampleProblems(folder, readFileSync(file, 'utf8')),
  );
  // It takes the most time, so it is asked what our own rules leave.
  if (problems.length === 0) problems.push(...(await lintProblems(file, compose)));
  return { problems: problems.map((problem) => `compose.yaml: ${problem}`) };
};

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readYaml } from './files.mjs';
import { unknownMembers } from './known-members.mjs';
import { missingPrograms, runProgram } from './programs.mjs';

const KUSTOMIZATION = 'kustomization.yaml';
const FOLDERS = ['base', 'overlays/example'];

/** One group of its modules has more than a hundred, so that each is loaded when it is asked for. */
const require = createRequire(import.meta.url);

/** The generated class of a kind, by its group and version; undefined where there is none. */
const classOf = ({ apiVersion, kind }) => {
  try {
    return require(`kubernetes-models/${apiVersion}`)[kind];
  } catch (error) {
    if (error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
};

/** What is wrong with a document by the schemas of Kubernetes. A patch says a part of something, so that nothing is missing in it. */
const schemaProblems = (document, { isPatch }) => {
  const Kind = classOf(document);
  if (Kind === undefined) return [`there is no ${document.kind} in ${document.apiVersion}`];
  const problems = [];
  const unknown = unknownMembers(new Kind(document), (recorded) => {
    try {
      recorded.validate();
    } catch (error) {
      const wrong = error.errors ?? [{ instancePath: '', message: error.message }];
      const counted = wrong.filter(({ keyword }) => !isPatch || keyword !== 'required');
      problems.push(...counted.map(({ instancePath, message }) => `${instancePath.slice(1)} ${message}`));
    }
  });
  return [...problems, ...unknown.map((path) => `${path.replaceAll('/', '.')} is no member of ${document.kind}`)];
};

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];

const containerProblems = (container, { isServer }) => {
  const { securityContext = {}, resources = {}, ports = [] } = container;
  const problems = [];
  if (securityContext.readOnlyRootFilesystem !== true) problems.push('needs readOnlyRootFilesystem: true');
  if (securityContext.allowPrivilegeEscalation !== false) problems.push('needs allowPrivilegeEscalation: false');
  if (!securityContext.capabilities?.drop?.includes('ALL')) problems.push('has to drop ALL capabilities');
  if (resources.limits?.memory === undefined) problems.push('needs a limit of memory');
  if (resources.requests?.cpu === undefined) problems.push('has to request cpu, by which it is scaled and placed');
  if (!isServer) return problems;
  for (const name of PROBES) {
    const probe = container[name]?.httpGet;
    if (probe === undefined) problems.push(`has no ${name}`);
    else if (!ports.some((port) => port.name === probe.port))
      problems.push(`${name} asks the port ${probe.port}, which is none of its ports`);
  }
  return problems;
};

const podProblems = ({ spec }, { isServer }) => {
  const problems = [];
  if (spec.automountServiceAccountToken !== false) problems.push('has to do without a token of Kubernetes');
  if (spec.securityContext?.runAsNonRoot !== true) problems.push('needs runAsNonRoot: true');
  if (spec.securityContext?.seccompProfile === undefined) problems.push('needs a seccompProfile');
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  for (const container of spec.containers) {
    problems.push(...containerProblems(container, { isServer }).map((it) => `container ${container.name} ${it}`));
    for (const { name } of container.volumeMounts ?? [])
      if (!volumes.has(name)) problems.push(`container ${container.name} mounts ${name}, which is no volume`);
  }
  return problems;
};

const includes = (labels, wanted) => Object.entries(wanted ?? {}).every(([name, value]) => labels[name] === value);

/** What one document says of another: selectors, and names. */
const referenceProblems = (document, { labels, ports, name }) => {
  const selected = (selector) =>
    includes(labels, selector) ? [] : [`its selector finds no pod of the deployment ${name}`];
  switch (document.kind) {
    case 'Service':
      return [
        ...selected(document.spec.selector),
        ...document.spec.ports
          .filter(({ targetPort }) => !ports.includes(targetPort))
          .map(({ targetPort }) => `the deployment has no port ${targetPort}`),
      ];
    case 'PodDisruptionBudget':
      return selected(document.spec.selector.matchLabels);
    case 'NetworkPolicy':
      return selected(document.spec.podSelector.matchLabels);
    case 'HorizontalPodAutoscaler':
      return document.spec.scaleTargetRef.name === name
        ? []
        : [`${document.spec.scaleTargetRef.name} is no deployment`];
    case 'Secret':
      return ['a secret belongs in no file here'];
    default:
      return [];
  }
};

/** Whether a folder lists each of its files and has each that it lists, and says which version of an image it means. */
const listingProblems = (folder) => {
  const [{ resources = [], patches = [], images = [] }] = readYaml(join(folder, KUSTOMIZATION));
  const listed = [...resources, ...patches.map(({ path }) => path)].filter((path) => path.endsWith('.yaml'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== KUSTOMIZATION);
  return [
    ...listed.filter((name) => !files.includes(name)).map((name) => `${KUSTOMIZATION}: ${name} is not there`),
    ...files.filter((name) => !listed.includes(name)).map((name) => `${KUSTOMIZATION}: ${name} is not listed`),
    ...images
      .filter(({ newTag, digest }) => digest === undefined && (newTag === undefined || newTag === 'latest'))
      .map(({ name }) => `${KUSTOMIZATION}: the image ${name} has no version`),
  ];
};

/** The documents of a folder, each with its file, and whether it is a patch of another. */
export const documentsOf = (folder) => {
  const [{ patches = [] }] = readYaml(join(folder, KUSTOMIZATION));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== KUSTOMIZATION)
    .flatMap((file) =>
      readYaml(join(folder, file)).map((document) => ({
        file,
        document,
        isPatch: patches.some(({ path }) => path === file),
      })),
    );
};

/** As kustomize puts it together: an image has its version by then. */
const renderedProblems = async (folder) => {
  const { isWell, said } = await runProgram('kubectl', ['kustomize', folder]);
  if (!isWell) return [`kustomize: ${said.trim()}`];
  const documents = parseAllDocuments(said).map((it) => it.toJS());
  const images = documents.flatMap((it) => (it.spec?.template?.spec?.containers ?? []).map(({ image }) => image));
  const problems = images.filter((image) => !/:[^/]+$/.test(image) || image.endsWith(':latest'));
  const schema = documents.flatMap((document) => schemaProblems(document, { isPatch: false }));
  return [...problems.map((image) => `the image ${image} has no version`), ...schema].map(
    (problem) => `as rendered: ${problem}`,
  );
};

export const checkKubernetes = async (deploy) => {
  const problems = [];
  const say = (folder, file, found) => {
    problems.push(...found.map((problem) => `${folder}/${file}: ${problem}`));
  };
  const all = FOLDERS.flatMap((folder) =>
    documentsOf(join(deploy, 'kubernetes', folder)).map((it) => ({ ...it, folder })),
  );
  const deployment = all.find(({ document, isPatch }) => document.kind === 'Deployment' && !isPatch)?.document;
  if (deployment === undefined) return { problems: ['base: there is no deployment'] };
  const pod = deployment.spec.template;
  const target = {
    name: deployment.metadata.name,
    labels: pod.metadata.labels,
    ports: pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name)),
  };
  for (const folder of FOLDERS)
    problems.push(...listingProblems(join(deploy, 'kubernetes', folder)).map((it) => `${folder}/${it}`));
  for (const { folder, file, document, isPatch } of all) {
    say(folder, file, schemaProblems(document, { isPatch }));
    if (isPatch) continue;
    say(folder, file, referenceProblems(document, target));
    if (document.spec?.template !== undefined)
      say(folder, file, podProblems(document.spec.template, { isServer: document.kind === 'Deployment' }));
  }
  const skipped = missingPrograms(['kubectl']);
  // What is wrong in a file is wrong in what is made of it, and said there with its name.
  if (skipped === undefined && problems.length === 0) {
    const overlay = 'overlays/example';
    say(overlay, KUSTOMIZATION, await renderedProblems(join(deploy, 'kubernetes', overlay)));
  }
  return { problems, skipped };
};

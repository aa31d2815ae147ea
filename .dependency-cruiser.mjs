import { fileURLToPath } from 'node:url';
import { arrowRules } from './tools/checks/rooms.mjs';

/** Which package may know which. A new arrow is a decision: change `allowed` only with an ADR. */
export const allowed = {
  engine: [],
  wire: ['engine'],
  push: ['engine'],
  factors: ['engine', 'push'],
  nodes: ['engine', 'push', 'factors'],
  oidc: ['engine'],
  store: ['engine', 'push', 'factors', 'oidc'],
  scripting: ['engine', 'nodes'],
  ldap: ['engine'],
  server: ['engine', 'wire', 'push', 'factors', 'nodes', 'oidc', 'store', 'scripting', 'ldap'],
  cli: ['engine', 'nodes', 'server', 'store', 'wire', 'push', 'factors'],
  web: ['wire', 'push'],
  'test-servers': [],
};

/** For tests of any package: a rule of its own says who may import it. */
const FOR_TESTS = ['test-servers'];

/** Tests of those who declare what is read and written run over the store that does it (docs/adr/0142). */
const OVER_STORE = {
  push: ['src/testing/stored/', String.raw`src/.*\.test\.ts$`],
  factors: ['src/testing/stored/', String.raw`src/.*\.test\.ts$`],
  oidc: ['src/testing/', String.raw`src/.*\.test\.ts$`],
};
const packages = Object.keys(allowed);
const root = fileURLToPath(new URL('.', import.meta.url));

const othersThan = (known) => `^packages/(${packages.filter((other) => !known.includes(other)).join('|')})/`;
const pathsOverStore = (name) => (OVER_STORE[name] ?? []).map((path) => `^packages/${name}/${path}`);

const arrows = packages.map((name) => ({
  name: `${name}-knows-only-${allowed[name].join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src`, pathNot: pathsOverStore(name) },
  to: { path: othersThan([name, ...allowed[name], ...FOR_TESTS]) },
}));
const arrowsToStore = Object.keys(OVER_STORE).map((name) => ({
  name: `tests-of-${name}-know-the-store-beside`,
  severity: 'error',
  from: { path: pathsOverStore(name) },
  to: { path: othersThan([name, ...allowed[name], ...FOR_TESTS, 'store']) },
}));

export default {
  packages,
  forbidden: [
    ...arrows,
    ...arrowsToStore,
    ...arrowRules(root, packages),
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'engine-is-pure',
      severity: 'error',
      from: { path: '^packages/engine/src', pathNot: '\\.test\\.ts$|/testing/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-has-no-node',
      severity: 'error',
      from: {
        path: '^packages/web/src|^packages/wire/src|^packages/push/src/protocol|^packages/factors/src/passkeys/ceremony',
        pathNot: '\\.test\\.tsx?$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-sees-only-the-push-protocol',
      severity: 'error',
      from: { path: '^packages/web/src' },
      to: { path: '^packages/push/src/(?!protocol)' },
    },
    {
      name: 'no-deep-imports',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src' },
      to: {
        path: '^packages/([^/]+)/src/',
        pathNot: [
          '^packages/$1/',
          '/src/index\\.ts$',
          '/src/host\\.ts$',
          '/src/on-postgres\\.ts$',
          '/src/(testing|testing/providers|testing/stored|testing/watched|protocol|jose)/index\\.ts$',
        ],
      },
    },
    {
      name: 'nodes-are-independent',
      severity: 'error',
      from: { path: '\\.node\\.ts$' },
      to: { path: '\\.node\\.ts$' },
    },
    {
      name: 'nodes-know-no-host',
      comment: 'What an author of nodes lacks belongs into @assent/engine itself.',
      severity: 'error',
      from: { path: '\\.node\\.ts$' },
      to: { path: '^packages/engine/src/(?!index\\.ts$)' },
    },
    {
      name: 'only-tests-start-servers',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['\\.test\\.tsx?$', '^packages/[^/]+/walks/', '^packages/test-servers/'] },
      to: { path: '^packages/test-servers/' },
    },
    {
      name: 'conformance-speaks-http',
      comment: 'What stands around Assent, such as a database, is no part of it: the suites may start that.',
      severity: 'error',
      from: { path: '^conformance' },
      to: { path: '^packages/', pathNot: '^packages/test-servers/' },
    },
    {
      name: 'no-undeclared-dependency',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '\\.test(-d)?\\.tsx?$|/testing/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown'],
        // One that is optional has two types: of a peer, and of a package that need not be there.
        dependencyTypesNot: ['npm-peer'],
        // `?url` asks the bundler for the address of a file: there is nothing to resolve.
        pathNot: '\\.wasm\\?url$',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: {
      conditionNames: ['@assent/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};

import { heldVersions, testedVersions } from './versions.mjs';

// The package.json of what is published, made of those of our packages: nothing in it is written twice.

/** What an installed package may be imported as; whatever else the command line exports is our own affair. */
export const ENTRIES = ['.', './engine', './nodes', './testing'];

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const isOurs = (name) => name === 'assent' || name.startsWith('@assent/');

/** Throws where two packages want different versions, or one that is not exact. */
const merge = (manifests, field) => {
  const all = {};
  for (const manifest of manifests) {
    for (const [name, version] of Object.entries(manifest[field] ?? {})) {
      if (isOurs(name)) continue;
      if (!/^\d+\.\d+\.\d+$/.test(version))
        throw new Error(`${manifest.name} wants ${name} ${version}: say one version.`);
      if (all[name] !== undefined && all[name] !== version)
        throw new Error(`${name} is wanted in the versions ${all[name]} and ${version}.`);
      all[name] = version;
    }
  }
  return all;
};

/**
 * @param {{
 *   command: any, manifests: readonly any[], imported: ReadonlySet<string>,
 *   imports: ReadonlyMap<string, { types: string }>, lock: { packages: Record<string, any> }
 * }} options the package.json of the command line and those of all packages that are shipped; the packages of others that they import; the
 * names by which their declarations import each other; the lockfile
 */
export const publishedManifest = ({ command, manifests, imported, imports, lock }) => {
  const wanted = merge(manifests, 'dependencies');
  const optional = { ...merge(manifests, 'peerDependencies'), ...merge(manifests, 'optionalDependencies') };
  const dependencies = Object.fromEntries(Object.entries(wanted).filter(([name]) => imported.has(name)));
  const undeclared = [...imported].filter((name) => dependencies[name] === undefined && optional[name] === undefined);
  if (undeclared.length > 0) throw new Error(`Imported, and declared by no package: ${undeclared.join(', ')}.`);
  const names = Object.keys(dependencies);
  const tested = testedVersions(lock, names);
  const held = heldVersions(tested, lock, names);
  const inPackage = (entry) => ({
    types: entry.types.replace('./', './packages/cli/'),
    default: entry.default.replace('./', './packages/cli/'),
  });
  const manifest = {
    name: 'assent',
    version: command.version,
    description: 'A self-hosted login server whose users say yes with their phone.',
    keywords: ['login', 'mfa', 'push', 'authentication', 'openid-connect', 'pingam', 'forgerock'],
    license: command.license,
    type: command.type,
    engines: command.engines,
    bin: { assent: 'packages/cli/bin/assent.cjs' },
    exports: {
      ...Object.fromEntries(ENTRIES.map((path) => [path, inPackage(command.exports[path])])),
      './package.json': './package.json',
    },
    imports: sorted(Object.fromEntries(imports)),
    // Also what those ask for by a range: a lock file is not looked at where it is inside of what is installed (ADR 102).
    dependencies: sorted({ ...dependencies, ...held.dependencies }),
    optionalDependencies: sorted(held.optionalDependencies),
    // Optional all of them: npm installs none by itself, and whoever needs one is told which.
    peerDependencies: sorted(optional),
    peerDependenciesMeta: sorted(Object.fromEntries(Object.keys(optional).map((name) => [name, { optional: true }]))),
  };
  return { manifest, tested };
};

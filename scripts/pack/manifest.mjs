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
 *   imports: ReadonlyMap<string, { types: string }>, overrides?: Readonly<Record<string, string>>
 * }} options the package.json of the command line and those of all packages that are shipped; the packages of others that they import; the
 * names by which their declarations import each other; the versions that the workspace holds packages of others to, whoever asks for them
 */
export const publishedManifest = ({ command, manifests, imported, imports, overrides = {} }) => {
  const wanted = merge(manifests, 'dependencies');
  const optional = { ...merge(manifests, 'peerDependencies'), ...merge(manifests, 'optionalDependencies') };
  const dependencies = Object.fromEntries(Object.entries(wanted).filter(([name]) => imported.has(name)));
  const undeclared = [...imported].filter((name) => dependencies[name] === undefined && optional[name] === undefined);
  if (undeclared.length > 0) throw new Error(`Imported, and declared by no package: ${undeclared.join(', ')}.`);
  const inPackage = (entry) => ({
    types: entry.types.replace('./', './packages/cli/'),
    default: entry.default.replace('./', './packages/cli/'),
  });
  return {
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
    // npm looks at `overrides` of the root alone, which is not us there. What we ask for ourselves stands beside us, and is taken by whoever
    // needs it in any version.
    dependencies: sorted({ ...merge([{ name: 'overrides', overrides }], 'overrides'), ...dependencies }),
    // Optional all of them: npm installs none by itself, and whoever needs one is told which.
    peerDependencies: sorted(optional),
    peerDependenciesMeta: sorted(Object.fromEntries(Object.keys(optional).map((name) => [name, { optional: true }]))),
  };
};

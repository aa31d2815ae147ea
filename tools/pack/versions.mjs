// What installs with the package beside its own dependencies, in the versions that the lockfile has: those that it was tested with.

const NAME_AT_END = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/;
const nameOf = (path) => NAME_AT_END.exec(path)?.[1] ?? path;
const isExact = (range) => /^\d+\.\d+\.\d+$/.test(range);

/** Where a package that is installed at `from` finds another one: beside it, or further up. */
const find = (packages, from, name) => {
  for (let folder = from; ; folder = folder.replace(NAME_AT_END, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
};

/** What a package has npm install, with the range that it names; whatever is there only for some systems may be missing. */
const wantedBy = ({ dependencies = {}, optionalDependencies = {} }) => [
  ...Object.entries(dependencies).map(([name, range]) => ({ name, range, isOptional: false })),
  ...Object.entries(optionalDependencies).map(([name, range]) => ({ name, range, isOptional: true })),
];

/**
 * All that is installed with these dependencies, by name: the versions in the lockfile, whether some of it names a range, and whether it can be
 * left out.
 *
 * @param {{ packages: Record<string, any> }} lock
 * @param {readonly string[]} names those that the root of the lockfile finds
 * @returns {Map<string, { versions: Set<string>, isRanged: boolean, isOptional: boolean }>}
 */
export const testedVersions = ({ packages }, names) => {
  const found = new Map();
  const seen = new Set();
  const waiting = names.map((name) => ({ from: '', name, range: '0.0.0', isOptional: false }));
  for (let it = waiting.pop(); it !== undefined; it = waiting.pop()) {
    const path = find(packages, it.from, it.name);
    if (path === undefined && it.isOptional) continue;
    if (path === undefined) throw new Error(`${it.from} needs ${it.name}, which the lockfile has not.`);
    const entry = packages[path];
    const known = found.get(it.name) ?? { versions: new Set(), isRanged: false, isOptional: true };
    known.versions.add(entry.version);
    known.isRanged ||= !isExact(it.range);
    known.isOptional &&= it.isOptional;
    found.set(it.name, known);
    if (seen.has(path)) continue;
    seen.add(path);
    waiting.push(...wantedBy(entry).map((wanted) => ({ ...wanted, from: path })));
  }
  return found;
};

/**
 * What a package has to name beside its own dependencies so that nothing of them is newer tomorrow: whatever any of them asks for by a range. Of
 * what is there in two versions one alone can be named, that which lies at the top here.
 *
 * @param {ReturnType<typeof testedVersions>} tested
 * @param {{ packages: Record<string, any> }} lock
 * @param {readonly string[]} names its own dependencies
 */
export const heldVersions = (tested, { packages }, names) => {
  const dependencies = {};
  const optionalDependencies = {};
  for (const [name, { versions, isRanged, isOptional }] of tested) {
    if (!isRanged || names.includes(name)) continue;
    const top = packages[`node_modules/${name}`]?.version;
    const [only] = versions;
    (isOptional ? optionalDependencies : dependencies)[name] = versions.has(top) ? top : only;
  }
  return { dependencies, optionalDependencies };
};

/**
 * How an installation differs from what was tested, in words.
 *
 * @param {ReturnType<typeof testedVersions>} tested
 * @param {{ packages: Record<string, any> }} installed as npm writes it down in `node_modules`
 */
export const strayVersions = (tested, { packages }) =>
  Object.entries(packages).flatMap(([path, { version }]) => {
    const name = nameOf(path);
    const versions = tested.get(name)?.versions ?? new Set();
    // Of two versions the other is what npm finds in its range.
    if (name === 'assent' || versions.has(version) || versions.size > 1) return [];
    return [`${path} is ${version}, and was tested ${versions.size === 0 ? 'without' : `as ${[...versions].join()}`}`];
  });

import { createHash } from 'node:crypto';

// CycloneDX 1.6 of what is installed with the package, read from our lock file: `npm sbom` reads what is installed here, which is what we
// develop with, and gives each run a number and a time of its own.

const purlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** SRI has base64, CycloneDX hex. */
const hashOf = (integrity) => {
  const [, algorithm = '', digest = ''] = /^(sha\d+)-(.+)$/.exec(integrity) ?? [];
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
};

const licencesOf = (licence) =>
  /^[\w.+-]+$/.test(licence) ? [{ license: { id: licence } }] : [{ expression: licence.replace(/^\(|\)$/g, '') }];

/** Where Node finds a package that another one imports: beside it, or beside one that it lies in. */
const placeOf = (packages, from, name) => {
  for (let at = from; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = `${at}/node_modules/${name}`;
    if (packages[place] !== undefined) return place;
  }
  const place = `node_modules/${name}`;
  return packages[place] === undefined ? undefined : place;
};

/**
 * Everything that the package needs, with what that needs: a component each, and who needs whom. What is optional and for another system
 * is in, too, and what is a peer that nobody is made to install is not.
 *
 * @param {{ lock: any, manifest: any, sha256: string, inside?: readonly string[] }} options `inside` is what the program has in it, and is
 * not installed beside it
 */
export const billOfMaterials = ({ lock: { packages }, manifest, sha256, inside = [] }) => {
  const components = new Map();
  const dependencies = new Map();
  const visit = (from, names) =>
    names.flatMap((name) => {
      const place = placeOf(packages, from, name);
      if (place === undefined) return [];
      const { version, integrity, license, optional, dependencies: needs, optionalDependencies } = packages[place];
      const ref = purlOf(name, version);
      if (!components.has(ref)) {
        components.set(ref, {
          type: 'library',
          'bom-ref': ref,
          name,
          version,
          scope: optional ? 'optional' : 'required',
          hashes: [hashOf(integrity)],
          licenses: licencesOf(license),
          purl: ref,
        });
        dependencies.set(ref, visit(place, Object.keys({ ...needs, ...optionalDependencies })));
      }
      return [ref];
    });
  const own = purlOf(manifest.name, manifest.version);
  const needed = [...new Set([...Object.keys(manifest.dependencies), ...inside])];
  const direct = visit('', needed);
  const missing = needed.length - direct.length;
  if (missing > 0) throw new Error(`${missing} dependencies of the package are not in the lock file.`);
  dependencies.set(own, direct);

  const byName = (a, b) => (a < b ? -1 : 1);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // Of what is described, and not of the moment: the same release has the same number.
    serialNumber: `urn:uuid:${createHash('sha256')
      .update(sha256)
      .digest('hex')
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: manifest.name,
        version: manifest.version,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: licencesOf(manifest.license),
        purl: own,
      },
    },
    components: [...components.values()].sort((a, b) => byName(a.purl, b.purl)),
    dependencies: [...dependencies]
      .map(([ref, dependsOn]) => ({ ref, dependsOn: [...new Set(dependsOn)].sort(byName) }))
      .sort((a, b) => byName(a.ref, b.ref)),
  };
};

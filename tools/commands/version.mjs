import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readChangesets, sectionOf } from '../release/changes.mjs';
import { runCommand } from '../workspace.mjs';

/**
 * `npm run tools -- version`: gives all packages their next version, and turns the changesets into a section of the one changelog. Changesets
 * itself would write a changelog for each package, of which nobody installs one alone.
 */
const root = process.cwd();
const changesets = readChangesets(root);
if (changesets.length === 0) throw new Error('There is no changeset: nothing that somebody notices has changed.');

const packageFile = join(root, 'package.json');
const versionOf = (file) => JSON.parse(readFileSync(file, 'utf8')).version;
const bin = new URL('../../node_modules/@changesets/cli/bin.js', import.meta.url);
await runCommand(process.execPath, [bin.pathname, 'version'], { cwd: root });
const before = versionOf(packageFile);
const version = versionOf(join(root, 'packages/cli/package.json'));
const workspace = readFileSync(packageFile, 'utf8');
writeFileSync(packageFile, workspace.replace(`"version": "${before}"`, `"version": "${version}"`));

// What the server says of itself; the manifests are not there to be read in every place that it runs in.
const product = join(root, 'packages/server/src/platform/product.ts');
if (existsSync(product)) {
  const source = readFileSync(product, 'utf8');
  writeFileSync(product, source.replace(`version: '${before}'`, `version: '${version}'`));
}

const changelog = join(root, 'CHANGELOG.md');
const text = readFileSync(changelog, 'utf8');
const at = text.indexOf('\n## ');
const [head, older] = at < 0 ? [text.trimEnd(), ''] : [text.slice(0, at).trimEnd(), text.slice(at)];
writeFileSync(changelog, `${head}\n\n${sectionOf(version, changesets)}${older}`);
console.log(`${version}, of ${changesets.length} changesets. Now: npm install --package-lock-only`);

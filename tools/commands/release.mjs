import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { optionsOf, say } from '../options.mjs';
import { billOfMaterials } from '../release/bill-of-materials.mjs';
import { nextVersion, readChangesets, sectionOf, writtenSection } from '../release/changes.mjs';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT } from '../workspace.mjs';

const USAGE = `npm run tools -- release --dry-run [--to FOLDER]
  Makes what a release consists of, in dist/release where nothing else is said, and tells what would be signed and published: the package,
  its sums, its bill of materials and its section of the changelog. Nothing leaves this machine.`;

const { given, refuse } = optionsOf(USAGE, {
  'dry-run': { type: 'boolean', default: false },
  to: { type: 'string', default: join(ROOT, 'dist/release') },
});
if (!given['dry-run']) {
  refuse(
    'A release is published by a public CI alone, whose identity signs it and is its provenance; this repository has none. Say --dry-run.',
  );
}

const sha256Of = (text) => createHash('sha256').update(text).digest('hex');

/** Packed twice, since whoever checks a release makes it again and compares. */
const packTwice = async (folder) => {
  const { packTo } = await import('../pack/tarball.mjs');
  const again = mkdtempSync(join(tmpdir(), 'assent-release-'));
  try {
    const [first, second] = [await packTo(folder), await packTo(again)];
    const [bytes, others] = [readFileSync(first.path), readFileSync(second.path)];
    if (!bytes.equals(others)) throw new Error('Two packages that were made of the same build differ.');
    return { ...first, sha256: sha256Of(bytes) };
  } finally {
    rmSync(again, { recursive: true, force: true });
  }
};

/** The section of the changelog, and whether it is written yet: `npm run tools -- version` does that, and is a commit of its own. */
const changesOf = (version) => {
  const pending = readChangesets(ROOT);
  const section = writtenSection(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version);
  if (pending.length === 0 && section !== undefined) return { isWritten: true, section };
  return { isWritten: false, section: sectionOf(nextVersion(version, pending), pending) };
};

const release = async () => {
  await ensureReady({ say });
  await ensureDeclarations({ say });
  mkdirSync(given.to, { recursive: true });
  const { path, version, size, sha256, manifest } = await packTwice(given.to);
  const { isWritten, section } = changesOf(version);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { INSIDE } = await import('../bundle.mjs');
  const bill = billOfMaterials({ lock, manifest, sha256, inside: INSIDE });
  const files = [
    [`assent-${version}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`],
    ['CHANGES.md', section],
  ];
  for (const [name, text] of files) writeFileSync(join(given.to, name), text);
  const sums = [[basename(path), sha256], ...files.map(([name, text]) => [name, sha256Of(text)])];
  writeFileSync(join(given.to, 'SHA256SUMS'), sums.map(([name, sum]) => `${sum}  ${name}\n`).join(''));

  console.log(`${given.to}
  ${basename(path)}  ${(size / 1e6).toFixed(2)} MB, the same bytes in two runs
  assent-${version}.cdx.json  ${bill.components.length} components (CycloneDX ${bill.specVersion})
  CHANGES.md  ${section.split('\n- ').length - 1} changes
  SHA256SUMS
What a public CI would do with these:
  cosign sign-blob --yes --bundle SHA256SUMS.sigstore.json SHA256SUMS
  npm publish ${basename(path)} --provenance --access public`);
  if (!isWritten) {
    console.log(
      `Not yet: CHANGES.md shows what is to come. \`npm run tools -- version\` gives it its version, and is committed first.`,
    );
  }
};

try {
  await release();
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Nothing was made: ${error.message}.\n${error.output}`);
  process.exitCode = 1;
}

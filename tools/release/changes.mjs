import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The changesets of a repository, in the order of their names: what each says, and which part of the version it raises. */
export const readChangesets = (root) => {
  const directory = join(root, '.changeset');
  const names = readdirSync(directory).filter((name) => name.endsWith('.md') && name !== 'README.md');
  return names.sort().map((name) => {
    const text = readFileSync(join(directory, name), 'utf8');
    const [, head = '', summary = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
    return {
      summary: summary.trim().replaceAll('\n', '\n  '),
      bumps: [...head.matchAll(/: (major|minor|patch)$/gm)].map(([, bump]) => bump),
    };
  });
};

/** What the version of all packages becomes by these changesets: the highest part that one of them raises. */
export const nextVersion = (version, changesets) => {
  const bumps = new Set(changesets.flatMap((it) => it.bumps));
  const [major, minor, patch] = version.split('.').map(Number);
  if (bumps.has('major')) return `${major + 1}.0.0`;
  if (bumps.has('minor')) return `${major}.${minor + 1}.0`;
  return bumps.has('patch') ? `${major}.${minor}.${patch + 1}` : version;
};

/** The section of the changelog for a version. */
export const sectionOf = (version, changesets) =>
  `## ${version}\n\n${changesets.map(({ summary }) => `- ${summary}`).join('\n')}\n`;

/** The section that the changelog has for that version already; undefined without one. */
export const writtenSection = (changelog, version) => {
  const at = changelog.indexOf(`\n## ${version}\n`);
  if (at < 0) return undefined;
  const end = changelog.indexOf('\n## ', at + 1);
  return `${changelog.slice(at + 1, end < 0 ? undefined : end).trimEnd()}\n`;
};

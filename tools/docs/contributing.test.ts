import { execSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.mjs';

// Whoever begins types what stands in the guide: each command is run, here or where it is said below.

const GUIDE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

const commands = [...GUIDE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));

/** Commands that this run has run before it came here, or that another test runs in a copy. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci': 'tools/commands/test.mjs, where it is due',
  'npm run build': 'tools/commands/test.mjs',
  'npm run check': 'tools/commands/test.mjs, step by step',
  'npm run check -- boundaries unused': 'tools/commands/test.mjs',
  'npm run docs': 'tools/docs/generated.test.ts compares what it writes',
  'npm run site': 'conformance/docs-site, into another folder',
  'npm run new:node "Office Hours"': 'tools/commands/new-node.test.ts',
};

test('the guide has commands, and each that is said to be run elsewhere stands in it', () => {
  expect(commands.length).toBeGreaterThan(Object.keys(RUN_ELSEWHERE).length);
  expect(Object.keys(RUN_ELSEWHERE).filter((it) => !commands.includes(it))).toEqual([]);
});

/** Commands that run some tests, each by the paths and the part of a name that it gives to Vitest. */
const runs = commands
  .filter((it) => RUN_ELSEWHERE[it] === undefined)
  .map((command) => {
    const [paths = '', named] = command.replace('npx vitest run ', '').split(' -t ');
    return { command, paths: paths.split(' '), named };
  });

test.each(runs)('$command: names tests that are there, which all run beside this one', ({ paths, named }) => {
  for (const path of paths) {
    const files = statSync(join(ROOT, path)).isFile()
      ? [path]
      : readdirSync(join(ROOT, path)).map((name) => join(path, name));
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    expect(tests).not.toEqual([]);
    for (const file of tests) expect(readFileSync(join(ROOT, file), 'utf8')).toContain(named ?? 'test(');
  }
});

test('the command that names a part of a test runs as it stands', () => {
  const command = runs.find(({ named }) => named !== undefined)?.command ?? '';
  const printed = execSync(command, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  // It has a line of how many passed.
  expect(printed).toMatch(/^[1-9]\d* passed, 0 failed/m);
});

test('the changeset that the guide shows is one', () => {
  const [, example = ''] = /^## Changesets\n[\s\S]*?^```\w+\n([\s\S]*?)^```$/m.exec(GUIDE) ?? [];
  expect(example).toMatch(/^---\n'@assent\/\w+': (?:patch|minor)\n---\n\n\S.*\n$/);
});

test('every path that the guide names is there', () => {
  const rooms = readdirSync(join(ROOT, 'packages/server/src'));
  const named = [...GUIDE.matchAll(/`((?:[\w-]+|\.changeset)\/[^`\s<*]*)`/g)]
    .map(([, path = '']) => (rooms.includes(path.split('/')[0] ?? '') ? `packages/server/src/${path}` : path))
    .filter((path) => !path.includes('NNNN') && path !== 'testing/' && path !== 'texts/');
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKS } from './checks/all-checks.mjs';
import { COMMANDS, listed } from './commands.mjs';
import { trackedFiles } from './docs/tracked-files.mjs';
import { ROOT } from './workspace.mjs';

const tools = Object.keys(COMMANDS);
const checks = [...Object.keys(CHECKS), 'unit'];
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const files = trackedFiles() as readonly string[];
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'tools/run.mjs'), ...args], { encoding: 'utf8' });

test('package.json has at most 15 scripts, and each runs a tool by the entry point', () => {
  expect(Object.keys(scripts).length).toBeLessThanOrEqual(15);
  const { tools: entry, ...named } = scripts;
  expect(entry).toBe('node tools/run.mjs');
  for (const [name, script] of Object.entries(named)) {
    expect(script).toMatch(new RegExp(` tools/run\\.mjs ${name.replace(':', '-')}$`));
    expect(tools).toContain(name.replace(':', '-'));
  }
});

test('every program of a tool is listed, and every listed tool has its program', () => {
  const programs = readdirSync(join(ROOT, 'tools/commands')).filter((name) => name.endsWith('.mjs'));
  expect(programs.map((name) => name.replace('.mjs', '')).sort()).toEqual([...tools].sort());
});

test('the entry point prints one line for each tool without a name', () => {
  const { status, stdout } = run();
  expect(status).toBe(0);
  expect(stdout).toBe(`${listed()}\n`);
  for (const [name, does] of Object.entries(COMMANDS)) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +\\S.*\\.$`, 'm'));
    expect(`${name}${does}`.length).toBeLessThan(110);
  }
});

test.each([
  ['fautls', 'There is no tool "fautls". Did you mean "faults"? `npm run tools` lists all tools.'],
  ['check:package', 'There is no tool "check:package". Did you mean "check-package"?'],
  ['constructor', 'There is no tool "constructor".'],
  ['../run', 'There is no tool "../run".'],
])('the entry point refuses the unknown name %s and names the nearest tool', (name, error) => {
  const { status, stdout, stderr } = run(name);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(error);
});

test('an unknown check is refused with the nearest one and a list of all', () => {
  const { status, stderr } = run('check', 'boundries');
  expect(status).toBe(2);
  expect(stderr).toBe(
    `There is no check "boundries". Did you mean "boundaries"? The checks are ${checks.join(', ')}.\n`,
  );
});

/** What follows each match in the tracked text files, with the file. */
const namedBy = (command: RegExp) =>
  files
    .filter((file) => /(\.(md|tsx?|mjs|c?js|json|ya?ml|html)|Dockerfile|\.ci\/run)$/.test(file))
    .filter((file) => !file.endsWith('package-lock.json'))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(command)].map(([, name = '']) => ({ file, name })),
    );

test('every npm script that a page or a comment names is in package.json', () => {
  const named = namedBy(/npm run ([a-z][a-z:-]*)/g);
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(({ name }) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('every tool that a page or a comment names is listed', () => {
  const named = namedBy(/(?:npm run tools --|node tools\/run\.mjs) ([a-z][a-z:-]*)/g);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ name }) => !tools.includes(name))).toEqual([]);
});

test('every check that a page or a comment names is one', () => {
  const named = namedBy(/npm run check -- ([a-z -]+)/g).flatMap(({ file, name }) =>
    name
      .trim()
      .split(' ')
      .map((check) => ({ file, check })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ check }) => !checks.includes(check))).toEqual([]);
});

test('the README says what each folder of the top level is', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const folders = [...new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))];
  expect(folders.length).toBeGreaterThan(5);
  expect(folders.filter((folder) => !new RegExp(`^\\| \\[?\`${folder}\``, 'm').test(readme))).toEqual([]);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCustomNodes } from './custom-nodes.ts';

const directoryWith = (file: string, text: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-nodes-'));
  writeFileSync(join(directory, file), text);
  return directory;
};

test('a module that does not exist is refused by name', async () => {
  const directory = directoryWith('other.mjs', '');
  await expect(loadCustomNodes(['./missing.mjs'], directory)).rejects.toMatchObject({
    // By this name the command line tells it from a fault.
    name: 'CustomNodesRefused',
    message: expect.stringMatching(/^The module \.\/missing\.mjs \(setting nodes\) cannot be loaded: .*$/),
  });
});

test('a module without a node definition is refused', async () => {
  const directory = directoryWith('empty.mjs', 'export const answer = 42;');
  await expect(loadCustomNodes(['./empty.mjs'], directory)).rejects.toThrow('exports no node definition');
});

test('definitions are found by a path relative to the working directory', async () => {
  const text = `export const greet = { type: 'GreetNode', process() {}, outcomesOf: () => ({}) }; export const other = 1;`;
  const directory = directoryWith('mine.mjs', text);
  const [definition, ...rest] = await loadCustomNodes(['./mine.mjs'], directory);
  expect(definition?.type).toBe('GreetNode');
  expect(rest).toEqual([]);
});

test('the node of the README is loaded as it stands there', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');
  const [, code = ''] = /## Write a node.*?```ts\n(.*?)```/s.exec(readme) ?? [];
  // Beside our packages, where it finds them as in a clone.
  const directory = mkdtempSync(join(import.meta.dirname, '../readme-node-'));
  try {
    writeFileSync(join(directory, 'office-hours.mjs'), code);
    const [definition] = await loadCustomNodes(['./office-hours.mjs'], directory);
    expect(definition).toMatchObject({ type: 'OfficeHoursNode', title: 'Office Hours' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

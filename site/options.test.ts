import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Refused, readOptions } from './options.ts';

const root = mkdtempSync(join(tmpdir(), 'assent-site-'));
afterAll(() => rmSync(root, { recursive: true }));

test('without options the site goes to site/dist, and shows the files of the repository itself', () => {
  expect(readOptions([], root)).toEqual({ root, output: join(root, 'site/dist'), basePath: '/' });
});

test('a folder that has a site, or the rest of one, is written anew; one that has anything else is refused', () => {
  const output = join(root, 'output');
  mkdirSync(join(output, 'assets'), { recursive: true });
  writeFileSync(join(output, 'thesis.txt'), 'years of work');
  expect(() => readOptions(['--output', output], root)).toThrow(`--output: ${output} holds other files than a site`);
  writeFileSync(join(output, 'assets/pages-0123abcd.js'), '');
  expect(readOptions(['--output', output], root)).toMatchObject({ output });
});

test.each([
  [['--source-url', 'git.example.com/'], '--source-url: begin with https://'],
  [['--source-url', 'https://git.example.com/blob/main'], 'end with a slash'],
  [['--source-url', 'javascript:alert(1)/'], '--source-url'],
  [['--base-path', 'docs/'], '--base-path: begin and end with a slash'],
  [['--base-path', '/"><script>/'], '--base-path'],
  [['--colour', 'red'], '--colour'],
  [['docs'], 'docs'],
] as const)('%j is refused with what it takes', (args, reason) => {
  expect(() => readOptions(args, root)).toThrow(Refused);
  expect(() => readOptions(args, root)).toThrow(reason);
});

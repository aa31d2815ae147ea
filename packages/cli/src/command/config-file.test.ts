import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFileReader } from './config-file.ts';

const directoryWith = (files: Readonly<Record<string, string>>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-config-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

test('a file that was named and is not there is refused by name', async () => {
  await expect(configFileReader(directoryWith({}))('mine.json')).rejects.toMatchObject({
    code: 'SETTINGS_REFUSED',
    message: expect.stringMatching(/^The configuration file mine\.json cannot be read/),
  });
});

test.each([
  ['a.json', '{'],
  ['a.mjs', 'export default {'],
])('%s with a broken text is refused by name', async (name, text) => {
  await expect(configFileReader(directoryWith({ [name]: text }))(name)).rejects.toMatchObject({
    message: expect.stringContaining(name),
  });
});

test('two default files are refused, since only one can be meant', async () => {
  const directory = directoryWith({ 'assent.config.json': '{}', 'assent.config.mjs': 'export default {}' });
  await expect(configFileReader(directory)(undefined)).rejects.toMatchObject({
    message: 'There are assent.config.json and assent.config.mjs, and only one of them can be meant.',
  });
  await expect(configFileReader(directory)('assent.config.json')).resolves.toBeDefined();
});

test('no default file is fine', async () => {
  expect(await configFileReader(directoryWith({}))(undefined)).toBeUndefined();
});

test.each([
  ['assent.config.json', '{ "port": 1 }'],
  ['assent.config.mjs', 'export default { port: 1 };'],
])('%s is read without being named', async (file, text) => {
  expect(await configFileReader(directoryWith({ [file]: text }))(undefined)).toEqual({ file, values: { port: 1 } });
});

test.each([
  ['mine.json', '{\n  "port": 1,\n  "adminPassword": Very-Secret-1\n}', /it is no JSON, in line 3$/],
  ['mine.json', '{\n  "masterKey": "Very-Secret-1" "port": 1\n}', /it is no JSON, in line 2$/],
  ['mine.json', '{"adminPassword": "Very-Secret-1', /it is no JSON/],
  ['mine.mjs', 'export default { adminPassword: VerySecret };', /no module of JavaScript \(ReferenceError\)/],
])(
  'what is wrong with %s is told without what stands there, which the log says, too (SEC-79)',
  async (name, text, message) => {
    const error = await configFileReader(directoryWith({ [name]: text }))(name).catch((it: unknown) => it);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/Very|Secret/);
  },
);

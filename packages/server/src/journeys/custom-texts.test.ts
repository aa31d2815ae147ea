import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCatalogue } from '@assent/nodes';
import { expect, test } from 'vitest';
import { textCatalogue } from './custom-texts.ts';

const pushWait = nodeCatalogue.get('PushWaitNode');
if (pushWait === undefined) throw new TypeError('The catalogue has no Push Wait.');

const directoryWith = (files: Readonly<Record<string, string>>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-texts-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};
const exitText = (files: Readonly<Record<string, string>>, ...preferred: string[]): string =>
  textCatalogue(directoryWith(files), nodeCatalogue).text(pushWait, 'exit', preferred);

test.each([
  ['texts that are not JSON', { 'de.json': '{' }, 'de.json is not valid JSON'],
  ['a list', { 'de.json': '[]' }, 'one object of texts'],
  ['a key that no node has', { 'de.json': '{"PushWaitNode.exti":"Raus"}' }, '"PushWaitNode.exti" is no key'],
  ['a value that is no text', { 'de.json': '{"PushWaitNode.exit":1}' }, '"PushWaitNode.exit" has to be a text'],
  ['an empty text', { 'de.json': '{"PushWaitNode.exit":" "}' }, '"PushWaitNode.exit" has to be a text'],
  ['a file for no language', { 'xx-nowhere.json': '{}' }, 'not named for a language'],
])('%s are refused at start', (_, files, message) => {
  expect(() => textCatalogue(directoryWith(files), nodeCatalogue)).toThrow(message);
});

test("an operator's text stands before ours, in that language only", () => {
  const files = { 'de.json': '{"PushWaitNode.exit":"Raus hier"}' };
  expect(exitText(files, 'de-AT')).toBe('Raus hier');
  expect(exitText(files, 'en')).toBe('Cancel');
});

test('English texts can be replaced, and a language that we do not ship can be added', () => {
  expect(exitText({ 'en.json': '{"PushWaitNode.exit":"Leave"}' }, 'en-GB')).toBe('Leave');
  expect(exitText({ 'pt_br.json': '{"PushWaitNode.exit":"Sair"}' }, 'pt-BR')).toBe('Sair');
});

test('a directory that is not there is no mistake', () => {
  expect(textCatalogue('/nowhere/texts', nodeCatalogue).text(pushWait, 'exit', ['en'])).toBe('Cancel');
});

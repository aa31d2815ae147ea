import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureReference, ROOT } from '../workspace.mjs';
import { GENERATED_FOLDERS, generatedFiles } from './generated.mjs';

let generated: ReadonlyMap<string, string>;

// The API reports are made of what was built, which may be older than the sources.
beforeAll(async () => {
  await ensureReference();
  generated = generatedFiles();
}, 900_000);

test('what is committed of the generated docs is what they are generated from (npm run docs)', () => {
  for (const [path, text] of generated) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text);
});

test('a folder of generated docs holds nothing else', () => {
  for (const folder of GENERATED_FOLDERS) {
    const committed = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
    expect(committed.sort()).toEqual([...generated.keys()].filter((path) => path.startsWith(`${folder}/`)).sort());
  }
});

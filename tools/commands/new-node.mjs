import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCatalogueEntry, withText } from '../new-node/entries.mjs';
import { namesOf, nodeSource, nodeTest, QUESTION } from '../new-node/template.mjs';
import { ensureReady, ensureReference, ROOT, runTool } from '../workspace.mjs';

/** `npm run new:node "Office Hours" [folder]`: a node with its test, texts, entry in the catalogue and page of the reference. */
const SRC = join(ROOT, 'packages/nodes/src');
const [title = '', folder = 'utilities'] = process.argv.slice(2);

const change = (path, edit) => writeFileSync(path, edit(readFileSync(path, 'utf8')));

const makeNode = async () => {
  const names = namesOf(title);
  const file = join(SRC, folder, `${names.file}.node.ts`);
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (!folders.some(({ name }) => name === folder))
    throw new RangeError(`packages/nodes/src has no folder "${folder}".`);
  if (existsSync(file)) throw new RangeError(`${file} is there already.`);

  await ensureReady();
  change(join(SRC, 'catalogue.ts'), (text) => withCatalogueEntry(text, names, folder));
  const { en: _, ...translations } = QUESTION;
  for (const [tag, text] of Object.entries(translations)) {
    change(join(SRC, 'texts', `${tag}.ts`), (texts) => withText(texts, `${names.type}.question`, text));
  }
  writeFileSync(file, nodeSource(names));
  writeFileSync(file.replace(/\.ts$/, '.test.ts'), nodeTest(names));
  await runTool('@biomejs/biome/bin/biome', ['check', '--write', '--linter-enabled=false', SRC], { isQuiet: true });
  // Its page is generated of what was built.
  await ensureReference();
  const { writeGenerated } = await import('../docs/generated.mjs');
  await writeGenerated();
  return file.slice(ROOT.length + 1);
};

try {
  const file = await makeNode();
  console.log(`${file} asks a question until it is answered. Make it what it is to be, then:

  npx vitest run ${file.replace(/\.ts$/, '.test.ts')}
  npm run docs`);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
